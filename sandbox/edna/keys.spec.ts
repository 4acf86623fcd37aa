import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';
import type { EdnaKey, MethodGroup } from './keys.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock, edna: { statuses: 'manual' } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

function give(key: Omit<EdnaKey, 'key'>): void {
  sandbox.edna.settings.additionalKeys = [{ key: 'additional', ...key }];
}

const call = (path: string, body: unknown, method = 'POST', key = 'additional') =>
  bridge.edna(path, body, { 'X-API-KEY': key }, method);

const LEGACY = {
  id: 'a-17',
  subject: 'acme_wa_main',
  address: '79995550142',
  contentType: 'text',
  text: 'Hello',
};

/** Method, path and a body of no matter: a key is looked at before anything else. */
const METHODS: readonly [MethodGroup, string, string][] = [
  ['messaging', 'POST', '/api/cascade/schedule'],
  ['messaging', 'POST', '/api/v1/out-messages/max-bot'],
  ['messaging', 'POST', '/api/v1/out-messages/max'],
  ['messaging', 'GET', '/api/subscribers/get-by-address'],
  ['read-receipts', 'POST', '/api/in-message/change-status'],
  ['history', 'POST', '/api/messages/history'],
  ['templates', 'POST', '/api/message-matchers/get-by-request'],
  ['templates', 'POST', '/api/message-matchers'],
  ['webhooks', 'POST', '/api/callback/set'],
  ['channels', 'GET', '/api/channel-profile'],
  ['cascades', 'POST', '/api/cascade/get-all'],
];

describe('keys', () => {
  it.each(METHODS)('%s opens %s %s, and no other group does', async (group, method, path) => {
    give({ groups: ['scenarios', ...new Set(METHODS.map(([one]) => one))] });
    expect([401, 403]).not.toContain((await call(path, '{}', method)).status);
    give({ groups: ['scenarios', ...METHODS.map(([one]) => one).filter((one) => one !== group)] });
    expect(await call(path, '{}', method)).toMatchObject({
      status: 403,
      json: { title: 'access-denied', status: 403, detail: expect.any(String) },
    });
    expect((await call(path, '{}', method, 'wrong')).status).toBe(401);
    expect((await bridge.edna(path, '{}', {}, method)).status).toBe(401);
  });

  it('refuse in the shape of the legacy API where that was called', async () => {
    give({ groups: ['history'] });
    const answer = await call('/api/old/imOutMessage', LEGACY);
    expect(answer).toMatchObject({ status: 403, json: { code: 'error-unauthorized' } });
  });

  it('open the channels they name', async () => {
    give({ subjects: ['acme_viber'] });
    expect((await call('/api/old/imOutMessage', LEGACY)).status).toBe(403);
    const filter = { subjectId: 71_844 };
    expect((await call('/api/message-matchers/get-by-request', filter)).status).toBe(403);
    const callbacks = { ...filter, statusCallbackUrl: sandbox.webhooks.edna };
    expect((await call('/api/callback/set', callbacks)).status).toBe(403);
    expect(bridge.posted).toEqual([]);
    give({ subjects: ['acme_wa_main'] });
    expect((await call('/api/old/imOutMessage', LEGACY)).json).toMatchObject({ code: 'ok' });
    expect((await call('/api/message-matchers/get-by-request', filter)).status).toBe(200);
  });

  it('show and change nothing of other channels', async () => {
    await bridge.edna('/api/old/imOutMessage', LEGACY);
    const written = await sandbox.client('79995550142').writes('Hello');
    const receipt = { id: written.id, status: 'READ' };
    const whole = { statusCallbackUrl: sandbox.webhooks.edna };
    const answers = async () => ({
      status: (await call(`/api/old/imOutMessage/${LEGACY.id}`, '', 'GET')).status,
      receipt: (await call('/api/in-message/change-status', receipt)).status,
      callbacks: (await call('/api/callback/set', whole)).status,
      channels: (await call('/api/channel-profile', '', 'GET')).json,
    });
    give({ subjects: ['acme_sms'] });
    expect(await answers()).toMatchObject({
      status: 403,
      receipt: 403,
      callbacks: 403,
      channels: [{ subject: 'acme_sms' }],
    });
    give({ subjects: ['acme_wa_main'] });
    expect(await answers()).toMatchObject({ status: 200, receipt: 200, callbacks: 403 });
    give({});
    expect(await answers()).toMatchObject({ callbacks: 200, channels: { length: 6 } });
  });

  it('open a cascade only with the channels of all its stages', async () => {
    const twoStages = {
      requestId: 'r-1',
      cascadeId: 9031,
      subscriberFilter: { address: '79995550142', type: 'PHONE' },
      content: {
        whatsappContent: { contentType: 'TEXT', text: 'Hello' },
        smsContent: { text: 'Hello' },
      },
    };
    give({ subjects: ['acme_wa_main'] });
    expect((await call('/api/cascade/schedule', twoStages)).status).toBe(403);
    give({ subjects: ['acme_wa_main', 'acme_sms'] });
    expect((await call('/api/cascade/schedule', twoStages)).status).toBe(200);
  });

  it('show in the history what their channels have', async () => {
    await sandbox.client('79995550142').writes('Hello');
    await sandbox.client('40117702').writes('Hi', { channel: 'acme_max_bot' });
    give({ subjects: ['acme_max_bot'] });
    expect((await call('/api/messages/history', {})).json).toMatchObject({
      content: [{ channelType: 'MAX_BOT' }],
    });
  });

  it('end with the day they expire, and not before', async () => {
    give({ expiresAt: new Date(clock.now() + 1000).toISOString() });
    expect((await call('/api/cascade/get-all', {})).status).toBe(200);
    clock.advance(1000);
    expect((await call('/api/cascade/get-all', {})).status).toBe(401);
  });

  it('end at once where the master key is made anew', async () => {
    const old = sandbox.edna.settings.apiKey;
    sandbox.edna.settings.apiKey = 'made anew';
    expect((await call('/api/cascade/get-all', {}, 'POST', old)).status).toBe(401);
    expect((await call('/api/cascade/get-all', {}, 'POST', 'made anew')).status).toBe(200);
  });
});
