import { createHmac } from 'node:crypto';
import request from 'supertest';
import { aLine, SCOPE, SECRET } from '../../../test/builders.ts';
import { fixture, fixtureNames, signedBody } from '../../../test/fixtures/fixture.ts';
import { startWebhooks, type WebhookApp } from '../../../test/fixtures/webhook-app.ts';
import { lineKey, scopeId } from '../../domain/ids.js';

const OK = { code: 'ok' };
const OTHER_SECRET = 'another-secret';
const OTHER_ACCOUNT = '7b0e3c1a-4d2f-4a68-9e05-c3b1d2f4a697';
const OTHER = scopeId('9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d', OTHER_ACCOUNT);
const OTHER_LINE = {
  ...aLine({}, { accountId: OTHER_ACCOUNT, channelSecret: OTHER_SECRET }),
  key: lineKey(OTHER),
  scopeId: OTHER,
};

let app: WebhookApp;

afterEach(() => app.nest.close());

const sign = (raw: string, secret = SECRET) => createHmac('sha1', secret).update(raw).digest('hex');
const send = (raw: string, header: string | undefined, path = '/webhooks/amocrm') =>
  request(app.server)
    .post(path)
    .set({
      'Content-Type': 'application/json',
      ...(header !== undefined && { 'X-Signature': header }),
    })
    .send(raw);
const events = () => app.journal.accepted.map(({ event }) => event);
const text = JSON.stringify(fixture('amocrm', 'v2-text'));

describe('POST /webhooks/amocrm', () => {
  beforeEach(async () => {
    app = await startWebhooks([aLine(), OTHER_LINE]);
  });

  it.each(['/webhooks/amocrm', `/webhooks/amocrm/${SCOPE}`])(
    'files a signed message at %s and wakes the dispatcher',
    async (path) => {
      await send(text, sign(text), path).expect(200, OK);
      expect(events()).toMatchObject([{ type: 'outbound', line: SCOPE }]);
      expect(app.waker.wakes).toBe(1);
      expect(app.meter.counts).toEqual(['amocrm outbound new']);
    },
  );

  it.each(fixtureNames('amocrm'))('answers 200 to a signed body: %s', async (name) => {
    const raw = JSON.stringify(fixture('amocrm', name));
    await send(raw, sign(raw), `/webhooks/amocrm/${SCOPE}`).expect(200, OK);
    const kept = events().filter(({ type }) => type === 'quarantine');
    expect(kept).toHaveLength(0);
  });

  it('takes the documented signature, in either case and with a newline at the end', async () => {
    const raw = String(signedBody());
    const header = '5dff6e644cf194e83bc4c84e942a9556aaa32d86';
    await send(raw, header).expect(200, OK);
    await send(raw, header.toUpperCase()).expect(200, OK);
    await send(`${raw}\n`, header).expect(200, OK);
    await send(raw, '67536956030932bfde8c219acce8bb9fe514c2c1').expect(200, OK);
    // The example names no message.
    expect(app.journal.entries).toHaveLength(4);
    expect(String(app.journal.entries[0]?.raw)).toBe(raw);
  });

  it.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['is wrong', '5dff6e644cf194e83bc4c84e942a9556aaa32d87'],
    ['is of another secret', sign(text, 'nobody')],
    ['is of the same JSON in other bytes', sign(JSON.stringify(JSON.parse(text), undefined, 1))],
  ])('answers 401 where the signature %s', async (_, header) => {
    const answer = await send(text, header).expect(401);
    expect(answer.body).toEqual({
      code: 'wrong-signature',
      message: expect.stringMatching(/X-Signature.*AMOCRM_CHANNEL_SECRET/),
    });
    expect(app.journal.accepted).toEqual([]);
  });

  it('keeps a genuine hook to a scope we do not know', async () => {
    await send(text, sign(text), '/webhooks/amocrm/:scope_id').expect(200, OK);
    expect(app.journal.entries).toMatchObject([
      { reason: 'no-line', origin: { webhook: 'amocrm', scopeId: ':scope_id' } },
    ]);
  });

  it('keeps a hook of another account, and one of another scope’s secret', async () => {
    await send(text, sign(text, OTHER_SECRET), `/webhooks/amocrm/${OTHER}`).expect(200, OK);
    await send(text, sign(text, OTHER_SECRET), `/webhooks/amocrm/${SCOPE}`).expect(200, OK);
    expect(app.journal.entries.map(({ reason }) => reason)).toEqual([
      'wrong-account',
      'wrong-secret',
    ]);
  });

  it('answers 400 to what is signed and not JSON', async () => {
    for (const raw of ['hello', '']) {
      const answer = await send(raw, sign(raw)).expect(400);
      expect(answer.body).toMatchObject({ code: 'not-json' });
    }
  });

  it('keeps a signed array: amoCRM sends none', async () => {
    const raw = `[${text}]`;
    await send(raw, sign(raw)).expect(200, OK);
    expect(app.journal.entries).toMatchObject([{ reason: 'unknown-shape' }]);
  });

  it('files nothing for what a manager has not written', async () => {
    const raw = JSON.stringify(fixture('amocrm', 'typing-sample'));
    await send(raw, sign(raw)).expect(200, OK);
    expect(app.journal.accepted).toEqual([]);
    expect(app.meter.counts).toEqual(['amocrm ignored typing']);
  });

  it('answers 503 while the journal cannot commit', async () => {
    app.journal.isUnavailable = true;
    const answer = await send(text, sign(text)).expect(503);
    expect(answer.body).toMatchObject({ code: 'journal-unavailable' });
  });

  it('answers 413 to one byte more than 1 MiB, before it looks at any signature', async () => {
    const answer = await send('x'.repeat(1024 * 1024 + 1), undefined).expect(413);
    expect(answer.body).toMatchObject({ code: 'too-large' });
  });

  it('has nothing for GET', async () => {
    const answer = await request(app.server).get('/webhooks/amocrm').expect(404);
    expect(answer.body).toMatchObject({ code: 'not-found' });
  });
});

describe('POST /webhooks/amocrm without signatures, for a trial', () => {
  beforeEach(async () => {
    app = await startWebhooks([aLine()], 'off');
  });

  it('takes whatever comes', async () => {
    await send(text, undefined).expect(200, OK);
    await send(text, 'wrong', `/webhooks/amocrm/${SCOPE}`).expect(200, OK);
    const flat = JSON.stringify(fixture('amocrm', 'flat'));
    await send(flat, undefined).expect(200, OK);
    expect(events()).toMatchObject([
      { type: 'outbound' },
      { type: 'outbound' },
      { type: 'outbound' },
    ]);
  });
});
