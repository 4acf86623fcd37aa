import { Bridge, type BridgeOptions } from './bridge.js';

/* Templates on their way to the client, between the twins: edna's twin matches text and structure as edna does. */

const CLEAN = { violations: 0, doubled: 0, outOfOrder: 0, cancelled: 0, missing: 0 };
const PHONE = '79995550188';
const PARCEL = {
  type: 'text',
  text: 'Anna, your parcel 118 arrives on 4 March.',
  template: {
    id: 6120,
    external_id: '31008',
    content: '{{1}}, your parcel {{2}} arrives on {{3}}.',
    params: [{ key: '{{1}}', value: '118' }],
  },
} as const;

let bridge: Bridge;

async function start(edna: object = {}, options: BridgeOptions = {}): Promise<Bridge> {
  bridge = await Bridge.start({
    ...options,
    sandbox: { amojo: { connected: true }, edna: { sessionWindow: 'sync400', ...edna } },
  });
  return bridge;
}

afterEach(() => bridge.stop());

describe('a template', () => {
  it('reaches a client who has never written, with header, footer and buttons', async () => {
    const { sandbox } = await start();
    const hello = await sandbox.manager.writesFirst(PHONE, PARCEL);
    await sandbox.until(() => hello.tick.state === 'read');
    const [seen] = sandbox.client(PHONE).sees;
    expect(seen?.content).toMatchObject({
      text: PARCEL.text,
      header: { text: 'Delivery' },
      footer: 'Acme',
      keyboard: {
        rows: [
          {
            buttons: [
              { type: 'QUICK_REPLY', text: 'Reschedule' },
              { type: 'URL', text: 'Track', url: 'https://track.example.test/118' },
              { type: 'PHONE', text: 'Call', phone: '79995550100' },
            ],
          },
        ],
      },
    });
    const second = await sandbox.manager.writes(hello.chat, {
      ...PARCEL,
      text: PARCEL.text.replace('118', '119'),
    });
    await sandbox.until(() => second.tick.state === 'read');
    // edna's list is asked for once an hour.
    expect(sandbox.requests('templates')).toHaveLength(1);
    expect(sandbox.ledger()).toMatchObject(CLEAN);
  });

  it('goes by its text alone where nothing names it', async () => {
    const { sandbox } = await start();
    const text = 'Здравствуйте, Иван! Это Acme, ответьте нам, пожалуйста.';
    const template = { id: 6121, content: 'Здравствуйте, {{contact.name}}!', params: [] };
    const hello = await sandbox.manager.writesFirst(PHONE, { type: 'text', text, template });
    await sandbox.until(() => hello.tick.state === 'read');
    // Whether one there was made from the card.
    expect(sandbox.requests('templates')).toHaveLength(1);
    expect(sandbox.ledger()).toMatchObject(CLEAN);
  });

  it('with a picture above it is one message', async () => {
    const { sandbox } = await start();
    const sale = await sandbox.manager.writesFirst(PHONE, {
      type: 'picture',
      text: 'До 31 мая на всё скидка 10 %.',
      template: { id: 6122, external_id: '31011', content: '', params: [] },
    });
    await sandbox.until(() => sale.tick.state === 'read');
    expect(sandbox.client(PHONE).sees).toHaveLength(1);
    expect(sandbox.client(PHONE).sees[0]?.content).toMatchObject({
      text: 'До 31 мая на всё скидка 10 %.',
      header: { headerType: 'IMAGE' },
    });
  });

  it('of a one-time code names its template', async () => {
    const { sandbox } = await start();
    const code = await sandbox.manager.writesFirst(PHONE, {
      type: 'text',
      text: '402913 is your code',
      template: { id: 6123, external_id: '31007', content: '', params: [] },
    });
    await sandbox.until(() => code.tick.state === 'read');
    expect(sandbox.requests('schedule').map(({ body }) => body)).toMatchObject([
      {
        content: {
          whatsappContent: {
            contentType: 'AUTHENTICATION',
            text: '402913',
            messageMatcherId: 31_007,
          },
        },
      },
    ]);
  });

  it('goes through the legacy interface in its own way', async () => {
    const { sandbox } = await start(
      {},
      { environment: { EDNA_SEND_PATH: '/api/old/imOutMessage' } },
    );
    const hello = await sandbox.manager.writesFirst(PHONE, {
      type: 'text',
      text: 'Order 118 is ready',
      template: { id: 6124, external_id: '31009', content: '', params: [] },
    });
    await sandbox.until(() => hello.tick.state === 'read' || hello.tick.state === 'error');
    expect(hello.tick).toEqual({ state: 'read' });
    expect(sandbox.ledger()).toMatchObject(CLEAN);
  });
});

const MISMATCH = {
  state: 'error',
  code: 905,
  error: 'Текст не совпал с одобренным шаблоном. Меняйте только поля.',
};

describe('a template that does not match', () => {
  it.each(['sync400', 'async'] as const)('is refused in words, %s', async (sessionWindow) => {
    const { sandbox } = await start({ sessionWindow });
    const hello = await sandbox.manager.writesFirst(PHONE, { ...PARCEL, text: 'Changed by hand' });
    await sandbox.until(() => hello.tick.state === 'error');
    expect(hello.tick).toEqual(MISMATCH);
    expect(sandbox.client(PHONE).sees).toEqual([]);
    // What will never match is not tried again: the next one has its turn at once.
    const next = await sandbox.manager.writes(hello.chat, PARCEL);
    await sandbox.until(() => next.tick.state === 'read');
    expect(sandbox.requests('schedule')).toHaveLength(2);
    expect(sandbox.ledger()).toMatchObject({ missing: 0, doubled: 0 });
  });

  it('is not sent while one of its fields is empty', async () => {
    const { sandbox } = await start();
    const text = '{{1}}, your parcel 118 arrives on 4 March.';
    const hello = await sandbox.manager.writesFirst(PHONE, { ...PARCEL, text });
    await sandbox.until(() => hello.tick.state === 'error');
    expect(hello.tick).toEqual(MISMATCH);
    expect(sandbox.requests('schedule')).toEqual([]);
  });

  it('waits while edna’s list cannot be had, and is not sent without its buttons', async () => {
    const { sandbox } = await start();
    sandbox.edna.faults.add({ kind: 'answer', status: 503, endpoint: 'templates', times: 2 });
    const hello = await sandbox.manager.writesFirst(PHONE, PARCEL);
    await sandbox.until(() => hello.tick.state === 'read');
    expect(sandbox.client(PHONE).sees[0]?.content).toMatchObject({ footer: 'Acme' });
    expect(sandbox.ledger()).toMatchObject(CLEAN);
  });
});
