import { TokenSeal } from './token-seal.js';

const KEY = 'spec-secret-key-of-32-characters';
const TOKEN = `eyJ${'a'.repeat(1_200)}`;
const BOUND = 'acme.amocrm.ru access';

describe('a sealed token', () => {
  const seal = new TokenSeal(KEY);
  const sealed = seal.seal(TOKEN, BOUND);

  it('opens again, with the same key and for the same account', () => {
    expect(seal.open(sealed, BOUND)).toBe(TOKEN);
    expect(new TokenSeal(KEY).open(sealed, BOUND)).toBe(TOKEN);
  });

  it('shows nothing of the token, and is another one each time', () => {
    expect(sealed).not.toContain('eyJ');
    expect(seal.seal(TOKEN, BOUND)).not.toBe(sealed);
  });

  it('does not open with another key, for another account, or in the other’s place', () => {
    expect(new TokenSeal(`${KEY}2`).open(sealed, BOUND)).toBeUndefined();
    expect(seal.open(sealed, 'beta.amocrm.ru access')).toBeUndefined();
    expect(seal.open(sealed, 'acme.amocrm.ru refresh')).toBeUndefined();
  });

  it('does not open where a byte of it was changed', () => {
    for (const at of [5, 25, 60]) {
      const other = sealed[at] === 'A' ? 'B' : 'A';
      expect(seal.open(sealed.slice(0, at) + other + sealed.slice(at + 1), BOUND)).toBeUndefined();
    }
  });

  it.each(['', '1.', '1.AAAA', '2.AAAA', TOKEN])('does not open where it is none: %s', (text) => {
    expect(seal.open(text, BOUND)).toBeUndefined();
  });
});
