import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

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
const anna = () => sandbox.client(PHONE, { userName: 'Vera' });
const lastBody = () => bridge.posted.at(-1)?.body;

describe('the callback of a client message', () => {
  it('has the documented body and carries the token', async () => {
    const message = await anna().writes('Is it in stock?');
    expect(lastBody()).toEqual({
      id: message.id,
      subject: 'acme_wa_main',
      subjectId: 71_844,
      subscriber: { id: expect.any(Number), identifier: PHONE },
      userInfo: { userName: 'Vera', firstName: null, lastName: null, avatarUrl: null },
      messageContent: {
        type: 'TEXT',
        text: 'Is it in stock?',
        attachment: null,
        location: null,
        caption: null,
        payload: null,
        story: null,
        items: null,
      },
      receivedAt: expect.stringMatching(/:\d\dZ$/),
      replyOutMessageId: null,
      replyOutMessageExternalRequestId: null,
      replyInMessageId: null,
      lastMessage: null,
    });
    const { path, headers } = bridge.posted[0] ?? {};
    expect(path).toBe('/webhooks/edna');
    expect(headers?.authorization).toBe(`Token ${sandbox.edna.settings.webhookToken}`);
    expect(message.parcel?.state).toBe('taken');
  });

  it('carries no token where none is set up', async () => {
    sandbox.edna.settings.webhookToken = '';
    await anna().writes('Hello');
    expect(bridge.posted[0]?.headers).not.toHaveProperty('authorization');
  });

  it('may be an array, of one message or of several', async () => {
    await anna().writes('One', { array: true });
    expect(lastBody()).toMatchObject([{ messageContent: { text: 'One' } }]);
    await anna().writesTogether(['Two', 'Three']);
    expect(lastBody()).toMatchObject([
      { messageContent: { text: 'Two' } },
      { messageContent: { text: 'Three' } },
    ]);
  });

  it.each(['IMAGE', 'VIDEO', 'DOCUMENT', 'AUDIO', 'VOICE', 'STICKER'])(
    'links to a file for %s, with no name, for seven days',
    async (type) => {
      await anna().writes({ type, caption: 'scratch here' });
      const { messageContent } = lastBody() as Incoming;
      expect(messageContent).toMatchObject({ type, caption: 'scratch here', text: null });
      const { url, name, size } = messageContent.attachment;
      expect({ name, size }).toEqual({ name: null, size: null });
      expect(new URL(url).pathname).toMatch(/^\/files\/.+\.[a-z0-9]+$/);
      const fetched = await sandbox.post(url, { method: 'GET' });
      expect(fetched.status).toBe(200);
      expect(fetched.body.length).toBeGreaterThan(0);
      clock.advance(7 * 24 * 3600 * 1000 + 1000);
      expect((await sandbox.post(url, { method: 'GET' })).status).toBe(403);
    },
  );

  it.each([
    { type: 'LOCATION', location: { latitude: 59.9571, longitude: 30.3083, address: null } },
    { type: 'BUTTON', text: 'Reschedule', payload: 'resched-118' },
    { type: 'LIST_PICKER', items: [{ identifier: '02', title: 'Evening', subtitle: null }] },
    { type: 'FLOW', text: '{"city":"Omsk","flow_token":"t-1"}' },
    { type: 'ORDER', order: { id: 5 } },
  ])('carries $type as it is', async (content) => {
    await anna().writes(content);
    expect(lastBody()).toMatchObject({ messageContent: content });
  });

  it('quotes a message by number, never by text', async () => {
    const first = await anna().writes('Hello');
    await anna().writes('And?', { replyTo: first });
    expect(lastBody()).toMatchObject({ replyInMessageId: first.id, replyOutMessageId: null });
    await bridge.edna('/api/cascade/schedule', {
      requestId: 'r-1',
      cascadeId: 9026,
      subscriberFilter: { address: PHONE, type: 'PHONE' },
      content: { whatsappContent: { contentType: 'TEXT', text: 'Yes' } },
    });
    const [answer] = anna().addressed;
    await anna().writes('Good', { replyTo: answer });
    expect(lastBody()).toMatchObject({
      replyInMessageId: null,
      replyOutMessageId: answer?.messageId,
      replyOutMessageExternalRequestId: 'r-1',
    });
  });

  it('writes 64-bit ids as the numbers they are, and overrides as a test says', async () => {
    await anna().writes('Hello', { id: 9_007_199_254_740_993n, overrides: { extra: [1] } });
    expect(bridge.posted[0]?.raw).toContain('"id":9007199254740993,');
    expect(lastBody()).toMatchObject({ extra: [1] });
  });

  it('has a legacy form', async () => {
    await anna().writes({ type: 'IMAGE', caption: 'scratch' }, { form: 'legacy' });
    expect(lastBody()).toEqual({
      id: expect.any(Number),
      imSubject: 'acme_wa_main',
      imSubjectId: 71_844,
      address: PHONE,
      imType: 'whatsapp',
      contentType: 'image',
      caption: 'scratch',
      attachmentUrl: expect.stringContaining('/files/'),
      userName: 'Vera',
      receivedAt: expect.stringMatching(/\.\d{3}\+0000$/),
    });
  });

  it('has a simple form', async () => {
    await anna().writes('Hello', { form: 'simple' });
    expect(lastBody()).toEqual({
      id: expect.stringMatching(/^msg-\d+$/),
      imType: 'whatsapp',
      subject: PHONE,
      text: 'Hello',
      fromClient: true,
    });
  });
});

interface Incoming {
  readonly messageContent: {
    readonly attachment: { readonly url: string; readonly name: null; readonly size: null };
  };
}

describe('resends', () => {
  const attempts = () => sandbox.edna.callbacks[0]?.attempts.length;

  it('come after 4, 128 and 2048 s, then edna gives up', async () => {
    bridge.answers = () => 500;
    await anna().writes('Hello');
    let count = 1;
    for (const seconds of [4, 128, 2048]) {
      clock.advance(seconds * 1000 - 1);
      expect(clock.pending).toBe(1);
      clock.advance(1);
      expect(clock.pending).toBe(0);
      count += 1;
      await sandbox.until(() => attempts() === count);
    }
    clock.advance(100_000_000);
    expect(bridge.posted).toHaveLength(4);
    expect(new Set(bridge.posted.map(({ raw }) => raw)).size).toBe(1);
    expect(sandbox.edna.callbacks[0]?.state).toBe('given up');
  });

  it.each([201, 202, 204, 301, 401, 503])('come after %i: only 200 will do', async (status) => {
    bridge.answers = () => (bridge.posted.length === 1 ? status : 200);
    await anna().writes('Hello');
    clock.advance(4000);
    await sandbox.until(() => sandbox.edna.callbacks[0]?.state === 'taken');
    clock.advance(100_000_000);
    expect(bridge.posted).toHaveLength(2);
  });

  it('come for a bridge that is not there', async () => {
    sandbox.pointAt('http://127.0.0.1:1');
    const message = await anna().writes('Hello');
    expect(message.parcel).toMatchObject({ state: 'under way', attempts: [{}] });
    expect(message.parcel?.attempts[0]?.error).toMatch(/ECONNREFUSED/);
  });
});
