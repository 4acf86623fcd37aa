import { toDate, toNumber, toText, toUrl, toWord } from './wire-values.js';

const AT = new Date('2026-11-20T12:00:00.000Z');

describe('toDate', () => {
  it.each([
    ['2026-02-03T09:20:41Z', '2026-02-03T09:20:41.000Z'],
    ['2026-02-03T09:20:41.123456789Z', '2026-02-03T09:20:41.123Z'],
    ['2026-02-03T12:15:07.000+0300', '2026-02-03T09:15:07.000Z'],
    ['2026-02-03T12:15:07+03:00', '2026-02-03T09:15:07.000Z'],
    ['2026-02-03T12:15:07+03', '2026-02-03T09:15:07.000Z'],
    ['2026-02-03T05:15:07-0400', '2026-02-03T09:15:07.000Z'],
    ['2026-02-03 09:20:41', '2026-02-03T09:20:41.000Z'],
    ['2026-02-03T09:20', '2026-02-03T09:20:00.000Z'],
    ['2026-02-03', '2026-02-03T00:00:00.000Z'],
    [1772529480, '2026-03-03T09:18:00.000Z'],
    [1772529480310, '2026-03-03T09:18:00.310Z'],
    ['1772529480', '2026-03-03T09:18:00.000Z'],
    ['1772529480310', '2026-03-03T09:18:00.310Z'],
    [1772529480.31, '2026-03-03T09:18:00.310Z'],
  ])('reads %j', (value, expected) => {
    expect(toDate(value, AT).toISOString()).toBe(expected);
  });

  it.each([
    undefined,
    null,
    '',
    'yesterday',
    '2026-13-45T09:20:41Z',
    '2026-02-03T25:61:00Z',
    0,
    -1,
    Number.NaN,
    true,
    {},
    [],
    '1999-12-31T23:59:59Z',
  ])('takes the time of arrival for %j', (value) => {
    expect(toDate(value, AT)).toBe(AT);
  });

  it('does not let a message come from the future, which would hold back those after it', () => {
    expect(toDate('2026-11-20T20:00:00Z', AT).toISOString()).toBe('2026-11-20T20:00:00.000Z');
    expect(toDate('2026-11-22T12:00:00Z', AT)).toBe(AT);
    expect(toDate(9_999_999_999_999, AT)).toBe(AT);
  });
});

describe('wire values', () => {
  it('are read as texts to the letter, or not at all', () => {
    expect(['a ', 5, null, undefined, true, {}, ['a']].map(toText)).toEqual([
      'a ',
      '5',
      '',
      '',
      '',
      '',
      '',
    ]);
  });

  it('are trimmed where they are names and ids, and absent where nothing is left', () => {
    expect([' a ', '  ', 16204400917].map(toWord)).toEqual(['a', undefined, '16204400917']);
  });

  it('are read as numbers from either spelling', () => {
    expect(['59.9571', 30.3, 'north', '', null].map(toNumber)).toEqual([
      59.9571,
      30.3,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each(['javascript:alert(1)', 'file:///etc/passwd', 'https://', '/shelf.jpg', 'shelf', 5])(
    'are no address when they are %j',
    (value) => {
      expect(toUrl(value)).toBeUndefined();
    },
  );
});
