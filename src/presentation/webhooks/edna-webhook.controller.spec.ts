import request from 'supertest';
import { aLine } from '../../../test/builders.ts';
import { fixture, fixtureNames } from '../../../test/fixtures/fixture.ts';
import { startWebhooks, type WebhookApp } from '../../../test/fixtures/webhook-app.ts';

const OK = { code: 'ok' };
const MIB = 1024 * 1024;

let app: WebhookApp;

afterEach(() => app.nest.close());

const post = (path = '/webhooks/edna') => request(app.server).post(path);
const events = () => app.journal.accepted.map(({ event }) => event);

describe('POST /webhooks/edna', () => {
  beforeEach(async () => {
    app = await startWebhooks([aLine()]);
  });

  it('files a message and wakes the dispatcher', async () => {
    await post()
      .send(fixture('edna', 'incoming-text') as object)
      .expect(200, OK);
    expect(events()).toMatchObject([{ type: 'inbound', channel: '71844' }]);
    expect(app.waker.wakes).toBe(1);
    expect(app.meter.counts).toEqual(['edna inbound new']);
  });

  it.each(fixtureNames('edna'))('answers 200 to what the vendor documents: %s', async (name) => {
    await post()
      .send(fixture('edna', name) as object)
      .expect(200, OK);
    expect(events().filter(({ type }) => type === 'quarantine')).toEqual([]);
  });

  it('lets each element of an array stand alone', async () => {
    const [good, status] = [fixture('edna', 'incoming-text'), fixture('edna', 'simple-status')];
    await post()
      .send([good, { id: {} }, null, [good], status] as object)
      .expect(200, OK);
    expect(events()).toMatchObject([
      { type: 'inbound' },
      { type: 'quarantine', reason: 'unknown-shape' },
      { type: 'quarantine', reason: 'unknown-shape' },
      { type: 'quarantine', reason: 'unknown-shape' },
      { type: 'receipt' },
    ]);
    expect(app.journal.entries.map(({ raw }) => JSON.parse(String(raw)) as unknown)).toEqual([
      { id: {} },
      null,
      [good],
    ]);
  });

  it('keeps what it cannot file as it came', async () => {
    const raw = '{ "hello" :  9223372036854775807 }\n';
    await post().type('json').send(raw).expect(200, OK);
    expect(app.journal.entries).toMatchObject([
      { reason: 'unknown-shape', origin: { webhook: 'edna' } },
    ]);
    expect(String(app.journal.entries[0]?.raw)).toBe(raw);
  });

  it('keeps an element of an array with every digit of its id', async () => {
    await post().type('json').send('[{"strange":9223372036854775807}]').expect(200, OK);
    expect(String(app.journal.entries[0]?.raw)).toBe('{"strange":"9223372036854775807"}');
  });

  it('accepts an empty array, and has nothing to file', async () => {
    await post().send([]).expect(200, OK);
    expect(app.journal.accepted).toEqual([]);
    expect(app.waker.wakes).toBe(0);
  });

  it('keeps whole what is no batch any more', async () => {
    await post()
      .type('json')
      .send(`[${'{},'.repeat(5000)}{}]`)
      .expect(200, OK);
    expect(events()).toEqual([{ type: 'quarantine', reason: 'unknown-shape' }]);
  });

  it('counts a status it does not know, and files nothing', async () => {
    await post().send({ id: 'r-1', status: 'SEEN' }).expect(200, OK);
    expect(app.journal.accepted).toEqual([]);
    expect(app.meter.counts).toEqual(['edna ignored unknown-status']);
  });

  it.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'image/png', ''])(
    'reads a body of the type %j',
    async (type) => {
      const body = JSON.stringify(fixture('edna', 'incoming-text'));
      await post().set('Content-Type', type).send(body).expect(200, OK);
      expect(events()).toMatchObject([{ type: 'inbound' }]);
    },
  );

  it.each(['', '{', 'hello', '<html></html>', 'id=1&status=read'])(
    'answers 400 to what is not JSON: %j',
    async (body) => {
      const answer = await post().type('json').send(body).expect(400);
      expect(answer.body).toEqual({ code: 'not-json', message: expect.any(String) });
      expect(app.journal.accepted).toEqual([]);
    },
  );

  it('survives any nesting', async () => {
    const deep = (depth: number, inside: string) => '['.repeat(depth) + inside + ']'.repeat(depth);
    await post().type('json').send(deep(250_000, '9223372036854775807')).expect(200, OK);
    await post()
      .type('json')
      .send(`[${deep(250_000, '')},{"id":"r-1","status":"read"}]`)
      .expect(200, OK);
    expect(events()).toMatchObject([
      { type: 'quarantine', reason: 'unknown-shape' },
      { type: 'quarantine', reason: 'unknown-shape' },
      { type: 'receipt' },
    ]);
  });

  it('takes a body of 1 MiB, and answers 413 to one byte more', async () => {
    const frame = JSON.stringify({ id: 1, imType: 'whatsapp', subject: '79995550142', text: '' });
    const body = (bytes: number) => frame.replace('""', `"${'x'.repeat(bytes - frame.length)}"`);
    await post().type('json').send(body(MIB)).expect(200, OK);
    const answer = await post()
      .type('json')
      .send(body(MIB + 1))
      .expect(413);
    expect(answer.body).toEqual({ code: 'too-large', message: expect.stringContaining('1 MiB') });
    expect(app.journal.accepted).toHaveLength(1);
  });

  it('answers 503 while the journal cannot commit, and 200 when it can again', async () => {
    app.journal.isUnavailable = true;
    const body = fixture('edna', 'incoming-text') as object;
    const answer = await post().send(body).expect(503);
    expect(answer.body).toEqual({ code: 'journal-unavailable', message: expect.any(String) });
    expect(app.waker.wakes).toBe(0);
    expect(app.meter.counts).toEqual([]);
    app.journal.isUnavailable = false;
    await post().send(body).expect(200, OK);
  });

  it('needs no token where none is set', async () => {
    await post('/webhooks/edna/whatever').send([]).expect(200, OK);
  });
});

describe('the token of the edna webhook', () => {
  const TOKEN = 'spec token/1';

  beforeEach(async () => {
    app = await startWebhooks([aLine(), aLine({ webhookTokens: [TOKEN] })]);
  });

  it.each([`Token ${TOKEN}`, `Bearer ${TOKEN}`, `bearer  ${TOKEN}`, TOKEN])(
    'is taken from the header %j',
    async (header) => {
      await post().set('Authorization', header).send([]).expect(200, OK);
    },
  );

  it('is taken from the address', async () => {
    const inAddress = encodeURIComponent(TOKEN);
    await post(`/webhooks/edna/${inAddress}`).send([]).expect(200, OK);
    await post(`/webhooks/edna?token=${inAddress}`).send([]).expect(200, OK);
    await post(`/webhooks/edna?token=wrong&token=${inAddress}`).send([]).expect(200, OK);
  });

  it.each([
    ['/webhooks/edna', undefined],
    ['/webhooks/edna', ''],
    ['/webhooks/edna', 'Token'],
    ['/webhooks/edna', 'Token wrong'],
    ['/webhooks/edna', `Basic ${TOKEN}`],
    ['/webhooks/edna', `Token ${TOKEN}x`],
    ['/webhooks/edna', TOKEN.toUpperCase()],
    ['/webhooks/edna/wrong', undefined],
    ['/webhooks/edna?token=wrong', undefined],
    ['/webhooks/edna?token[a]=spec', undefined],
  ])('is missed at %s with the header %j', async (path, header) => {
    const answer = await post(path)
      .set(header === undefined ? {} : { Authorization: header })
      .send(fixture('edna', 'incoming-text') as object)
      .expect(401);
    expect(answer.body).toEqual({
      code: 'wrong-token',
      message: expect.stringMatching(/Authorization.*EDNA_WEBHOOK_TOKEN/),
    });
    expect(app.journal.accepted).toEqual([]);
  });

  it.each(['/webhooks/edna', '/webhooks/edna/anything'])(
    'is not asked for when edna probes %s',
    async (path) => {
      await request(app.server).get(path).expect(200, OK);
      await request(app.server).head(path).expect(200);
    },
  );
});
