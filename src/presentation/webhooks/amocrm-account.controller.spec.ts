import { stringify } from 'qs';
import request from 'supertest';
import { aLine, SCOPE } from '../../../test/builders.js';
import { startWebhooks, type WebhookApp } from '../../../test/fixtures/webhook-app.ts';
import { accountHookToken, lineKey, scopeId } from '../../domain/ids.js';
import { Lines } from '../../domain/line.js';
import { ACCOUNT_EXAMPLES } from './examples.js';

const LINE = aLine({}, { previousSecret: 'before' });
const OTHER = { ...LINE, key: lineKey(SCOPE, 'other') };
const TOKEN = accountHookToken(LINE.amo);
const FORM = stringify(ACCOUNT_EXAMPLES.review?.value);
const FORM_TYPE = 'application/x-www-form-urlencoded';

describe('the webhook of the account', () => {
  let app: WebhookApp;
  beforeEach(async () => {
    app = await startWebhooks([
      LINE,
      OTHER,
      { ...aLine({}, { channelSecret: 'strange' }), key: lineKey(SCOPE, 'strange') },
    ]);
  });
  afterEach(() => app.nest.close());

  const post = (body: string, token = TOKEN, type = FORM_TYPE) =>
    request(app.server).post(`/webhooks/amocrm-account/${token}`).type(type).send(body);

  it.each([FORM_TYPE, 'application/json', 'text/plain'])(
    'hands on a template that is to be approved, sent as %s',
    async (type) => {
      const answer = await post(FORM, TOKEN, type);
      expect([answer.status, answer.body]).toEqual([200, { code: 'ok' }]);
      expect(app.news.asked).toEqual([`${LINE.key} 6955`, `${OTHER.key} 6955`]);
      expect(app.meter.counts).toEqual(['amocrm template-review told']);
      expect(app.journal.accepted).toEqual([]);
    },
  );

  it('takes JSON', async () => {
    await post(JSON.stringify(ACCOUNT_EXAMPLES.review?.value), TOKEN, 'application/json');
    expect(app.news.asked).toHaveLength(2);
  });

  it('lets in with the token that follows from the secret before', async () => {
    expect(
      (await post(FORM, accountHookToken({ ...LINE.amo, channelSecret: 'before' }))).status,
    ).toBe(200);
    expect(app.news.asked).toHaveLength(2);
  });

  it.each([
    ['garbage', 'unknown-shape'],
    ['', 'unknown-shape'],
    ['message[add][0][text]=hello', 'account-event'],
  ])('answers %j with 200 and counts it', async (body, why) => {
    expect((await post(body)).status).toBe(200);
    expect(app.meter.counts).toEqual([`amocrm ignored ${why}`]);
    expect(app.news.asked).toEqual([]);
  });

  it('counts what there is no room for', async () => {
    app.news.hasRoom = false;
    expect((await post(FORM)).status).toBe(200);
    expect(app.meter.counts).toEqual(['amocrm template-review dropped']);
  });

  it.each([
    'x',
    TOKEN.slice(1),
    `${TOKEN}0`,
    accountHookToken({ ...LINE.amo, channelSecret: 'another' }),
  ])('lets nobody in with the token %s', async (token) => {
    const { status, body } = await post(FORM, token);
    expect([status, body]).toEqual([
      401,
      { code: 'wrong-token', message: expect.stringContaining('bridge templates sync') },
    ]);
    expect(app.news.asked).toEqual([]);
  });

  it('is nowhere without a token', async () => {
    expect((await request(app.server).post('/webhooks/amocrm-account').send(FORM)).status).toBe(
      404,
    );
  });

  it('takes no more than one MiB', async () => {
    expect((await post('a'.repeat(1024 * 1024 + 1))).status).toBe(413);
  });
});

describe('the webhooks of accounts that share a channel', () => {
  const other = aLine({}, { accountId: '0d6f1e82-1c7b-4a5d-9e30-5b8a2c4f7d61' });
  const another = { ...other, key: lineKey(scopeId(other.amo.channelId, other.amo.accountId)) };
  let app: WebhookApp;
  beforeEach(async () => {
    app = await startWebhooks([LINE, another]);
  });
  afterEach(() => app.nest.close());

  const post = (amo: typeof LINE.amo) =>
    request(app.server)
      .post(`/webhooks/amocrm-account/${accountHookToken(amo)}`)
      .type(FORM_TYPE)
      .send(FORM);

  it('are told apart: its secret is the same', async () => {
    await post(another.amo).expect(200);
    expect(app.news.asked).toEqual([`${another.key} 6955`]);
    await post(LINE.amo).expect(200);
    expect(app.news.asked).toEqual([`${another.key} 6955`, `${LINE.key} 6955`]);
  });

  it('are those of the lines as they are now', async () => {
    const lines = app.nest.get(Lines);
    const renewed = { ...LINE.amo, channelSecret: 'new', previousSecret: LINE.amo.channelSecret };
    lines.replace([{ ...LINE, amo: renewed }]);
    await post(renewed).expect(200);
    // amoCRM knows the address from before until the command has registered the next one.
    await post(LINE.amo).expect(200);
    await post(another.amo).expect(401);
    expect(app.news.asked).toHaveLength(2);
  });
});
