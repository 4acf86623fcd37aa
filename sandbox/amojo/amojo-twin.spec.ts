import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  sandbox = await startSandbox();
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const CHANNEL = '/v2/origin/custom/5d0f3a52-7c1e-4b86-9a4d-2e6f8b1c0d37';
const ACCOUNT = 'c2e94b10-63af-4d5e-8f07-91ab34cd56ef';
const CONNECT = { account_id: ACCOUNT, title: 'Pulse bridge', hook_api_version: 'v2' };

const connect = (body: object = CONNECT) => bridge.amojo('POST', `${CHANNEL}/connect`, body);
const openChat = (body: object) => bridge.scope('/chats', body);
const CHAT = {
  conversation_id: 'pulse-conv-42',
  user: { id: 'pulse-user-9', name: 'Анна К.', profile: { phone: '79995550142' } },
};

describe('connect', () => {
  it('answers the five fields, the same on a repeat', async () => {
    const expected = {
      account_id: ACCOUNT,
      scope_id: sandbox.scopeId,
      title: 'Pulse bridge',
      hook_api_version: 'v2',
      is_time_window_disabled: false,
    };
    expect(await connect()).toMatchObject({ status: 200, json: expected });
    expect(await connect()).toMatchObject({ status: 200, json: expected });
    expect(sandbox.amojo.isConnected).toBe(true);
  });

  it('answers 404 for another channel, and 400 for a body that lacks something', async () => {
    const other = await bridge.amojo('POST', '/v2/origin/custom/other/connect', CONNECT);
    expect(other).toMatchObject({
      status: 404,
      json: { status: 0, error_code: 404, error_type: 'ORIGIN_NOT_REGISTERED' },
    });
    expect((await connect({ title: 'x', hook_api_version: 'v2' })).status).toBe(400);
    expect((await connect({ ...CONNECT, hook_api_version: 2 })).status).toBe(400);
    expect((await connect({ ...CONNECT, account_id: 31_990_077 })).status).toBe(400);
    expect(sandbox.amojo.isConnected).toBe(false);
  });

  it('comes before everything else: an unconnected scope is unknown, also after disconnect', async () => {
    expect((await openChat(CHAT)).status).toBe(404);
    await connect();
    expect((await openChat(CHAT)).status).toBe(200);
    await bridge.amojo('DELETE', `${CHANNEL}/disconnect`, { account_id: ACCOUNT });
    expect((await openChat(CHAT)).status).toBe(404);
    await sandbox.manager.writesFirst('79995550188', 'Добрый день!');
    expect(bridge.posted).toEqual([]);
  });
});

describe('a scope', () => {
  it('of another channel or account is unknown', async () => {
    await connect();
    const path = `/v2/origin/custom/${sandbox.scopeId.replace('c2e94b10', '00000000')}/chats`;
    expect((await bridge.amojo('POST', path, CHAT)).status).toBe(404);
  });
});

describe('the signature check', () => {
  const path = `${CHANNEL}/connect`;
  const MINUTES = 60_000;

  it.each([
    ['a wrong secret', { secret: 'b'.repeat(40) }],
    ['another path', { signedPath: `${path}/` }],
    ['an MD5 of other bytes', { contentMd5: 'd41d8cd98f00b204e9800998ecf8427e' }],
    ['an old date', { date: new Date(Date.now() - 16 * MINUTES).toUTCString() }],
    ['a future date', { date: new Date(Date.now() + 16 * MINUTES).toUTCString() }],
    ['a body serialised again', { sent: JSON.stringify(CONNECT, null, 1) }],
  ])('answers 403 to %s', async (_name, spoiling) => {
    const answer = await bridge.amojo('POST', path, CONNECT, spoiling);
    expect(answer).toMatchObject({
      status: 403,
      json: {
        status: 0,
        error_code: 403,
        error_type: 'ORIGIN_INVALID_SIGNATURE',
        error_description: 'invalid signature',
      },
    });
    expect(sandbox.amojo.isConnected).toBe(false);
    expect(sandbox.violations).toMatchObject([{ endpoint: 'connect', status: 403 }]);
  });

  it('leaves the query out of the signed path', async () => {
    await connect();
    const history = `/v2/origin/custom/${sandbox.scopeId}/chats/none/history?offset=0&limit=20`;
    expect((await bridge.amojo('GET', history)).status).toBe(204);
    const signedPath = history;
    expect((await bridge.amojo('GET', history, '', { signedPath })).status).toBe(403);
  });

  it('goes by the clock that its own answers show', async () => {
    sandbox.amojo.server.skewMs = 20 * MINUTES;
    const date = new Date().toUTCString();
    const refused = await bridge.amojo('POST', path, CONNECT, { date });
    expect(refused.status).toBe(403);
    const shown = String(refused.headers?.date);
    expect(Date.parse(shown) - Date.now()).toBeGreaterThan(19 * MINUTES);
    expect((await bridge.amojo('POST', path, CONNECT, { date: shown })).status).toBe(200);
  });
});

describe('chats', () => {
  beforeEach(() => connect());

  it('gives the same chat for the same id, with phone and address flat', async () => {
    const first = await openChat(CHAT);
    const user = { client_id: 'pulse-user-9', name: 'Анна К.', phone: '79995550142', avatar: '' };
    expect(first).toMatchObject({ status: 200, json: { user } });
    expect(await openChat(CHAT)).toMatchObject({ json: first.json });
    expect((await openChat({ ...CHAT, conversation_id: 'pulse-conv-43' })).json).not.toEqual(
      first.json,
    );
  });

  it('are not seen by managers and open no lead until there is a message', async () => {
    await openChat(CHAT);
    expect(sandbox.chats).toEqual([]);
    expect(sandbox.ledger()).toMatchObject({ chats: 0, leads: 0 });
  });

  it.each([
    ['conversation_id', { user: CHAT.user }],
    ['user', { conversation_id: 'pulse-conv-42' }],
    ['user.name', { ...CHAT, user: { id: '9' } }],
    ['user.id', { ...CHAT, user: { id: 9, name: 'А' } }],
  ])('need %s', async (field, body) => {
    const { status, json } = await openChat(body);
    expect(status).toBe(400);
    expect(json).toHaveProperty('error_description', expect.stringMatching(`^${field}: `));
  });
});

describe('the account', () => {
  it('tells its amojo id to who has the token and asks for it', async () => {
    const { url } = sandbox.amojo.server;
    const get = (path: string, token: string) =>
      sandbox.post(`${url}${path}`, {
        method: 'GET',
        headers: { Authorization: `Bearer ${token}` },
      });
    const { restToken } = sandbox.amojo.settings;
    const full = await get('/api/v4/account?with=amojo_id', restToken);
    expect(JSON.parse(full.body.toString())).toMatchObject({ amojo_id: ACCOUNT });
    const bare = await get('/api/v4/account', restToken);
    expect(JSON.parse(bare.body.toString())).not.toHaveProperty('amojo_id');
    expect((await get('/api/v4/account', 'other')).status).toBe(401);
  });
});

describe('the hash of a file', () => {
  it('is none for what is no address, and for an address that only begins like its own', () => {
    const { amojo } = sandbox;
    for (const media of [`${amojo.server.url}:x`, `${amojo.server.url}@[`, '', 5]) {
      expect(amojo.hashOf(media as string)).toBeUndefined();
    }
  });
});
