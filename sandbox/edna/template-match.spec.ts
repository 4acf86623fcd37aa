import { fits } from './template-match.ts';

describe('a pattern', () => {
  it.each([
    ['Order {{1}} is ready', 'Order 118 is ready'],
    ['Order {{1}} is ready', 'Order 118 is ready is ready'],
    ['{{1}}, your parcel {{2}} arrives on {{3}}.', 'Anna, your parcel 118 arrives on 4 March.'],
    ['{{1}}{{2}}', 'ab'],
    ['{{1}}', 'two\nlines'],
    ['Price (net): {{1}} $', 'Price (net): 5 $'],
    ['no placeholder', 'no placeholder'],
  ])('%j fits %j', (pattern, text) => {
    expect(fits(pattern, text)).toBe(true);
  });

  it.each([
    ['Order {{1}} is ready', 'Order  is ready?'],
    ['Order {{1}} is ready', 'Order is ready'],
    ['Order {{1}} is ready', 'order 118 is ready'],
    ['Order {{1}} is ready', 'Order 118 is ready!'],
    ['Order {{1}} is ready', 'Dear, Order 118 is ready'],
    ['{{1}}{{2}}', 'a'],
    ['{{1}}', ''],
    ['a.c', 'abc'],
    ['ab {{1}} ba', 'ab ba'],
  ])('%j does not fit %j', (pattern, text) => {
    expect(fits(pattern, text)).toBe(false);
  });

  it('gives up on a long text without trying every way to fill it in', () => {
    const pattern = Array.from({ length: 9 }, (_, at) => `{{${at + 1}}}`).join(' a ');
    expect(fits(`${pattern} end`, ' a '.repeat(1300))).toBe(false);
  });
});
