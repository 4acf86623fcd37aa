import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';
import { OLDER_RESENDS_SECONDS } from './settings.ts';

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

const PHONE = '79995550142';

/** Has a message delivered, with a fault of this shape on its callback. */
async function delivered(shape: object): Promise<unknown> {
  sandbox.edna.faults.add({ ...shape, kind: 'reshape', endpoint: 'status', times: 1 });
  await bridge.edna('/api/cascade/schedule', {
    requestId: 'r-1',
    cascadeId: 9026,
    subscriberFilter: { address: PHONE, type: 'PHONE' },
    content: { whatsappContent: { contentType: 'TEXT', text: 'Hello' } },
  });
  const [message] = sandbox.edna.messages;
  if (message === undefined) throw new Error('it was accepted');
  await sandbox.edna.report(message, 'DELIVERED');
  return bridge.posted.at(-1)?.body;
}

describe('a status callback', () => {
  it('may know the message by edna’s id alone', async () => {
    const messageId = expect.any(Number);
    expect(await delivered({ set: { requestId: null } })).toMatchObject({
      requestId: null,
      messageId,
      status: 'DELIVERED',
    });
  });

  it('may lack paymentData, and the ids of newer times', async () => {
    const body = await delivered({ without: ['paymentData', 'messageId'] });
    expect(Object.keys(body as object)).not.toContain('paymentData');
    expect(body).toMatchObject({ requestId: 'r-1', status: 'DELIVERED' });
    expect(body).not.toHaveProperty('messageId');
  });

  it('may have fields nobody documented', async () => {
    const extra = { qualityRating: 'GREEN', nested: { one: [1] } };
    expect(await delivered({ set: extra })).toMatchObject({ ...extra, status: 'DELIVERED' });
  });

  it('may come in an array, or in lower case', async () => {
    expect(await delivered({ array: true })).toMatchObject([{ status: 'DELIVERED' }]);
    sandbox.edna.faults.add({ kind: 'reshape', set: { status: 'delivered' } });
    const [message] = sandbox.edna.messages;
    if (message !== undefined) await sandbox.edna.report(message, 'DELIVERED');
    expect(bridge.posted.at(-1)?.body).toMatchObject({ status: 'delivered' });
  });
});

describe('a callback of a client message', () => {
  it('may lack what is null, and have what is new', async () => {
    const without = ['lastMessage', 'replyInMessageId', 'userInfo'];
    sandbox.edna.faults.add({ kind: 'reshape', without, set: { channelKind: 'new' } });
    await sandbox.client(PHONE).writes('Hello');
    const body = bridge.posted[0]?.body;
    expect(body).toMatchObject({ messageContent: { text: 'Hello' }, channelKind: 'new' });
    for (const key of without) expect(body).not.toHaveProperty(key);
  });
});

describe('the resends of edna’s older page', () => {
  it('are ten, after 4, 8, 16 … 2048 s', async () => {
    expect(OLDER_RESENDS_SECONDS.reduce((sum, seconds) => sum + seconds)).toBe(4092);
    sandbox.edna.settings.resendAfterSeconds = OLDER_RESENDS_SECONDS;
    bridge.answers = () => 202;
    await sandbox.client(PHONE).writes('Hello');
    const attempts = () => sandbox.edna.callbacks[0]?.attempts.length;
    for (const [at, seconds] of OLDER_RESENDS_SECONDS.entries()) {
      clock.advance(seconds * 1000 - 1);
      expect(attempts()).toBe(at + 1);
      clock.advance(1);
      await sandbox.until(() => attempts() === at + 2);
    }
    expect(sandbox.edna.callbacks[0]?.state).toBe('given up');
    expect(bridge.posted).toHaveLength(11);
  });
});
