import { parseJson, shown } from './json.ts';

const deep = parseJson('['.repeat(100_000) + ']'.repeat(100_000));

describe('shown', () => {
  it.each([
    ['text', 'text'],
    ['nothing', undefined],
    ['null', null],
    ['{"toString":1}', { toString: 1 }],
    ['9007199254740993', 9_007_199_254_740_993n],
    ['a value nested too deep', deep],
    ['a value nested too deep', { deep }],
  ])('says %s of any value', (expected, value) => {
    expect(shown(value)).toBe(expected);
  });
});
