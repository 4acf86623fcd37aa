import { channel } from './edna/catalogue.ts';
import { Companies } from './companies.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';
import { StandInBridge } from './stand-in-bridge.ts';

const ANNA = '79995550142';
const IVAN = '79995550177';

/** What a number, a source and an account are called does not matter: all that differ are others. */
let acme: Sandbox;
let zeta: Sandbox;
let companies: Companies;
let bridge: StandInBridge;
let lastMsgid = 0;

beforeEach(async () => {
  const channels = [
    channel(1, 71844, 'acme_one', 'WHATSAPP'),
    channel(2, 71845, 'acme_two', 'WHATSAPP'),
  ];
  const cascades = channels.map(({ subject }, i) => ({
    id: 9026 + i,
    name: subject,
    status: 'ACTIVE' as const,
    subjects: [subject],
  }));
  acme = await startSandbox({ edna: { channels, cascades }, amojo: { connected: true } });
  zeta = await startSandbox({ amojo: { connected: true } });
  bridge = new StandInBridge(acme);
  await bridge.listen();
  companies = new Companies(
    {
      name: 'acme',
      sandbox: acme,
      numbers: [
        { subjectIds: [71844], source: 'one' },
        { subjectIds: [71845], source: 'two' },
      ],
    },
    { name: 'zeta', sandbox: zeta, numbers: [{ subjectIds: [71844] }] },
  );
});

afterEach(async () => {
  await Promise.all([acme.close(), zeta.close()]);
  await bridge.close();
});

const intoChat = (text: string, source: string, address = ANNA) =>
  bridge.scope('', {
    event_type: 'new_message',
    payload: {
      timestamp: 1_772_529_420,
      msgid: `m-${(lastMsgid += 1)}`,
      conversation_id: `${source}:${address}`,
      source: { external_id: source },
      sender: { id: `${source}:${address}`, name: 'А' },
      message: { type: 'text', text },
    },
  });
const onPhone = async (text: string, cascadeId: number, address = ANNA) => {
  await bridge.edna('/api/cascade/schedule', {
    requestId: `r-${(lastMsgid += 1)}`,
    cascadeId,
    subscriberFilter: { address, type: 'PHONE' },
    content: { whatsappContent: { contentType: 'TEXT', text } },
  });
  await acme.until(() => acme.client(address).sees.some(({ content }) => content.text === text));
};
const writes = (text: string, on = 'acme_one') => acme.client(ANNA).writes(text, { channel: on });

describe('companies side by side', () => {
  it('have nothing misplaced while each message stands where it was written', async () => {
    await writes('Есть?');
    await writes('А здесь?', 'acme_two');
    await intoChat('Есть?', 'one');
    await intoChat('А здесь?', 'two');
    await acme.manager.writes(`one:${ANNA}`, 'Есть');
    await onPhone('Есть', 9026);
    await intoChat('the bridge’s own words', 'one');
    expect(companies.misplaced()).toEqual([]);
  });

  it('see a client’s message in the chats of another number', async () => {
    await writes('Есть?');
    await intoChat('Есть?', 'two');
    expect(companies.misplaced()).toEqual([
      {
        direction: 'inbound',
        key: 'text Есть?',
        stands: `acme, number 2, client ${ANNA}`,
        written: [`acme, number 1, client ${ANNA}`],
      },
    ]);
  });

  it('see one in another client’s chat, and one of another company', async () => {
    await writes('Есть?');
    await intoChat('Есть?', 'one', IVAN);
    await zeta.client(ANNA).writes('Где заказ?');
    await intoChat('Где заказ?', 'one');
    expect(companies.misplaced()).toMatchObject([
      { stands: `acme, number 1, client ${IVAN}` },
      { stands: `acme, number 1, client ${ANNA}`, written: [`zeta, number 1, client ${ANNA}`] },
    ]);
  });

  it('see an answer that left through another number', async () => {
    await intoChat('Здравствуйте', 'one');
    await acme.manager.writes(`one:${ANNA}`, 'Есть');
    await onPhone('Есть', 9027);
    expect(companies.misplaced()).toMatchObject([
      { direction: 'outbound', stands: `acme, number 2, client ${ANNA}` },
    ]);
  });

  it('have all their posts at one bridge', async () => {
    companies.pointAt('http://127.0.0.1:9');
    expect([acme, zeta].map(({ webhooks }) => webhooks.edna)).toEqual(
      Array(2).fill('http://127.0.0.1:9/webhooks/edna'),
    );
  });
});
