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

/** The documented incoming text, with the payload changed where a spec says so. */
function newMessage(payload: object = {}, message: object = {}) {
  return {
    event_type: 'new_message',
    payload: {
      timestamp: 1_772_529_420,
      msec_timestamp: 1_772_529_420_123,
      msgid: 'pulse-in-778',
      conversation_id: 'pulse-conv-42',
      source: { external_id: 'pulse-wa-main' },
      sender: { id: 'pulse-user-9', name: 'Анна К.', profile: { phone: '79995550142' } },
      message: { type: 'text', text: 'Привет 👋', ...message },
      silent: false,
      ...payload,
    },
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describe('a new message', () => {
  it('is answered as in real logs: uuids, and no receiver for what a client writes', async () => {
    const { status, json } = await bridge.scope('', newMessage());
    expect(status).toBe(200);
    expect(json).toEqual({
      new_message: {
        conversation_id: expect.stringMatching(UUID),
        sender_id: expect.stringMatching(UUID),
        msgid: expect.stringMatching(UUID),
        ref_id: 'pulse-in-778',
      },
    });
    expect(sandbox.chats).toMatchObject([
      { clientId: 'pulse-conv-42', messages: [{ text: 'Привет 👋', direction: 'incoming' }] },
    ]);
  });

  const media = { media: 'http://127.0.0.1:1/a.bin', file_name: 'a.bin', file_size: 3 };

  it.each([
    { type: 'file', text: '', ...media },
    { type: 'picture', text: null, ...media },
    { type: 'video', ...media, media_duration: 7 },
    { type: 'voice', media: media.media, media_duration: 7 },
    { type: 'audio', media: media.media },
    { type: 'sticker', media: media.media, sticker_id: 'pulse-st-5' },
    { type: 'location', text: '', location: { lon: 30.315, lat: 59.939 } },
    { type: 'contact', text: '', contact: { name: 'Пётр', phone: '79995550177' } },
  ])('of type $type is taken', async (message) => {
    const body = newMessage();
    const { status } = await bridge.scope('', {
      ...body,
      payload: { ...body.payload, message },
    });
    expect(status).toBe(200);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, seenByManagers: 1 });
  });

  it.each([
    ['payload.msgid', newMessage({ msgid: 778 })],
    ['payload.msgid', newMessage({ msgid: undefined })],
    ['payload.timestamp', newMessage({ timestamp: '1772529420' })],
    ['payload.timestamp', newMessage({ timestamp: 1_772_529_420.5 })],
    ['payload.msec_timestamp', newMessage({ msec_timestamp: '1772529420123' })],
    ['payload.silent', newMessage({ silent: 0 })],
    ['payload.conversation_id', newMessage({ conversation_id: 42 })],
    ['payload.conversation_id', newMessage({ conversation_id: undefined })],
    ['payload.conversation_ref_id', newMessage({ conversation_ref_id: 'no-such-chat' })],
    ['payload.sender', newMessage({ sender: undefined })],
    ['payload.sender.id', newMessage({ sender: { id: 9, name: 'Анна' } })],
    ['payload.sender.name', newMessage({ sender: { id: 'pulse-user-9' } })],
    ['payload.sender.profile', newMessage({ sender: { id: '9', name: 'А', profile: '7999' } })],
    ['payload.source', newMessage({ source: 'pulse-wa-main' })],
    ['payload.source.external_id', newMessage({ source: { external_id: 'x'.repeat(41) } })],
    ['payload.message', newMessage({ message: undefined })],
    ['payload.message.type', newMessage({}, { type: 'poll' })],
    ['payload.message.text', newMessage({}, { text: '' })],
    ['payload.message.text', newMessage({}, { text: 5 })],
    ['payload.message.media', newMessage({}, { type: 'voice' })],
    ['payload.message.media', newMessage({}, { type: 'voice', media: '/v/1.ogg' })],
    ['payload.message.file_name', newMessage({}, { type: 'file', ...media, file_name: undefined })],
    ['payload.message.file_size', newMessage({}, { type: 'video', ...media, file_size: '3' })],
    [
      'payload.message.file_size',
      newMessage({}, { type: 'picture', media: media.media, file_name: 'a' }),
    ],
    ['payload.message.location', newMessage({}, { type: 'location' })],
    ['payload.message.location.lat', newMessage({}, { type: 'location', location: { lon: 1 } })],
    ['payload.message.contact.phone', newMessage({}, { type: 'contact', contact: { name: 'П' } })],
    ['payload', { event_type: 'new_message' }],
    ['event_type', { event_type: 'delete_message', payload: {} }],
    ['body', '[]'],
    ['body', '{"event_type":'],
  ])('with a wrong %s is refused with 400 that names it', async (field, body) => {
    const { status, json } = await bridge.scope('', body);
    expect(status).toBe(400);
    expect(json).toMatchObject({ status: 0, error_code: 400 });
    expect(json).toHaveProperty('error_description', expect.stringMatching(`^${field}: `));
    expect(sandbox.chats).toEqual([]);
    expect(sandbox.ledger().violations).toBe(1);
  });

  it('opens a lead unless it is silent or its chat has one', async () => {
    await bridge.scope('', newMessage({ msgid: '1', silent: true }));
    expect(sandbox.ledger()).toMatchObject({ chats: 1, leads: 0 });
    await bridge.scope('', newMessage({ msgid: '2' }));
    await bridge.scope('', newMessage({ msgid: '3', silent: undefined }));
    expect(sandbox.ledger()).toMatchObject({ chats: 1, leads: 1 });
  });

  it('under an amojo uuid in place of the own id opens a second chat and a second lead', async () => {
    const { json } = await bridge.scope('/chats', {
      conversation_id: 'pulse-conv-42',
      user: { id: 'pulse-user-9', name: 'Анна К.' },
    });
    const { id } = json as { id: string };
    await bridge.scope('', newMessage({ msgid: '1' }));
    await bridge.scope('', newMessage({ msgid: '2', conversation_id: id }));
    expect(sandbox.ledger()).toMatchObject({ chats: 2, leads: 2 });
  });

  it('from an unknown sender joins that sender to the chat as another participant', async () => {
    await bridge.scope('', newMessage({ msgid: '1' }));
    await bridge.scope('', newMessage({ msgid: '2', sender: { id: 'stranger', name: 'А' } }));
    expect(sandbox.chat('pulse-conv-42').participants).toMatchObject([
      { clientId: 'pulse-user-9' },
      { clientId: 'stranger' },
    ]);
  });

  it('of a manager needs the reference of a user, and is answered with its receiver', async () => {
    const receiver = { id: 'pulse-user-9', name: 'Анна К.' };
    const sender = { id: 'pulse-agent-3', name: 'Олег' };
    const refused = await bridge.scope('', newMessage({ sender, receiver }));
    expect(refused.status).toBe(400);
    const ref_id = sandbox.amojo.settings.managers[0]?.id;
    const { json } = await bridge.scope(
      '',
      newMessage({ sender: { ...sender, ref_id }, receiver }),
    );
    expect(json).toHaveProperty('new_message.receiver_id', expect.stringMatching(UUID));
    expect(sandbox.ledger().leads).toBe(0);
  });

  it('with an msgid that came before is answered as the first one, and stands there once', async () => {
    const first = await bridge.scope('', newMessage());
    const second = await bridge.scope('', newMessage());
    expect(second).toMatchObject({ status: 200, json: first.json });
    expect(sandbox.ledger()).toMatchObject({ seenByManagers: 1, repeats: 1, violations: 0 });
  });

  it('with an msgid that came before is refused where the switch says so', async () => {
    sandbox.amojo.settings.duplicateMsgid = 'reject400';
    await bridge.scope('', newMessage());
    expect((await bridge.scope('', newMessage())).status).toBe(400);
    expect(sandbox.ledger()).toMatchObject({ seenByManagers: 1, repeats: 1, violations: 0 });
  });

  it('with an msgid of another message is a breach', async () => {
    await bridge.scope('', newMessage());
    await bridge.scope('', newMessage({}, { text: 'другое' }));
    expect(sandbox.ledger()).toMatchObject({ seenByManagers: 1, repeats: 0, violations: 1 });
  });

  it.each([
    ['conversation', { conversation_id: 'another' }],
    ['sender', { sender: { id: 'another', name: 'Б' } }],
    ['time', { timestamp: 1_772_529_421 }],
  ])('with an msgid that came before with another %s is a breach', async (_, payload) => {
    await bridge.scope('', newMessage());
    await bridge.scope('', newMessage(payload));
    expect(sandbox.ledger()).toMatchObject({ seenByManagers: 1, repeats: 0, violations: 1 });
  });

  it('that comes again after an edit is a repeat', async () => {
    await bridge.scope('', newMessage());
    await bridge.scope('', { ...newMessage({}, { text: 'иное' }), event_type: 'edit_message' });
    await bridge.scope('', newMessage());
    expect(sandbox.ledger()).toMatchObject({ seenByManagers: 1, repeats: 1, violations: 0 });
  });

  it.each([
    ['in seconds', 1_772_529_420],
    ['of another hour', 1_772_533_020_123],
  ])('with msec_timestamp %s is a breach', async (_, msec_timestamp) => {
    expect((await bridge.scope('', newMessage({ msec_timestamp }))).status).toBe(200);
    expect(sandbox.violations).toMatchObject([{ reason: expect.stringMatching('msec_timestamp') }]);
  });

  it('brings the phone of somebody who had none', async () => {
    const sender = { id: 'pulse-user-9', name: 'Анна К.' };
    await bridge.scope('', newMessage({ msgid: '1', sender }));
    await bridge.scope('', newMessage({ msgid: '2' }));
    expect(sandbox.chat('pulse-conv-42').client.phone).toBe('79995550142');
  });

  it('with an empty conversation_id or reference has none', async () => {
    const { chat } = await sandbox.manager.writesFirst('79995550188', 'Добрый день!');
    const sender = { id: 'pulse-user-7', ref_id: chat.client.id };
    const byRef = { sender, conversation_ref_id: chat.id };
    await bridge.scope('', newMessage({ ...byRef, msgid: '1', conversation_id: '' }));
    expect(chat.clientId).toBeUndefined();
    await bridge.scope('', newMessage({ ...byRef, msgid: '2', conversation_id: 'real' }));
    expect(chat.clientId).toBe('real');
    const own = { msgid: '3', conversation_id: 'own', conversation_ref_id: '' };
    expect((await bridge.scope('', newMessage(own))).status).toBe(200);
    expect(sandbox.chat('own').messages).toHaveLength(1);
  });

  it('is shown by its own time, not by the time it came', async () => {
    await bridge.scope('', newMessage({ msgid: '2', msec_timestamp: 1_772_529_421_000 }));
    await bridge.scope('', newMessage({ msgid: '1', msec_timestamp: 1_772_529_420_999 }));
    const [item] = await history(sandbox.chat('pulse-conv-42').id, '?limit=1');
    expect(item).toMatchObject({ message: { client_id: '2' } });
  });

  it('can be edited by its own id, and an unknown one is refused', async () => {
    await bridge.scope('', newMessage());
    const edit = newMessage({}, { text: 'Вопрос по заказу' });
    const { status } = await bridge.scope('', { ...edit, event_type: 'edit_message' });
    expect(status).toBe(200);
    expect(sandbox.chat('pulse-conv-42').messages).toMatchObject([
      { text: 'Вопрос по заказу', isEdited: true },
    ]);
    const unknown = { ...newMessage({ msgid: 'nobody' }), event_type: 'edit_message' };
    expect((await bridge.scope('', unknown)).status).toBe(404);
  });
});

async function history(chatId: string, query = ''): Promise<unknown[]> {
  const path = `/v2/origin/custom/${sandbox.scopeId}/chats/${chatId}/history${query}`;
  const { json } = await bridge.amojo('GET', path);
  return (json as { messages: unknown[] } | undefined)?.messages ?? [];
}

describe('the history', () => {
  it('is 204 where there is no chat, and newest first where there is one', async () => {
    const path = `/v2/origin/custom/${sandbox.scopeId}/chats/no-such-chat/history?offset=0`;
    expect((await bridge.amojo('GET', path)).status).toBe(204);
    for (const number of [1, 2, 3]) {
      await bridge.scope('', newMessage({ msgid: `${number}`, msec_timestamp: number }));
    }
    const { id } = sandbox.chat('pulse-conv-42');
    const ids = (await history(id)).map((item) => (item as Item).message.client_id);
    expect(ids).toEqual(['3', '2', '1']);
    expect(await history(id, '?offset=1&limit=1')).toMatchObject([{ message: { client_id: '2' } }]);
    expect(await history(id, '?offset=3')).toEqual([]);
  });

  it('never gives more than 50 messages at once', async () => {
    for (let number = 1; number <= 51; number += 1) {
      await bridge.scope('', newMessage({ msgid: `${number}`, msec_timestamp: number }));
    }
    expect(await history(sandbox.chat('pulse-conv-42').id, '?limit=100')).toHaveLength(50);
  });
});

interface Item {
  readonly message: { readonly client_id: string };
}
