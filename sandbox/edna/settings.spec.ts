import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';
import type { OutMessage } from './out-message.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const PHONE = '79995550142';
/** Of a block that is set aside for documentation: nobody answers there. */
const NOWHERE = 'https://192.0.2.1/';
const HOUR_MS = 3_600_000;
let lastId = 0;

function schedule(content: object = { contentType: 'TEXT', text: 'Hello' }) {
  lastId += 1;
  return bridge.edna('/api/cascade/schedule', {
    requestId: `r-${lastId}`,
    cascadeId: 9026,
    subscriberFilter: { address: PHONE, type: 'PHONE' },
    content: { whatsappContent: content },
  });
}

function accepted(): OutMessage {
  const message = sandbox.edna.messages.at(-1);
  if (message === undefined) throw new Error('it was accepted');
  return message;
}

const statuses = () => accepted().statuses.map(({ status, error }) => [status, error]);

describe('lockedChannel', () => {
  it('is what becomes of a message to a channel that is locked', async () => {
    const { settings } = sandbox.edna;
    settings.channels = settings.channels.map((channel) => ({ ...channel, locked: true }));
    settings.lockedChannel = { status: 'UNDELIVERED', error: 'user-blocked' };
    expect((await schedule()).status).toBe(200);
    clock.advance(1000);
    expect(statuses()).toEqual([['UNDELIVERED', 'user-blocked']]);
  });
});

describe('sessionWindowHours', () => {
  it('is how long a client may be answered in free text', async () => {
    sandbox.edna.settings.sessionWindow = 'sync400';
    await sandbox.client(PHONE).writes('Hello');
    for (const [hours, after, status] of [
      [1, HOUR_MS - 1, 200],
      [1, 1, 400],
      [3, 2 * HOUR_MS - 1, 200],
      [3, 1, 400],
    ] as const) {
      sandbox.edna.settings.sessionWindowHours = hours;
      clock.advance(after);
      expect((await schedule()).status).toBe(status);
    }
  });
});

describe('callbackTo', () => {
  const reason = () => sandbox.violations.at(-1)?.reason;

  it('keeps the sandbox on this machine, or lets it call anywhere', async () => {
    sandbox.edna.settings.callbackTimeoutMs = 50;
    const set = () => bridge.edna('/api/callback/set', { statusCallbackUrl: NOWHERE });
    const refused = { json: { code: 'error-callback-url-not-available' } };
    expect(await set()).toMatchObject(refused);
    expect(reason()).toContain('the sandbox calls loopback addresses only');
    sandbox.edna.settings.callbackTo = 'anywhere';
    expect(await set()).toMatchObject(refused);
    expect(reason()).toContain(`GET ${NOWHERE}`);
  });
});

describe('callbackTimeoutMs', () => {
  it('is how long an answer is waited for, by a callback and by callback/set', async () => {
    bridge.answers = () => new Promise(() => undefined);
    sandbox.edna.settings.callbackTimeoutMs = 30;
    const { parcel } = await sandbox.client(PHONE).writes('Hello');
    expect(parcel?.attempts).toMatchObject([{ error: 'no answer within 30 ms' }]);
    sandbox.edna.settings.callbackTimeoutMs = 40;
    await bridge.edna('/api/callback/set', { statusCallbackUrl: sandbox.webhooks.edna });
    expect(sandbox.violations.at(-1)?.reason).toContain('no answer within 40 ms');
  });
});

describe('fetchFrom', () => {
  /** Leads to this machine, but does not look like it. */
  const elsewhere = () => (sandbox.webhooks.edna ?? '').replace('127.0.0.1', '0.0.0.0');
  const send = async () => {
    await schedule({
      contentType: 'IMAGE',
      attachment: { url: `${elsewhere()}/a.png`, name: `${lastId}.png` },
    });
    clock.advance(1000);
    await sandbox.until(() => accepted().file ?? accepted().fileError);
  };

  it('keeps the sandbox on this machine, or lets it fetch from anywhere', async () => {
    await send();
    expect(accepted().fileError).toBe('only loopback addresses are fetched, not 0.0.0.0');
    expect(bridge.posted.filter(({ method }) => method === 'GET')).toEqual([]);
    sandbox.edna.settings.fetchFrom = 'anywhere';
    await send();
    expect(accepted().file?.url).toBe(`${elsewhere()}/a.png`);
  });
});

describe('delaysMs', () => {
  it('are the waits before the file is fetched and before each status', async () => {
    const delays = { fetch: 1000, sent: 2000, delivered: 3000, read: 4000 };
    sandbox.edna.settings.delaysMs = delays;
    const url = `${sandbox.webhooks.edna}/a.png`;
    await schedule({ contentType: 'IMAGE', attachment: { url, name: 'a.png' } });
    const reached = async (ms: number, step: () => unknown) => {
      clock.advance(ms - 1);
      expect([clock.pending, step()]).toEqual([1, undefined]);
      clock.advance(1);
      await sandbox.until(step);
      // The next wait begins once the bridge's answer has gone all the way back.
      await new Promise((resolve) => setImmediate(resolve));
    };
    const told = (status: string) => () =>
      sandbox.edna.callbacks.find(
        ({ raw, state }) => raw.includes(`"status":"${status}"`) && state === 'taken',
      );
    await reached(delays.fetch, () => accepted().file);
    await reached(delays.sent, told('SENT'));
    await reached(delays.delivered, told('DELIVERED'));
    await reached(delays.read, told('READ'));
  });
});
