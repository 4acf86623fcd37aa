import { wellFormed } from './well-formed.js';

describe('storable text', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['a\0b\0', 'ab'],
    ['\ud800', '\ufffd'],
    ['\udfff tail', '\ufffd tail'],
    ['\udc4b\ud83d', '\ufffd\ufffd'],
    ['\ud83d\0\udc4b', '👋'],
    ['👋 \u200b\u202e', '👋 \u200b\u202e'],
  ])('of %j is %j', (text, storable) => {
    expect(wellFormed(text)).toBe(storable);
    expect(wellFormed(text).isWellFormed()).toBe(true);
  });

  it('is made of every text in a value, names of fields too, and nothing else changes', () => {
    const at = new Date('2026-02-03T09:20:41Z');
    const raw = Buffer.from([0, 255, 0]);
    const value = {
      'ke\0y': ['a\0', { deep: '\ud800' }],
      at,
      raw,
      count: 3,
      isSet: true,
      nothing: null,
      missing: undefined,
    };
    const storable = wellFormed(value) as Record<string, unknown>;
    expect(storable).toEqual({
      key: ['a', { deep: '\ufffd' }],
      at,
      raw,
      count: 3,
      isSet: true,
      nothing: null,
      missing: undefined,
    });
    expect([storable['at'], storable['raw']]).toEqual([at, raw]);
    expect(value['ke\0y'][0]).toBe('a\0');
  });
});
