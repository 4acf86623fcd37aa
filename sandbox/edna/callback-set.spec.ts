import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;
/** Address of the bridge, as the sandbox has it. */
let here: string;

beforeEach(async () => {
  const edna = { statuses: 'manual' } as const;
  sandbox = await startSandbox({ clock: new ManualClock(), edna });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
  here = sandbox.webhooks.edna ?? '';
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const PHONE = '79995550142';
const set = (body: unknown) => bridge.edna('/api/callback/set', body);
const asked = () => bridge.posted.map(({ method, path }) => `${method} ${path}`);
const lastPath = () => bridge.posted.at(-1)?.path;

async function scheduleOne() {
  await bridge.edna('/api/cascade/schedule', {
    requestId: 'r-1',
    cascadeId: 9026,
    subscriberFilter: { address: PHONE, type: 'PHONE' },
    content: { whatsappContent: { contentType: 'TEXT', text: 'Hello' } },
  });
  const [message] = sandbox.edna.messages;
  if (message === undefined) throw new Error('it was accepted');
  return message;
}

describe('callback/set', () => {
  it('tries each address with GET and HEAD and without a secret, then answers ok', async () => {
    const answer = await set({
      inMessageCallbackUrl: `${here}/in`,
      statusCallbackUrl: `${here}/status`,
      messageMatcherCallbackUrl: `${here}/in`,
    });
    expect(answer).toMatchObject({ status: 200, json: { code: 'ok' } });
    expect(asked()).toEqual([
      'GET /webhooks/edna/in',
      'HEAD /webhooks/edna/in',
      'GET /webhooks/edna/status',
      'HEAD /webhooks/edna/status',
    ]);
    expect(bridge.posted.some(({ headers }) => 'authorization' in headers)).toBe(false);
  });

  it('may try with HEAD alone, or not at all', async () => {
    sandbox.edna.settings.probe = 'head';
    await set({ statusCallbackUrl: here });
    expect(asked()).toEqual(['HEAD /webhooks/edna']);
    sandbox.edna.settings.probe = 'off';
    expect((await set({ statusCallbackUrl: 'http://127.0.0.1:1/' })).json).toEqual({ code: 'ok' });
  });

  it.each([
    ['error-syntax', '[]'],
    ['url-not-specified', {}],
    ['url-not-specified', { subjectId: 71_844, statusCallbackUrl: '' }],
    ['error-syntax', { statusCallbackUrl: 5, inMessageCallbackUrl: 'http://127.0.0.1/' }],
    ['error-subject-id-format', { subjectId: '71844', statusCallbackUrl: 'http://127.0.0.1/' }],
    ['error-subject-unknown', { subjectId: 1, statusCallbackUrl: 'http://127.0.0.1/' }],
    ['error-subject-unknown', { subjectId: 71_860, statusCallbackUrl: 'http://127.0.0.1/' }],
    ['error-callback-url-max-length', { statusCallbackUrl: `http://127.0.0.1/${'x'.repeat(484)}` }],
    ['error-callback-url-not-https', { statusCallbackUrl: 'http://bridge.example.test/' }],
    ['error-callback-url-not-https', { statusCallbackUrl: 'https://bridge.example.test:8443/' }],
    ['error-callback-url-not-https', { statusCallbackUrl: 'bridge' }],
    ['error-callback-url-not-available', { statusCallbackUrl: 'http://127.0.0.1:1/' }],
    ['error-callback-url-not-available', { statusCallbackUrl: 'https://bridge.example.test/' }],
  ])('answers %s with 200: %j', async (code, body) => {
    expect(await set(body)).toMatchObject({ status: 200, json: { code } });
    expect(sandbox.ledger().violations).toBe(1);
    expect(bridge.posted).toEqual([]);
    sandbox.edna.settings.callbackRefusalStatus = 400;
    expect(await set(body)).toMatchObject({ status: 400, json: { code } });
  });

  it.each([201, 204, 301, 401, 404, 500])('takes %i for not available', async (status) => {
    bridge.answers = ({ method }) => (method === 'HEAD' ? status : 200);
    const code = 'error-callback-url-not-available';
    expect((await set({ inMessageCallbackUrl: `${here}/in` })).json).toEqual({ code });
    await sandbox.client(PHONE).writes('Hello');
    expect(lastPath()).toBe('/webhooks/edna');
  });

  it('takes no address without https, not even one of this machine, where it is strict', async () => {
    sandbox.edna.settings.callbackAddresses = 'https';
    const code = 'error-callback-url-not-https';
    expect((await set({ statusCallbackUrl: here })).json).toEqual({ code });
  });

  it('waits for the bridge, which is busy, and holds up nothing else', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    bridge.answers = ({ method }) => (method === 'GET' ? promise : 200);
    const answered = set({ statusCallbackUrl: here });
    await scheduleOne();
    expect(sandbox.requests('callback-set')).toMatchObject([{ isAnswered: false }]);
    resolve(200);
    expect((await answered).json).toEqual({ code: 'ok' });
  });
});

describe('the callbacks afterwards', () => {
  it('go where they were told, each kind on its own', async () => {
    await set({ inMessageCallbackUrl: `${here}/in` });
    await set({ statusCallbackUrl: `${here}/status` });
    await sandbox.client(PHONE).writes('Hello');
    expect(lastPath()).toBe('/webhooks/edna/in');
    await sandbox.edna.report(await scheduleOne(), 'SENT');
    expect(lastPath()).toBe('/webhooks/edna/status');
    await sandbox.edna.templates.decide(31_009, 'PAUSED');
    expect(lastPath()).toBe('/webhooks/edna');
    await set({ messageMatcherCallbackUrl: `${here}/templates` });
    await sandbox.edna.templates.decide(31_009, 'APPROVED');
    expect(lastPath()).toBe('/webhooks/edna/templates');
  });

  it('of a channel go to its own address before the account’s', async () => {
    await set({ inMessageCallbackUrl: `${here}/all` });
    await set({ subjectId: 71_850, inMessageCallbackUrl: `${here}/max` });
    await sandbox.client(PHONE).writes('Hello');
    expect(lastPath()).toBe('/webhooks/edna/all');
    await sandbox.client('40117702').writes('Hi', { channel: 'acme_max_bot' });
    expect(lastPath()).toBe('/webhooks/edna/max');
    sandbox.edna.callbackUrls.forget();
    await sandbox.client(PHONE).writes('Hello');
    expect(lastPath()).toBe('/webhooks/edna');
  });
});
