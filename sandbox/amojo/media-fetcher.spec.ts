import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  sandbox = await startSandbox({ amojo: { connected: true } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const withAvatar = (avatar: string) => ({
  conversation_id: 'pulse-conv-42',
  user: { id: 'pulse-user-9', name: 'Анна К.', avatar },
});
const client = () => sandbox.amojo.book.byClientId(sandbox.scopeId, 'pulse-conv-42')?.client;

describe('an avatar', () => {
  it('is fetched by GET after the answer, and once', async () => {
    const avatar = sandbox.webhooks.edna?.replace('/webhooks/edna', '/a/9.jpg') ?? '';
    await bridge.scope('/chats', withAvatar(avatar));
    await sandbox.until(() => client()?.avatarFile);
    expect(bridge.posted).toMatchObject([{ method: 'GET', path: '/a/9.jpg' }]);
    await bridge.scope('/chats', withAvatar(avatar));
    await bridge.scope('/chats', withAvatar(`${avatar}?2`));
    await sandbox.until(() => client()?.avatarFile?.url.endsWith('?2'));
    expect(bridge.posted).toHaveLength(2);
  });

  it('that is not there is no fault of the request', async () => {
    bridge.answers = () => 404;
    const avatar = sandbox.webhooks.edna?.replace('/webhooks/edna', '/a/9.jpg') ?? '';
    expect((await bridge.scope('/chats', withAvatar(avatar))).status).toBe(200);
    expect(await sandbox.until(() => client()?.avatarError)).toBe('answered 404');
    expect(sandbox.ledger().violations).toBe(0);
  });
});

describe('the switches of fetching', () => {
  it('let other hosts than the loopback be asked', async () => {
    // Resolves nowhere, by RFC 2606: what tells the two apart is the reason.
    const avatar = 'http://files.invalid/a.jpg';
    await bridge.scope('/chats', withAvatar(avatar));
    expect(await sandbox.until(() => client()?.avatarError)).toMatch('only loopback');
    sandbox.amojo.settings.fetchFrom = 'anywhere';
    await bridge.scope('/chats', withAvatar(avatar));
    await sandbox.until(() => !client()?.avatarError?.includes('only loopback'));
    expect(client()?.avatarFile).toBeUndefined();
  });

  it('put the fetching off', async () => {
    const clock = new ManualClock();
    await sandbox.close();
    await bridge.close();
    sandbox = await startSandbox({ clock, amojo: { connected: true, fetchDelayMs: 3000 } });
    bridge = new StandInBridge(sandbox);
    await bridge.listen();
    const avatar = sandbox.webhooks.edna?.replace('/webhooks/edna', '/a/9.jpg') ?? '';
    await bridge.scope('/chats', withAvatar(avatar));
    clock.advance(2999);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    await sandbox.until(() => client()?.avatarFile);
  });
});
