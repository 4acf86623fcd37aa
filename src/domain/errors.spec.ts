import { DeliveryError, JournalUnavailable } from './errors.js';

describe('an error of a delivery', () => {
  it('keeps the outcome, what is known and where it came from', () => {
    const cause = new Error('ECONNRESET');
    const details = { httpStatus: 429, retryAfterMs: 5_000, cause };
    const error = new DeliveryError('not-sent', 'edna answered 429', details);
    expect(error).toMatchObject({ name: 'DeliveryError', outcome: 'not-sent', cause, details });
  });
});

describe('an error of the journal', () => {
  it('says what stopped it', () => {
    const error = new JournalUnavailable(new Error('disk full'));
    expect(error.message).toBe('the journal cannot commit: disk full');
    expect(new JournalUnavailable('away').message).toContain('away');
  });
});
