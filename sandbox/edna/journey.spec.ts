import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';
import { DOCUMENTED_FATES } from './fates.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock, edna: { statuses: ['SENT'] } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const PHONE = '79995550142';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const WHATSAPP = { whatsappContent: { contentType: 'TEXT', text: 'Hello' } };
const BOTH = { ...WHATSAPP, smsContent: { text: 'Hello by SMS' } };

function schedule(change: object = {}) {
  return bridge.edna('/api/cascade/schedule', {
    requestId: 'r-1',
    cascadeId: 9026,
    subscriberFilter: { address: PHONE, type: 'PHONE' },
    content: WHATSAPP,
    ...change,
  });
}

const told = () =>
  bridge.posted.map(({ body }) => body as { status: string; error: string; subject: string });
const statuses = () => told().map(({ status }) => status);
const shown = () => sandbox.client(PHONE).sees.map(({ content }) => content.text);

describe('a message with a start time', () => {
  it('is DELAYED until then, and goes', async () => {
    const startTime = new Date(clock.now() + HOUR).toISOString();
    expect((await schedule({ startTime })).status).toBe(200);
    clock.advance(HOUR - 1);
    await sandbox.until(() => bridge.posted.length === 1);
    expect(shown()).toEqual([]);
    clock.advance(MINUTE);
    await sandbox.until(() => bridge.posted.length === 2);
    expect(statuses()).toEqual(['DELAYED', 'SENT']);
    expect(shown()).toEqual(['Hello']);
  });

  it('goes at once where that time is past', async () => {
    await schedule({ startTime: '2026-02-03T09:15:00Z' });
    clock.advance(MINUTE);
    await sandbox.until(() => bridge.posted.length === 1);
    expect(statuses()).toEqual(['SENT']);
  });

  it.each(['tomorrow', '2026-02-03', '2026-02-03T09:15:00+03:00', 1_770_109_200, ''])(
    'is refused where the time is %j',
    async (startTime) => {
      expect((await schedule({ startTime })).json).toMatchObject({
        title: 'cascade-scheduling-request-not-valid',
        detail: expect.stringContaining('startTime'),
      });
    },
  );

  it('is refused where the comment is no text', async () => {
    expect((await schedule({ comment: 17 })).status).toBe(400);
    expect((await schedule({ comment: null })).status).toBe(200);
  });
});

describe('a cascade of two stages', () => {
  const twoStages = () => schedule({ cascadeId: 9031, content: BOTH });

  it('ends with the first where that one is delivered in time', async () => {
    sandbox.edna.settings.statuses = 'manual';
    await twoStages();
    const [first] = sandbox.edna.messages;
    if (first === undefined) throw new Error('it was accepted');
    await sandbox.edna.report(first, 'DELIVERED');
    clock.advance(HOUR);
    expect(shown()).toEqual(['Hello']);
    expect(sandbox.edna.messages).toHaveLength(1);
  });

  it('goes on after the TTL, under the same request id and with the next uuid', async () => {
    await twoStages();
    clock.advance(MINUTE - 1);
    expect(shown()).toEqual(['Hello']);
    clock.advance(MINUTE);
    expect(shown()).toEqual(['Hello', 'Hello by SMS']);
    const [first, second] = sandbox.edna.messages;
    expect(second).toMatchObject({ requestId: 'r-1', channel: { subject: 'acme_sms' } });
    expect(second?.messageId).not.toBe(first?.messageId);
    expect(second?.stageUuid).not.toBe(first?.stageUuid);
    await sandbox.until(() => bridge.posted.length === 2);
    expect(told().map(({ subject }) => subject)).toEqual(['acme_wa_main', 'acme_sms']);
  });

  it('goes on at once where the first fails, and once only', async () => {
    sandbox.edna.settings.statuses = 'manual';
    await twoStages();
    const [first] = sandbox.edna.messages;
    if (first === undefined) throw new Error('it was accepted');
    await sandbox.edna.report(first, 'UNDELIVERED', { error: 'not-whatsapp-user' });
    clock.advance(HOUR);
    expect(sandbox.edna.messages.map(({ channel }) => channel.type)).toEqual(['WHATSAPP', 'SMS']);
  });
});

describe('a message that does not arrive', () => {
  it.each(
    Object.entries(DOCUMENTED_FATES)
      .filter(([, { status }]) => status !== 'EXPIRED')
      .map(([ending, fate]) => [`7999555${ending}`, fate] as const),
  )('to %s ends as documented: %j', async (address, fate) => {
    sandbox.edna.settings.fates = DOCUMENTED_FATES;
    await schedule({ subscriberFilter: { address, type: 'PHONE' } });
    clock.advance(MINUTE);
    await sandbox.until(() => bridge.posted.length === 1);
    expect(told()).toMatchObject([fate]);
    const { json } = await bridge.edna('/api/messages/history', {});
    expect(json).toMatchObject({ content: [{ deliveryStatus: fate.status }] });
  });

  it('expires a day after it was sent', async () => {
    sandbox.edna.settings.fates = DOCUMENTED_FATES;
    await schedule({ subscriberFilter: { address: '79995559011', type: 'PHONE' } });
    clock.advance(MINUTE);
    await sandbox.until(() => sandbox.edna.callbacks[0]?.state === 'taken');
    const { json } = await bridge.edna('/api/messages/history', {});
    expect(json).toMatchObject({ content: [{ deliveryStatus: 'SENT' }] });
    clock.advance(24 * HOUR - 2 * MINUTE);
    expect(statuses()).toEqual(['SENT']);
    clock.advance(2 * MINUTE);
    await sandbox.until(() => bridge.posted.length === 2);
    expect(statuses()).toEqual(['SENT', 'EXPIRED']);
  });

  it('fails where its channel is locked', async () => {
    const { channels } = sandbox.edna.settings;
    sandbox.edna.settings.channels = channels.map((one) => ({ ...one, locked: true }));
    const { json } = await bridge.edna('/api/cascade/get-all', {});
    expect(json).toMatchObject([{ stages: [{ subject: { locked: true } }] }, {}, {}]);
    expect((await schedule()).status).toBe(200);
    clock.advance(MINUTE);
    await sandbox.until(() => bridge.posted.length === 1);
    expect(told()).toMatchObject([{ status: 'FAILED', error: 'error-subject-unknown' }]);
    expect(shown()).toEqual([]);
  });

  it('fails where the account is blocked, and is refused where it has no money', async () => {
    sandbox.edna.settings.account = 'blocked';
    expect((await schedule()).status).toBe(200);
    clock.advance(MINUTE);
    await sandbox.until(() => bridge.posted.length === 1);
    expect(told()).toMatchObject([{ status: 'FAILED', error: 'error-system-blocked' }]);
    sandbox.edna.settings.account = 'no-funds';
    expect((await schedule({ requestId: 'r-2' })).json).toEqual({
      title: 'cascade-scheduling-request-not-valid',
      status: 400,
      detail: expect.stringContaining('insufficient funds'),
    });
  });
});
