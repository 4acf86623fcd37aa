import { dateIn, dig, idOf, numberIn, parseJson } from './json.js';

describe('JSON from outside', () => {
  it('keeps the digits of an integer beyond 2^53', () => {
    const parsed = parseJson('{"id":9007199254740993,"ids":[-9223372036854775808],"n":7}');
    expect(parsed).toEqual({ id: '9007199254740993', ids: ['-9223372036854775808'], n: 7 });
  });

  it('leaves long fractions and texts of digits alone', () => {
    expect(parseJson('{"lat":59.95710000000000001,"id":"00009007199254740993"}')).toEqual({
      lat: 59.9571,
      id: '00009007199254740993',
    });
  });

  it('has nothing where the text is no JSON', () => {
    expect(parseJson('<html>')).toBeUndefined();
    expect(parseJson('')).toBeUndefined();
  });

  it('reads ids as numbers and as texts', () => {
    expect([idOf(7), idOf('a-7'), idOf(''), idOf(null)]).toEqual([
      '7',
      'a-7',
      undefined,
      undefined,
    ]);
  });

  it('has a number where one is written, and nothing where none can be', () => {
    const object = parseJson('{"toString":1,"valueOf":1}');
    expect([7, '7', ' 7.5 ', '', 'seven', true, null, [7], object].map(numberIn)).toEqual([
      7,
      7,
      7.5,
      ...Array.from({ length: 6 }),
    ]);
    expect(numberIn(parseJson('1e400'))).toBeUndefined();
    expect(idOf(parseJson('1e400'))).toBeUndefined();
  });

  it('has a date where there can be one', () => {
    expect(dateIn(1_772_529_480_310)).toEqual(new Date('2026-03-03T09:18:00.310Z'));
    expect([undefined, 0, -1, 8_640_000_000_000_001, Number.NaN].map(dateIn)).toEqual(
      Array.from({ length: 5 }),
    );
  });

  it('digs through what is not there', () => {
    expect(dig({ a: { b: 1 } }, 'a', 'b')).toBe(1);
    expect(dig({ a: null }, 'a', 'b')).toBeUndefined();
    expect(dig('text', 'length')).toBeUndefined();
  });
});
