import { DeliveryError } from '../../domain/errors.js';
import { explain } from '../../domain/reasons.js';
import { CASCADE_ROUTE } from '../../../test/outgoing.js';
import { readTaken } from './edna.errors.js';

const read = (status: number, body: string | object) =>
  readTaken(
    { status, body: typeof body === 'string' ? body : JSON.stringify(body) },
    CASCADE_ROUTE,
  );

function refusal(status: number, body: string | object): DeliveryError {
  try {
    read(status, body);
  } catch (error) {
    if (error instanceof DeliveryError) return error;
  }
  throw new Error('it was taken');
}

describe("edna's answer to a send", () => {
  it.each([
    ['the request id', { requestId: 'r-1' }],
    ['ok', { id: 'r-1', code: 'ok' }],
    ['OK', { code: 'OK' }],
    ['an id', { outMessageId: 7_700_123_456, maxId: '40117702' }],
    ['nothing', ''],
  ])('is a yes: 200 with %s', (_what, body) => {
    expect(() => read(200, body)).not.toThrow();
  });

  it('is a yes where an earlier try of the same message was taken', () => {
    expect(read(400, { title: 'requestId-is-not-unique', status: 400 })).toBeUndefined();
    expect(read(200, { id: 'r-1', code: 'error-id-not-unique' })).toBeUndefined();
    expect(read(409, { title: 'requestId-is-not-unique' })).toBeUndefined();
  });

  it.each([
    ['matched-template-not-found', 'rejected', 'window-closed'],
    ['not-template-match', 'rejected', 'window-closed'],
    ['error-not-template-match', 'rejected', 'window-closed'],
    ['error-content-do-not-match-hsm-template', 'rejected', 'template-mismatch'],
    ['error-address-format', 'rejected', 'bad-number'],
    ['error-address-not-specified', 'rejected', 'bad-number'],
    ['not-whatsapp-user', 'rejected', 'no-messenger'],
    ['not-viber-user', 'rejected', 'no-messenger'],
    ['user-blocked', 'rejected', 'client-blocked'],
    ['contentType-not-specified', 'rejected', 'not-accepted'],
    ['text-not-specified', 'rejected', 'not-accepted'],
    ['attachmentName-is-too-long', 'rejected', 'not-accepted'],
    ['longitude-not-specified', 'rejected', 'not-accepted'],
    ['error-content-format', 'rejected', 'not-accepted'],
    ['error-subject-id-format', 'rejected', 'not-accepted'],
    ['error-attachment-url-not-specified', 'rejected', 'file-failed'],
    ['some-code-nobody-knows', 'rejected', 'not-accepted'],
    ['cascade-not-found', 'blocked', 'edna-refused'],
    ['request-doesn’t-contain-content-for-all-cascade-stages', 'blocked', 'edna-refused'],
    ['cascade-scheduling-request-not-valid', 'blocked', 'edna-refused'],
    ['cascade-scheduling-request-is-not-valid', 'blocked', 'edna-refused'],
    ['default.subject.not_found', 'blocked', 'channel-off'],
    ['error-subject-unknown', 'blocked', 'channel-off'],
    ['error-unauthorized', 'blocked', 'edna-refused'],
    ['error-system-blocked', 'blocked', 'edna-refused'],
    ['error-insufficient-balance', 'blocked', 'no-money'],
    ['error-system', 'unknown', undefined],
  ] as const)('is a no: %s, in either shape', (code, outcome, key) => {
    const problem = refusal(400, { title: code, status: 400, detail: 'in words' });
    const legacy = refusal(200, { id: 'r-1', code });
    for (const error of [problem, legacy]) {
      expect(error.outcome).toBe(outcome);
      expect(error.details.reason?.key).toBe(key);
      expect(error.message).toContain(code);
    }
  });

  it('finds money and cascades in the detail', () => {
    const money = { title: 'Bad Request', status: 400, detail: 'Insufficient funds on account' };
    expect(refusal(400, money)).toMatchObject({
      outcome: 'blocked',
      details: { reason: { key: 'no-money' } },
    });
    const cascade = { title: 'Bad Request', status: 400, detail: 'Cascade template not found' };
    expect(refusal(400, cascade).outcome).toBe('blocked');
  });

  it('finds what exactly is not valid in the detail', () => {
    const title = 'cascade-scheduling-request-not-valid';
    const detail = 'Cascade scheduling request is not valid. Violations: <text-not-specified>';
    expect(refusal(400, { title, status: 400, detail }).outcome).toBe('rejected');
  });

  it('finds a code that stands deep in the body', () => {
    const body = { errors: [{ reason: 'default.subject.not_found' }] };
    expect(refusal(400, body)).toMatchObject({
      outcome: 'blocked',
      message: 'edna answered 400 default.subject.not_found',
    });
  });

  it.each([
    [401, 'blocked', 'edna-refused'],
    [402, 'blocked', 'no-money'],
    [403, 'blocked', 'edna-refused'],
    [404, 'blocked', 'edna-refused'],
    [405, 'blocked', 'edna-refused'],
    [302, 'blocked', 'edna-refused'],
    [400, 'rejected', 'not-accepted'],
    [413, 'rejected', 'not-accepted'],
    [408, 'unknown', undefined],
    [429, 'not-sent', undefined],
    [500, 'unknown', undefined],
    [503, 'not-sent', undefined],
    [504, 'unknown', undefined],
  ] as const)('%d without a code: %s', (status, outcome, key) => {
    const error = refusal(status, '<html><body class="text-align-left">sorry</body></html>');
    expect(error).toMatchObject({ outcome, message: `edna answered ${status}` });
    expect(error.details.reason?.key).toBe(key);
    if (key) expect(error.details.reason?.args?.['code']).toBe(`HTTP ${status}`);
  });

  it('trusts the status of a server in trouble more than a code', () => {
    expect(refusal(500, { title: 'error-address-format' }).outcome).toBe('unknown');
    expect(refusal(503, { title: 'cascade-not-found' }).outcome).toBe('not-sent');
  });

  it('tells a closed door by its code', () => {
    const error = refusal(403, { title: 'error-subject-unknown', status: 403 });
    expect(error).toMatchObject({
      outcome: 'blocked',
      details: { reason: { key: 'channel-off' } },
    });
  });

  it('repeats no text, phone or key', () => {
    const bodies = [
      { title: 'Address 79995550142 is wrong', status: 400, detail: 'text "secret words"' },
      { title: 'error-79995550142', message: 'secret words', code: 'k 550e8400' },
      { message: 'anna.petrova wrote secret-words', status: 400 },
    ];
    for (const body of bodies) {
      const error = refusal(400, body);
      expect(JSON.stringify([error.message, error.details])).not.toMatch(/9995550142|secret|anna/);
    }
  });

  it('reads well to a manager', () => {
    const { details } = refusal(400, { title: 'not-whatsapp-user', status: 400 });
    expect(details.reason && explain(details.reason, 'en')).toEqual({
      code: 904,
      text: 'This number is not on WhatsApp. Call, or pick another channel.',
    });
  });
});
