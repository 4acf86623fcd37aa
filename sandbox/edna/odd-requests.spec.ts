import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  sandbox = await startSandbox({ edna: { statuses: 'manual' } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

/** JSON whose values cannot be made a text the usual way. */
const ODD = { toString: 1, valueOf: 1 };
const DEEP = '['.repeat(10_000) + ']'.repeat(10_000);
const withDeep = (body: object) => JSON.stringify(body).replace('"deep"', DEEP);

const SUBSCRIBER = { type: 'PHONE', address: '79995550142' };
const SCHEDULE = { requestId: 'r', cascadeId: 9026, subscriberFilter: SUBSCRIBER };
const LEGACY = {
  id: 'a-17',
  subject: 'acme_wa_main',
  address: '79995550142',
  contentType: 'text',
  text: 'x',
};
const TEMPLATE = { name: 'a', language: 'RU', channelType: 'WHATSAPP', category: 'UTILITY' };

describe('a request with a value nobody expects', () => {
  it.each<[string, string]>([
    ['/api/v1/out-messages/max', JSON.stringify({ from: ODD })],
    ['/api/v1/out-messages/max-bot', JSON.stringify({ sender: ODD })],
    ['/api/v1/out-messages/max', withDeep({ from: 'deep' })],
    ['/api/old/imOutMessage', JSON.stringify({ ...LEGACY, priority: ODD })],
    ['/api/old/imOutMessage', withDeep({ ...LEGACY, contentType: 'deep' })],
    ['/api/in-message/change-status', JSON.stringify({ id: ODD, status: 'READ' })],
    ['/api/in-message/change-status', withDeep({ id: 1, status: 'deep' })],
    [
      '/api/message-matchers/get-by-request',
      JSON.stringify({ subjectId: 71_844, matcherTypes: [ODD] }),
    ],
    [
      '/api/message-matchers',
      JSON.stringify({
        subjectIds: [71_844],
        messageMatcher: {
          ...TEMPLATE,
          type: 'OPERATOR',
          content: { text: 'x', textExampleParams: [ODD] },
        },
      }),
    ],
    ['/api/cascade/schedule', withDeep({ ...SCHEDULE, startTime: 'deep' })],
    ['/api/cascade/schedule', withDeep({ ...SCHEDULE, content: { whatsappContent: 'deep' } })],
    [
      '/api/cascade/schedule',
      withDeep({ ...SCHEDULE, content: { whatsappContent: { contentType: 'deep' } } }),
    ],
    ['/api/messages/history', withDeep({ direction: 'deep' })],
    ['/api/messages/history', withDeep({ messageId: 'deep' })],
    ['/api/callback/set', withDeep({ statusCallbackUrl: 'deep' })],
  ])('%s is answered, and not with 500', async (path, body) => {
    const { status } = await bridge.edna(path, body);
    expect([200, 400]).toContain(status);
  });
});
