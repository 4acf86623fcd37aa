import { kindOf, toAttachment } from './attachment.mapper.js';

const FOLDER = 'https://files.example.test/acme';

describe('toAttachment', () => {
  it('takes name, size and type as they are said', () => {
    expect(
      toAttachment({
        url: `${FOLDER}/Zk3v0.pdf`,
        name: 'offer.pdf',
        size: '48211',
        mimeType: 'application/pdf',
      }),
    ).toEqual({
      url: `${FOLDER}/Zk3v0.pdf`,
      name: 'offer.pdf',
      sizeBytes: 48211,
      mimeType: 'application/pdf',
    });
  });

  it.each([
    [`${FOLDER}/%D0%B0%D0%BA%D1%82.pdf?Signature=y`, 'акт.pdf'],
    [`${FOLDER}/50%25%ZZ.pdf`, '50%25%ZZ.pdf'],
    [`${FOLDER}/`, undefined],
  ])('names a file by its address %s where nobody names it', (url, name) => {
    expect(toAttachment({ url, name: null })?.name).toBe(name);
  });

  it.each([0, '0', -5, 'big', null, {}])('does not know the size when it is %j', (size) => {
    expect(toAttachment({ url: `${FOLDER}/a.jpg`, size })).not.toHaveProperty('sizeBytes');
  });

  it.each(['', null, undefined, 'not an address', 'ftp://files.example.test/a.jpg', {}])(
    'makes nothing of the address %j',
    (url) => {
      expect(toAttachment({ url })).toBeUndefined();
    },
  );
});

describe('kindOf', () => {
  it.each([
    ['a.JPG', undefined, 'picture'],
    ['a.mp4', undefined, 'video'],
    ['a.ogg', undefined, 'voice'],
    ['a.mp3', undefined, 'audio'],
    ['a.pdf', undefined, 'file'],
    ['a', undefined, 'file'],
    ['a.bin', 'image/webp', 'picture'],
    ['a.bin', 'audio/ogg; codecs=opus', 'voice'],
    ['a.bin', 'audio/mpeg', 'audio'],
    ['a.mp4', 'application/pdf', 'video'],
  ])('tells %s of type %s to be a %s', (name, mimeType, kind) => {
    expect(kindOf({ url: `${FOLDER}/x`, name, mimeType })).toBe(kind);
  });

  it('looks at the address where the name has no extension', () => {
    expect(kindOf({ url: `${FOLDER}/Zk3v0.webp?x=a.pdf`, name: 'photo' })).toBe('picture');
  });
});
