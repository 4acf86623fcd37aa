import { extensionOf, extensionOfType, plainType, typeOfName } from './file-types.js';

describe('the type of a file', () => {
  it.each([
    ['image/jpg', 'image/jpeg'],
    ['Image/PNG; charset=binary', 'image/png'],
    ['audio/ogg; codecs=opus', 'audio/ogg'],
    ['application/octet-stream', undefined],
    ['application/force-download', undefined],
    ['application/x-download', undefined],
    ['text/html; charset=utf-8', undefined],
    ['nonsense', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('in a header that says %s is %s', (header, type) => {
    expect(plainType(header)).toBe(type);
  });

  it('is told by a name, and a name is given the usual extension of a type', () => {
    expect(typeOfName('Фото 1.JPEG')).toBe('image/jpeg');
    expect(typeOfName('README')).toBeUndefined();
    expect(extensionOf('/a/b.tar.gz')).toBe('gz');
    expect(extensionOf('/a.b/c')).toBe('');
    expect(extensionOf('Прайс 20.11.2026')).toBe('');
    expect(extensionOf('film.7z')).toBe('7z');
    expect(extensionOfType('image/jpeg')).toBe('jpg');
    expect(extensionOfType('x/unknown')).toBe('');
  });
});
