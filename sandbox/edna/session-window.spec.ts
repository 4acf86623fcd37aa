import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock, edna: { statuses: ['SENT'], sessionWindow: 'sync400' } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const PHONE = '79995550142';
const HOUR = 3_600_000;
const FREE = { contentType: 'TEXT', text: 'Is anybody there?' };
const TEMPLATE = {
  contentType: 'TEXT',
  text: 'Anna, your parcel 118 arrives on 4 March.',
  header: { text: 'Delivery' },
  footer: { text: 'Acme' },
  keyboard: {
    rows: [
      {
        buttons: [
          { text: 'Reschedule', buttonType: 'QUICK_REPLY', payload: 'resched-118' },
          { text: 'Track', buttonType: 'URL', url: 'https://track.example.test/118' },
          { text: 'Call', buttonType: 'PHONE', phone: '79995550100' },
        ],
      },
    ],
  },
};
let lastId = 0;

function send(whatsappContent: object) {
  lastId += 1;
  return bridge.edna('/api/cascade/schedule', {
    requestId: `r-${lastId}`,
    cascadeId: 9026,
    subscriberFilter: { address: PHONE, type: 'PHONE' },
    content: { whatsappContent },
  });
}

const NO_TEMPLATE = { status: 400, json: { title: 'matched-template-not-found', status: 400 } };

describe('free text', () => {
  it('goes through for 24 hours after the last message of the client, to the second', async () => {
    expect(await send(FREE)).toMatchObject(NO_TEMPLATE);
    await sandbox.client(PHONE).writes('Hello');
    clock.advance(24 * HOUR - 1);
    expect((await send(FREE)).status).toBe(200);
    clock.advance(1);
    expect(await send(FREE)).toMatchObject(NO_TEMPLATE);
    await sandbox.client(PHONE).writes('Hello again');
    expect((await send(FREE)).status).toBe(200);
  });

  it('is not opened by another client, nor by a message to another channel', async () => {
    await sandbox.client('79995550143').writes('Hello');
    await sandbox.client(PHONE).writes('Hello', { channel: 'acme_max_bot' });
    expect(await send(FREE)).toMatchObject(NO_TEMPLATE);
  });

  it('is taken and fails later where edna looks later', async () => {
    sandbox.edna.settings.sessionWindow = 'async';
    expect((await send(FREE)).status).toBe(200);
    clock.advance(HOUR);
    await sandbox.until(() => bridge.posted.length === 1);
    expect(bridge.posted[0]?.body).toMatchObject({ status: 'NO-MATCH-TEMPLATE', error: null });
    expect(sandbox.client(PHONE).sees).toEqual([]);
  });

  it('may fail with another status and error', async () => {
    const outsideWindow = { status: 'FAILED', error: '131047' } as const;
    Object.assign(sandbox.edna.settings, { sessionWindow: 'async', outsideWindow });
    await send(FREE);
    clock.advance(HOUR);
    await sandbox.until(() => bridge.posted.length === 1);
    expect(bridge.posted[0]?.body).toMatchObject(outsideWindow);
  });

  it('needs no window where the rule is off, and none outside WhatsApp', async () => {
    const toBot = {
      sender: 'acme_max_bot',
      maxId: '40117702',
      content: { type: 'TEXT', text: 'x' },
    };
    expect((await bridge.edna('/api/v1/out-messages/max-bot', toBot)).status).toBe(200);
    sandbox.edna.settings.sessionWindow = 'off';
    expect((await send(FREE)).status).toBe(200);
  });

  it('is refused by the older dialects in their own words', async () => {
    const legacy = { id: 'a-1', subject: 'acme_wa_main', address: PHONE, contentType: 'text' };
    const answer = await bridge.edna('/api/old/imOutMessage', { ...legacy, text: 'Hello' });
    expect(answer).toMatchObject({ status: 200, json: { code: 'not-template-match' } });
    sandbox.edna.settings.simpleDialect = true;
    const simple = { id: 'a-1', imType: 'whatsapp', subject: PHONE, text: 'Hello' };
    expect(await bridge.edna('/api/messages/send', simple)).toMatchObject(NO_TEMPLATE);
  });
});

describe('a template', () => {
  it.each(['sync400', 'async'] as const)('goes through outside the window (%s)', async (mode) => {
    sandbox.edna.settings.sessionWindow = mode;
    expect((await send(TEMPLATE)).status).toBe(200);
    clock.advance(HOUR);
    expect(sandbox.client(PHONE).sees).toMatchObject([
      { content: { text: TEMPLATE.text }, template: { id: 31_008, name: 'parcel_arrives' } },
    ]);
  });

  const [row] = TEMPLATE.keyboard.rows;
  const [reply, link, call] = row?.buttons ?? [];
  const buttons = (...list: unknown[]) => ({ keyboard: { rows: [{ buttons: list }] } });

  it.each([
    ['another text', { text: 'Anna, your parcel 118 arrives on 4 March' }],
    ['another header', { header: { text: 'Deliveries' } }],
    ['no header', { header: undefined }],
    ['a picture for a header', { header: { imageUrl: 'https://media.example.test/a.png' } }],
    ['another footer', { footer: { text: 'Acme Ltd' } }],
    ['no footer', { footer: null }],
    ['no keyboard', { keyboard: undefined }],
    ['a button less', buttons(reply, link)],
    ['its buttons in another order', buttons(link, reply, call)],
    ['another label', buttons({ ...reply, text: 'Later' }, link, call)],
    ['a link elsewhere', buttons(reply, { ...link, url: 'https://example.test/118' }, call)],
    ['another phone', buttons(reply, link, { ...call, phone: '79995550101' })],
  ])('is none any more with %s', async (_name, change) => {
    expect(await send({ ...TEMPLATE, ...change })).toMatchObject(NO_TEMPLATE);
  });

  it('may carry any payload in its buttons, and any text for its placeholders', async () => {
    const text = 'Иван, your parcel 7/2 arrives on понедельник.';
    const change = { text, ...buttons({ ...reply, payload: 'other' }, link, call) };
    expect((await send({ ...TEMPLATE, ...change })).status).toBe(200);
  });

  it.each([
    ['PENDING', 'Order 118 waits'],
    ['REJECTED', 'You won a car!!!'],
    ['PAUSED', 'Anna, we miss you'],
    ['DISABLED', 'The offer 118 ends'],
    ['locked', 'Notice 118'],
  ])('is none while it is %s', async (_state, text) => {
    expect(await send({ contentType: 'TEXT', text })).toMatchObject(NO_TEMPLATE);
  });

  it('carries a picture over its text', async () => {
    const header = { imageUrl: 'http://192.0.2.1/a.png' };
    const text = 'До 31 мая на всё скидка 10 %.';
    expect((await send({ contentType: 'TEXT', text, header })).status).toBe(200);
    expect(await send({ contentType: 'TEXT', text })).toMatchObject(NO_TEMPLATE);
  });
});

describe('a one-time code', () => {
  const code = { contentType: 'AUTHENTICATION', text: '402913', messageMatcherId: 31_007 };

  it('names its template, and goes through outside the window', async () => {
    expect((await send(code)).status).toBe(200);
    clock.advance(HOUR);
    expect(sandbox.client(PHONE).sees).toMatchObject([{ content: { text: '402913' } }]);
  });

  it.each([31_008, 31_012, 1])('is refused with template %i, window or not', async (id) => {
    sandbox.edna.settings.sessionWindow = 'off';
    expect(await send({ ...code, messageMatcherId: id })).toMatchObject(NO_TEMPLATE);
  });
});
