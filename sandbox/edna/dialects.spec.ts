import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  sandbox = await startSandbox();
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const PHONE = '79995550142';
const textsSeen = (address: string) =>
  sandbox.client(address).sees.map(({ content }) => content.text);
const lastReceipt = async (status: string) => {
  const isIt = ({ body }: { body: unknown }) => JSON.stringify(body).includes(status);
  return (await sandbox.until(() => bridge.posted.find(isIt))).body;
};

describe('messages/send', () => {
  const simple = { id: 'amo-1', imType: 'whatsapp', subject: PHONE, text: 'Hello' };

  it('does not exist unless it is switched on', async () => {
    expect((await bridge.edna('/api/messages/send', simple)).status).toBe(404);
    expect(sandbox.ledger().violations).toBe(1);
  });

  it('once on, sends to the subject, as often as it is asked, and answers with simple statuses', async () => {
    sandbox.edna.settings.simpleDialect = true;
    const answer = await bridge.edna('/api/messages/send', simple);
    expect(answer).toMatchObject({ status: 200, json: { id: 'amo-1' } });
    await bridge.edna('/api/messages/send', simple);
    expect(await lastReceipt('delivered')).toEqual({ id: 'amo-1', status: 'delivered' });
    await sandbox.until(() => textsSeen(PHONE).length === 2);
  });

  it.each([
    { ...simple, id: 1 },
    { ...simple, imType: 'fax' },
    { ...simple, subject: 'acme_wa_main' },
    { ...simple, text: '' },
  ])('refuses %j', async (body) => {
    sandbox.edna.settings.simpleDialect = true;
    expect((await bridge.edna('/api/messages/send', body)).status).toBe(400);
  });
});

describe('imOutMessage', () => {
  const legacy = {
    id: 'a-17',
    subject: 'acme_wa_main',
    address: PHONE,
    imType: 'whatsapp',
    contentType: 'text',
    text: 'Hello',
  };
  const send = (change: object = {}) =>
    bridge.edna('/api/old/imOutMessage', { ...legacy, ...change });

  it('answers ok, and tells statuses in the legacy form', async () => {
    expect(await send()).toMatchObject({ status: 200, json: { id: 'a-17', code: 'ok' } });
    expect(await lastReceipt('read')).toEqual({
      imOutMessageId: 'a-17',
      dlvStatus: 'read',
      dlvStatusAt: expect.stringMatching(/\.\d{3}\+0000$/),
      dlvError: null,
      rate: null,
      reserveSms: null,
    });
    expect(textsSeen(PHONE)).toEqual(['Hello']);
  });

  it('refuses a used id, with 200 or 400 as the switch says', async () => {
    await send();
    const refusal = { code: 'error-id-not-unique' };
    expect(await send({ text: 'other' })).toMatchObject({ status: 200, json: refusal });
    sandbox.edna.settings.legacyRefusalStatus = 400;
    expect(await send({ text: 'other' })).toMatchObject({ status: 400, json: refusal });
    expect(sandbox.ledger()).toMatchObject({ violations: 2, repeats: 0 });
    await send();
    expect(sandbox.ledger()).toMatchObject({ violations: 2, repeats: 1 });
  });

  it.each([
    ['error-subject-unknown', { subject: 'nobody' }],
    ['error-address-format', { address: '+79995550142' }],
    ['error-content-type-not-specified', { contentType: undefined }],
    ['error-content-type-format', { contentType: 'STICKER' }],
    ['error-content-not-specified', { text: '' }],
    ['error-attachment-url-not-specified', { contentType: 'image' }],
    ['error-longtitude-not-specified', { contentType: 'location', latitude: 1 }],
    ['error-syntax', { id: 'x'.repeat(37) }],
  ])('refuses with %s', async (code, change) => {
    expect((await send(change)).json).toEqual({ code });
    expect(sandbox.ledger().violations).toBe(1);
  });

  it('refuses a wrong key in its own shape', async () => {
    const answer = await bridge.edna('/api/old/imOutMessage', legacy, { 'X-API-KEY': 'wrong' });
    expect(answer).toMatchObject({ status: 401, json: { code: 'error-unauthorized' } });
  });
});

describe('v1/out-messages', () => {
  const text = { type: 'TEXT', text: 'Good evening' };
  const toBot = { sender: 'acme_max_bot', maxId: '40117702', content: text };
  const toMax = { from: 'acme_max', to: { value: '40117702', type: 'MAX_ID' }, content: text };
  const send = (route: string, body: object) => bridge.edna(`/api/v1/out-messages/${route}`, body);

  it('gives an id of its own, and receipts that know the message by it alone', async () => {
    const { status, json } = await send('max-bot', toBot);
    expect(status).toBe(200);
    expect(json).toEqual({ outMessageId: expect.any(Number), maxId: '40117702' });
    const { outMessageId } = json as { outMessageId: number };
    expect(await lastReceipt('READ')).toMatchObject({ messageId: outMessageId, requestId: null });
    expect(await send('max', toMax)).toMatchObject({ status: 200 });
    await sandbox.until(() => textsSeen('40117702').length === 2);
  });

  it('sends the same twice where it is asked twice', async () => {
    await send('max-bot', toBot);
    await send('max-bot', toBot);
    await sandbox.until(() => textsSeen('40117702').length === 2);
    expect(sandbox.ledger().cancelled).toBe(0);
  });

  it.each([
    ['a bot channel on the plain route', 'max', { ...toMax, from: 'acme_max_bot' }],
    ['a plain channel on the bot route', 'max-bot', { ...toBot, sender: 'acme_max' }],
    ['a WhatsApp channel', 'max-bot', { ...toBot, sender: 'acme_wa_main' }],
    ['the body of the other route', 'max', toBot],
  ])('refuses %s: default.subject.not_found', async (_name, route, body) => {
    const { status, json } = await send(route, body);
    expect(status).toBe(400);
    expect(JSON.stringify(json)).toContain('default.subject.not_found');
  });

  it.each([
    { type: 'TEXT', text: '' },
    { type: 'TEXT', text: 'x'.repeat(4001) },
    { type: 'IMAGE', url: 'not an address' },
    { type: 'LOCATION', latitude: 1 },
    { type: 'FAX' },
  ])('refuses content of a wrong shape', async (content) => {
    expect((await send('max-bot', { ...toBot, content })).status).toBe(400);
  });
});

describe('what edna lists', () => {
  it('cascades: one good, one of two stages, one disabled, each stage inside the one before', async () => {
    const answer = await bridge.edna('/api/cascade/get-all/', {});
    expect(answer).toMatchObject({
      status: 200,
      json: [
        {
          id: 9026,
          status: 'ACTIVE',
          stagesCount: 1,
          stages: [{ order: 0, subject: { id: 71_844, type: 'WHATSAPP' }, stages: [] }],
        },
        {
          id: 9031,
          stagesCount: 2,
          stages: [{ stages: [{ order: 1, subject: { subject: 'acme_sms' } }] }],
        },
        { id: 9040, status: 'DISABLED' },
      ],
    });
  });

  it.each([404, 405] as const)('no cascades: %i, with no fault of the caller', async (status) => {
    sandbox.edna.settings.cascades = status;
    expect((await bridge.edna('/api/cascade/get-all', {})).status).toBe(status);
    expect(sandbox.ledger().violations).toBe(0);
    sandbox.edna.settings.cascades = [];
    expect((await bridge.edna('/api/cascade/get-all', {})).json).toEqual([]);
  });

  it('channels, by type; one that is not active has no subjectId', async () => {
    const list = (query: string) =>
      bridge.edna(`/api/channel-profile${query}`, '', undefined, 'GET');
    const whatsapp = (await list('?types=WHATSAPP')).json;
    expect(whatsapp).toMatchObject([{ subjectId: 71_844 }, { active: false }]);
    expect((whatsapp as object[])[1]).not.toHaveProperty('subjectId');
    expect((await list('')).json).toHaveLength(sandbox.edna.settings.channels.length);
  });

  it('messages, by address, direction, type and time, as objects or as JSON text', async () => {
    const history = async (filter: object) => {
      const { json } = await bridge.edna('/api/messages/history', filter);
      return (json as { content: { direction: string; content: unknown }[] }).content;
    };
    await bridge.edna('/api/v1/out-messages/max-bot', {
      sender: 'acme_max_bot',
      maxId: '40117702',
      content: { type: 'TEXT', text: 'Good evening' },
    });
    await sandbox.client('40117702').writes('Hi', { channel: 'acme_max_bot' });
    await sandbox.client(PHONE).writes('Hello');
    const subscriberFilter = { address: '40117702', type: 'PHONE' };
    expect(await history({})).toHaveLength(3);
    expect(await history({ subscriberFilter })).toHaveLength(2);
    expect(await history({ channelTypes: ['WHATSAPP'] })).toMatchObject([{ address: PHONE }]);
    expect(await history({ dateTo: '2020-01-01T00:00:00Z' })).toEqual([]);
    expect(await history({ subscriberFilter, direction: 'IN' })).toHaveLength(1);
    const [out, ...others] = await history({ subscriberFilter, direction: 'OUT' });
    expect(others).toEqual([]);
    expect(out).toMatchObject({
      direction: 'OUT',
      content: { type: 'TEXT', text: 'Good evening' },
    });
    sandbox.edna.settings.historyContent = 'string';
    const [again] = await history({ subscriberFilter, direction: 'OUT' });
    expect(JSON.parse(String(again?.content))).toMatchObject({ text: 'Good evening' });
    const page = await bridge.edna('/api/messages/history', { offset: 1, limit: 1 });
    expect(page.json).toMatchObject({ content: [{ address: '40117702' }], hasNext: true });
  });
});
