import { isPhone, toAddress } from './conversation.js';

describe('an address', () => {
  it.each([
    ['79995550142', '79995550142'],
    ['+79995550142', '79995550142'],
    ['+7 (999) 555-01-42', '79995550142'],
    [' 7.999.555.01.42 ', '79995550142'],
    ['8\u00a0999\u00a0555\u00a001\u00a042', '89995550142'],
  ])('that is the phone %p is kept as digits', (text, digits) => {
    expect(toAddress(text)).toBe(digits);
  });

  it.each(['vera.k', 'u-7f3a', '1a2b', '+7 999 call me', '79995550142@c.us', ''])(
    'that is no phone (%p) stays what it is',
    (text) => expect(toAddress(text)).toBe(text),
  );

  it('loses the space around it', () => {
    expect(toAddress(' vera.k\n')).toBe('vera.k');
  });
});

describe('whether an address is a phone', () => {
  it.each(['79995550142', '4915112345678', '123456789012345'])('%p is one', (text) => {
    expect(isPhone(text)).toBe(true);
  });

  it.each([
    '',
    '07999555014',
    '+79995550142',
    '799955',
    '1234567890123456',
    '7999555014x',
    '79995550142\n',
    'vera',
  ])('%p is none', (text) => {
    expect(isPhone(text)).toBe(false);
  });
});
