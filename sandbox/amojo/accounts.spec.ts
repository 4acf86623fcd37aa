import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';
import { scopeIdOf } from './settings.ts';

const OTHER = {
  accountId: '8d2f1c34-9b7e-4a05-8c61-3f5e0d7a9b12',
  accountNumber: 31_990_088,
  subdomain: 'beta',
  restToken: 'token-of-beta',
  managers: [{ id: '4b1c7e92-3d58-4f0a-9c26-8e7d5a1b0f34', role: 'user', name: 'Вера' } as const],
};
const CHANNEL = '/v2/origin/custom/5d0f3a52-7c1e-4b86-9a4d-2e6f8b1c0d37';

let clock: ManualClock;
let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock, amojo: { moreAccounts: [OTHER] } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const connect = (account_id: string, more: object = {}) =>
  bridge.amojo('POST', `${CHANNEL}/connect`, { account_id, hook_api_version: 'v2', ...more });
const disconnect = (account_id: string) =>
  bridge.amojo('DELETE', `${CHANNEL}/disconnect`, { account_id });
const otherScope = () => scopeIdOf({ ...sandbox.amojo.settings, accountId: OTHER.accountId });
const inScope = (scope: string, path: string, body: object) =>
  bridge.amojo('POST', `/v2/origin/custom/${scope}${path}`, body);

function clientWrites(msgid: string) {
  return {
    event_type: 'new_message',
    payload: {
      timestamp: 1_772_529_420,
      msgid,
      conversation_id: 'pulse-conv-42',
      sender: { id: 'pulse-user-9', name: 'Анна К.' },
      message: { type: 'text', text: 'Привет' },
    },
  };
}

describe('a channel open to two accounts', () => {
  it('is connected to each of them apart', async () => {
    const { json } = await connect(OTHER.accountId);
    expect(json).toMatchObject({ account_id: OTHER.accountId, scope_id: otherScope() });
    expect(sandbox.amojo.isConnected).toBe(false);
    expect((await inScope(otherScope(), '', clientWrites('1'))).status).toBe(200);
    expect((await inScope(sandbox.scopeId, '', clientWrites('1'))).status).toBe(404);
    await disconnect(OTHER.accountId);
    expect((await inScope(otherScope(), '', clientWrites('2'))).status).toBe(404);
  });

  it('keeps the chats, people and messages of the two apart, though their ids are equal', async () => {
    await connect(OTHER.accountId);
    await connect(sandbox.amojo.settings.accountId);
    const here = await inScope(sandbox.scopeId, '', clientWrites('1'));
    const there = await inScope(otherScope(), '', clientWrites('1'));
    expect(there.json).not.toEqual(here.json);
    expect(sandbox.ledger()).toMatchObject({ chats: 2, leads: 2, repeats: 0, violations: 0 });
    const { msgid } = (here.json as { new_message: { msgid: string } }).new_message;
    const status = await inScope(otherScope(), `/${msgid}/delivery_status`, { status_code: 1 });
    expect(status.status).toBe(404);
    const [chat] = sandbox.chats;
    const history = `/v2/origin/custom/${otherScope()}/chats/${chat?.id}/history`;
    expect((await bridge.amojo('GET', history)).status).toBe(204);
  });

  it('posts the hooks of each account to its own scope, in the name of its own managers', async () => {
    await connect(OTHER.accountId);
    await inScope(otherScope(), '', clientWrites('1'));
    const [chat] = sandbox.chats;
    if (chat === undefined) throw new Error('the client wrote');
    await sandbox.manager.writes(chat, 'Здравствуйте');
    expect(bridge.posted.at(-1)).toMatchObject({
      path: `/webhooks/amocrm/${otherScope()}`,
      body: {
        account_id: OTHER.accountId,
        message: { sender: OTHER.managers[0] && { name: 'Вера' } },
      },
    });
    const { accountId } = OTHER;
    await sandbox.manager.writesFirst('79995550188', 'Добрый день!', { accountId });
    expect(bridge.posted.at(-1)?.path).toBe(`/webhooks/amocrm/${otherScope()}`);
  });

  it('is closed to an account that is not on its list', async () => {
    const stranger = await connect('00000000-9b7e-4a05-8c61-3f5e0d7a9b12');
    expect(stranger).toMatchObject({ status: 403, json: { status: 0, error_code: 403 } });
    expect((await disconnect('00000000-9b7e-4a05-8c61-3f5e0d7a9b12')).status).toBe(403);
    expect(sandbox.violations).toMatchObject([{ endpoint: 'connect' }, { endpoint: 'disconnect' }]);
  });
});

describe('what is not established about connections', () => {
  it('is a switch: a scope that is not connected is 404 or 403', async () => {
    expect((await bridge.scope('', clientWrites('1'))).status).toBe(404);
    sandbox.amojo.settings.disconnectedScope = 403;
    expect((await bridge.scope('', clientWrites('1'))).status).toBe(403);
  });

  it('is a switch: an empty 200 has no body, or an empty object', async () => {
    await connect(OTHER.accountId);
    expect((await disconnect(OTHER.accountId)).body).toHaveLength(0);
    sandbox.amojo.settings.emptyBody = 'object';
    expect((await disconnect(OTHER.accountId)).json).toEqual({});
  });

  it('is a switch: how many requests amojo takes in a second', async () => {
    await connect(sandbox.amojo.settings.accountId);
    sandbox.amojo.settings.amojoPerSecond = 2;
    clock.advance(1000);
    const statuses = [];
    for (const id of ['1', '2', '3']) {
      statuses.push((await bridge.scope('', clientWrites(id))).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
    clock.advance(1000);
    expect((await bridge.scope('', clientWrites('3'))).status).toBe(200);
  });
});

describe('a connection of the old hook version', () => {
  it('gets hooks in the flat form', async () => {
    await connect(sandbox.amojo.settings.accountId, { hook_api_version: 'v1' });
    await bridge.scope('', clientWrites('1'));
    await sandbox.manager.writes('pulse-conv-42', 'Здравствуйте');
    expect(bridge.posted.at(-1)?.body).toMatchObject({
      receiver: 'pulse-user-9',
      conversation_id: 'pulse-conv-42',
    });
  });
});

describe('the bot and the users of two accounts', () => {
  const imported = (id: string, ref_id: string | undefined) => ({
    event_type: 'new_message',
    payload: {
      timestamp: 1_772_529_420,
      msgid: `of-${id}`,
      conversation_id: 'pulse-conv-42',
      sender: { id, name: 'Бот', ref_id },
      receiver: { id: 'pulse-user-9', name: 'Анна К.' },
      message: { type: 'text', text: 'Привет' },
    },
  });
  const sender = (scope: string) =>
    sandbox.amojo.book.byClientId(scope, 'pulse-conv-42')?.messages.at(-1)?.sender;

  beforeEach(async () => {
    await connect(sandbox.amojo.settings.accountId);
    await connect(OTHER.accountId);
  });

  it('have the ids of the integration each in its own account, and none in the settings', async () => {
    const { bot, managers } = sandbox.amojo.settings;
    await inScope(sandbox.scopeId, '', imported('bot-of-one', bot.id));
    await inScope(otherScope(), '', imported('bot-of-two', bot.id));
    expect(sender(sandbox.scopeId)?.clientId).toBe('bot-of-one');
    expect(sender(otherScope())?.clientId).toBe('bot-of-two');
    await inScope(sandbox.scopeId, '', imported('agent', managers[0]?.id));
    expect(bot.clientId).toBeUndefined();
    expect(managers[0]?.clientId).toBeUndefined();
  });

  it('have no client_id in the history where they are users', async () => {
    const ref = sandbox.amojo.settings.managers[0]?.id;
    await inScope(sandbox.scopeId, '', imported('agent', ref));
    const chat = sandbox.amojo.book.byClientId(sandbox.scopeId, 'pulse-conv-42');
    const path = `/v2/origin/custom/${sandbox.scopeId}/chats/${chat?.id}/history`;
    const { json } = await bridge.amojo('GET', path);
    expect(json).toHaveProperty('messages.0.sender.id', ref);
    expect(json).not.toHaveProperty('messages.0.sender.client_id');
    expect(json).toHaveProperty('messages.0.receiver.client_id', 'pulse-user-9');
  });

  it('go by the name the settings have now', async () => {
    const { bot } = sandbox.amojo.settings;
    await inScope(sandbox.scopeId, '', imported('bot-of-one', bot.id));
    bot.name = 'Другой бот';
    await inScope(sandbox.scopeId, '', {
      ...imported('again', bot.id),
    });
    expect(sender(sandbox.scopeId)?.name).toBe('Другой бот');
  });
});

describe('a channel that the settings connect while it runs', () => {
  it('is connected, until somebody has called connect or disconnect', async () => {
    const { settings } = sandbox.amojo;
    expect(sandbox.amojo.isConnected).toBe(false);
    sandbox.change({ amojo: { connected: true } });
    expect((await inScope(sandbox.scopeId, '', clientWrites('1'))).status).toBe(200);
    await disconnect(settings.accountId);
    expect(sandbox.amojo.isConnected).toBe(false);
    expect((await inScope(otherScope(), '', clientWrites('2'))).status).toBe(200);
    settings.connected = false;
    expect((await inScope(otherScope(), '', clientWrites('3'))).status).toBe(404);
  });
});
