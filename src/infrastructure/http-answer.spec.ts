import { outcomeOf, toDeliveryError, unsettled } from './http-answer.js';
import { DeliveryError } from '../domain/errors.js';

describe('what a status says of a message', () => {
  it.each([
    [302, 'blocked'],
    [400, 'rejected'],
    [401, 'blocked'],
    [402, 'blocked'],
    [403, 'blocked'],
    [408, 'unknown'],
    [413, 'rejected'],
    [422, 'rejected'],
    [429, 'not-sent'],
    [500, 'unknown'],
    [502, 'unknown'],
    [503, 'not-sent'],
    [504, 'unknown'],
  ])('%d: %s', (status, outcome) => {
    expect(outcomeOf(status)).toBe(outcome);
  });
});

describe('an answer as an error', () => {
  it('carries the status and how long to wait', () => {
    const answer = { status: 429, body: 'busy', retryAfterMs: 7_000 };
    expect(toDeliveryError('edna', answer)).toMatchObject({
      outcome: 'not-sent',
      message: 'edna answered 429',
      details: { httpStatus: 429, retryAfterMs: 7_000 },
    });
  });

  it('leaves a lookup that failed open, unless nothing can be asked', () => {
    const of = (outcome: DeliveryError['outcome']) => unsettled(new DeliveryError(outcome, 'x'));
    expect(of('not-sent')).toMatchObject({ outcome: 'unknown' });
    expect(of('rejected')).toMatchObject({ outcome: 'unknown' });
    expect(of('blocked')).toMatchObject({ outcome: 'blocked' });
  });
});
