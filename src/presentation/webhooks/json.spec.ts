import { NotJson, readJson } from './json.js';

const read = (text: string) => readJson(Buffer.from(text));

describe('readJson', () => {
  it.each(['', '   ', '{', 'hello', '<html></html>', "{'a':1}", 'a=1&b=2', '{"a":1} {"b":2}'])(
    'says of %j that it is not JSON',
    (text) => {
      expect(() => read(text)).toThrow(NotJson);
    },
  );

  it('says so of bytes that are no text', () => {
    expect(() => readJson(Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]))).toThrow(NotJson);
  });

  it('reads past a byte order mark', () => {
    expect(read('\uFEFF{"a":1}')).toEqual({ a: 1 });
  });

  it('keeps every digit of an integer that a double would bend', () => {
    expect(
      read('{"id":9223372036854775807,"in":[-9007199254740993],"big":1234567890123456789012345}'),
    ).toEqual({
      id: '9223372036854775807',
      in: ['-9007199254740993'],
      big: '1234567890123456789012345',
    });
  });

  it('leaves other numbers what they are, beside such an integer too', () => {
    expect(
      read('{"id":9223372036854775807,"ms":1772529480310,"at":59.957112345678901,"e":1e3}'),
    ).toEqual({ id: '9223372036854775807', ms: 1772529480310, at: 59.957112345678901, e: 1000 });
    expect(read('{"id":9007199254740991}')).toEqual({ id: 9007199254740991 });
  });

  it('keeps long digits inside texts as they are', () => {
    expect(read('{"text":"9223372036854775807"}')).toEqual({ text: '9223372036854775807' });
  });

  it('survives any nesting, and says that there is nothing it can read', () => {
    const depth = 200_000;
    const deep = '['.repeat(depth) + '9223372036854775807' + ']'.repeat(depth);
    expect(read(deep)).toBeUndefined();
    expect(() => read('{"a":'.repeat(depth) + '1' + '}'.repeat(depth))).not.toThrow();
  });
});
