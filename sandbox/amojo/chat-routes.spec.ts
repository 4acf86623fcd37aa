import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock, amojo: { connected: true } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const USER = { id: 'pulse-user-9', name: 'Анна К.', profile: { phone: '79995550142' } };
const openChat = (body: object) => bridge.scope('/chats', body);
const type = (body: object) => bridge.scope('/typing', body);

describe('a chat opened for somebody amojo knows', () => {
  it('needs nothing but the reference, and is answered with nothing but the id', async () => {
    const first = await openChat({ conversation_id: 'pulse-conv-42', user: USER });
    const { id } = (first.json as { user: { id: string } }).user;
    const answer = await openChat({ conversation_id: 'pulse-conv-43', user: { ref_id: id } });
    expect(answer.json).toEqual({ id: expect.any(String), user: { id } });
  });

  it('is refused for a reference nobody has', async () => {
    const answer = await openChat({ conversation_id: '1', user: { ref_id: 'nobody' } });
    expect(answer.status).toBe(400);
    expect(answer.json).toHaveProperty('error_description', 'user.ref_id: no such participant');
  });

  it('has phone and e-mail flat, or in a profile where the switch says so', async () => {
    const flat = await openChat({ conversation_id: '1', user: USER });
    expect(flat.json).toHaveProperty('user.phone', '79995550142');
    sandbox.amojo.settings.profileShape = 'nested';
    const nested = await openChat({ conversation_id: '1', user: USER });
    expect(nested.json).toHaveProperty('user.profile', { phone: '79995550142' });
  });
});

describe('typing', () => {
  beforeEach(() => openChat({ conversation_id: 'pulse-conv-42', user: USER }));

  const chat = () => sandbox.amojo.book.byClientId(sandbox.scopeId, 'pulse-conv-42');

  it('shows in the chat for five seconds, or for as long as it says', async () => {
    const body = { conversation_id: 'pulse-conv-42', sender: { id: 'pulse-user-9' } };
    expect(await type(body)).toMatchObject({ status: 204 });
    expect(chat()?.typing).toEqual({ by: chat()?.client, until: clock.now() + 5000 });
    clock.advance(4999);
    expect(chat()?.typing).toBeDefined();
    await type({ ...body, duration_ms: 2000 });
    clock.advance(1);
    expect(chat()?.typing).toBeDefined();
    clock.advance(1999);
    expect(chat()?.typing).toBeUndefined();
  });

  it('may name chat and client by the ids of amojo', async () => {
    const { id, client } = chat() ?? {};
    const body = { conversation_ref_id: id, sender: { ref_id: client?.id } };
    expect((await type(body)).status).toBe(204);
    expect(chat()?.typing?.by).toBe(client);
  });

  it('of somebody amojo does not know is 404, also in a chat without ids of the integration', async () => {
    const { chat: first } = await sandbox.manager.writesFirst('79995550177', 'Добрый день!');
    const body = { conversation_ref_id: first.id, sender: { ref_id: 'nobody' } };
    expect((await type(body)).status).toBe(404);
    const both = { conversation_id: 'pulse-conv-42', sender: { id: 'x', ref_id: 'nobody' } };
    expect((await type(both)).status).toBe(404);
  });

  it('in an unknown chat is 404, or 204 where the switch says so', async () => {
    const body = { conversation_id: 'nowhere', sender: { id: 'pulse-user-9' } };
    expect((await type(body)).status).toBe(404);
    sandbox.amojo.settings.unknownTyping = 204;
    expect((await type(body)).status).toBe(204);
  });

  it.each([
    ['conversation_id', { sender: { id: 'pulse-user-9' } }],
    ['conversation_id', { conversation_id: 42, sender: { id: 'pulse-user-9' } }],
    ['sender', { conversation_id: 'pulse-conv-42' }],
    ['sender.id', { conversation_id: 'pulse-conv-42', sender: {} }],
    [
      'duration_ms',
      { conversation_id: 'pulse-conv-42', sender: { id: 'pulse-user-9' }, duration_ms: '5000' },
    ],
  ])('with a wrong %s is 400', async (field, body) => {
    const { status, json } = await type(body);
    expect(status).toBe(400);
    expect(json).toHaveProperty('error_description', expect.stringMatching(`^${field}: `));
  });
});

describe('the history', () => {
  it('clamps a limit over 50, or refuses it where the switch says so', async () => {
    const { json } = await openChat({ conversation_id: 'pulse-conv-42', user: USER });
    const { id } = json as { id: string };
    const path = `/v2/origin/custom/${sandbox.scopeId}/chats/${id}/history?limit=51`;
    expect((await bridge.amojo('GET', path)).status).toBe(204);
    sandbox.amojo.settings.historyOverLimit = 'reject400';
    expect((await bridge.amojo('GET', path)).status).toBe(400);
  });
});
