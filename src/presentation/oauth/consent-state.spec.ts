import { CONSENT_MS, ConsentState } from './consent-state.js';

const KEY = 'spec-secret-key-of-32-characters';
const NOW = new Date('2026-11-20T09:00:00Z');
const after = (ms: number) => new Date(NOW.getTime() + ms);

describe('the state of a consent', () => {
  const states = new ConsentState(KEY);
  const { state, cookie } = states.issue('popup', NOW);

  it('is read by the browser that has the cookie, for twenty minutes', () => {
    expect(states.read(state, cookie, after(CONSENT_MS - 1))).toBe('popup');
    expect(states.read(state, cookie, after(CONSENT_MS))).toBe('stale');
    expect(new ConsentState(KEY).read(state, cookie, NOW)).toBe('popup');
    const other = states.issue('post_message', NOW);
    expect(states.read(other.state, other.cookie, NOW)).toBe('post_message');
  });

  it('is another one each time', () => {
    expect(states.issue('popup', NOW)).not.toEqual({ state, cookie });
  });

  it('is forged with another cookie, without one, or signed with another key', () => {
    expect(states.read(state, states.issue('popup', NOW).cookie, NOW)).toBe('forged');
    expect(states.read(state, undefined, NOW)).toBe('forged');
    expect(states.read(state, '', NOW)).toBe('forged');
    expect(new ConsentState(`${KEY}2`).read(state, cookie, NOW)).toBe('forged');
  });

  it('is forged where it was changed, or is none', () => {
    const [expires = '', mode = '', ...signature] = state.split('-');
    const later = `${(parseInt(expires, 36) + 1).toString(36)}-${mode}-${signature.join('-')}`;
    const other = `${expires}-0-${signature.join('-')}`;
    for (const one of [later, other, '', 's1', `${state}x`, `${expires}-2-${'a'.repeat(43)}`]) {
      expect(states.read(one, cookie, NOW)).toBe('forged');
    }
  });
});
