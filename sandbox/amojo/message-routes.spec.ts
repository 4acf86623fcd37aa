import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';
import type { ChatMessage } from './chat.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;

beforeEach(async () => {
  sandbox = await startSandbox({ clock: new ManualClock(), amojo: { connected: true } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const CLIENT = { id: 'pulse-user-9', name: 'Анна К.' };

function newMessage(msgid: string, payload: object = {}, message: object = {}) {
  return {
    event_type: 'new_message',
    payload: {
      timestamp: 1_772_529_420,
      msec_timestamp: 1_772_529_420_123,
      msgid,
      conversation_id: 'pulse-conv-42',
      sender: CLIENT,
      message: { type: 'text', text: 'Привет 👋', ...message },
      ...payload,
    },
  };
}

const send = (body: object) => bridge.scope('', body);

/** Sends it, and gives back the message as it then stands in the chat. */
async function sent(body: object): Promise<ChatMessage> {
  const { status, json } = await send(body);
  expect({ status, json }).toMatchObject({ status: 200 });
  const { msgid } = (json as { new_message: { msgid: string } }).new_message;
  const message = sandbox.amojo.book.message(msgid);
  if (message === undefined) throw new Error('it was answered');
  return message;
}

async function refused(body: object): Promise<string> {
  const { status, json } = await send(body);
  expect(status).toBe(400);
  return (json as { error_description: string }).error_description;
}

describe('a quote', () => {
  it('may name the message by either id, and is known by both', async () => {
    const said = await sent(newMessage('1'));
    const both = { id: said.id, msgid: '1', type: 'text', text: 'Привет 👋' };
    const ours = await sent(newMessage('2', { reply_to: { message: { msgid: '1' } } }));
    expect(ours.replyTo).toEqual(both);
    const theirs = await sent(newMessage('3', { reply_to: { message: { id: said.id } } }));
    expect(theirs.replyTo).toEqual(both);
  });

  it('of another chat is refused, though it may be forwarded', async () => {
    await send(newMessage('1', { conversation_id: 'another' }));
    const quoted = { message: { msgid: '1' } };
    expect(await refused(newMessage('2', { reply_to: quoted }))).toMatch(/not of this chat/);
    const forwards = { messages: [{ msgid: '1' }], conversation_id: 'another' };
    expect((await sent(newMessage('2', { forwards }))).forwards).toMatchObject({ msgid: '1' });
  });

  it('of a message nobody knows is kept as it came, or refused where the switch says so', async () => {
    const reply_to = { message: { msgid: 'nobody' } };
    expect((await sent(newMessage('1', { reply_to }))).replyTo).toMatchObject({ msgid: 'nobody' });
    sandbox.amojo.settings.unknownQuote = 'reject400';
    expect(await refused(newMessage('2', { reply_to }))).toMatch(/msgid: no such message/);
  });

  const FULL = {
    type: 'text',
    text: 'Есть в наличии?',
    timestamp: 1_772_529_420,
    msec_timestamp: 1_772_529_420_123,
    sender: { name: 'Анна К.' },
  };

  it('without an id describes the message', async () => {
    const { replyTo } = await sent(newMessage('1', { reply_to: { message: FULL } }));
    expect(replyTo).toMatchObject({ type: 'text', text: 'Есть в наличии?' });
  });

  it.each([
    ['type', { type: 'poll' }],
    ['text', { text: undefined }],
    ['timestamp', { timestamp: undefined }],
    ['msec_timestamp', { msec_timestamp: '1772529420123' }],
    ['sender', { sender: undefined }],
    ['sender.id', { sender: {} }],
    ['location', { type: 'location' }],
    ['contact.phone', { type: 'contact', contact: { name: 'Пётр' } }],
    ['file_size', { type: 'file', file_size: '3' }],
    ['id', { id: 5 }],
  ])('without an id and with a wrong %s is refused', async (field, change) => {
    const reply_to = { message: { ...FULL, ...change } };
    const answer = await refused(newMessage('1', { reply_to }));
    expect(answer).toMatch(new RegExp(`^payload\\.reply_to\\.message\\.${field}: `));
  });

  it('passes on one message, no more and no less', async () => {
    await send(newMessage('1'));
    const none = await refused(newMessage('2', { forwards: { messages: [] } }));
    expect(none).toBe('payload.forwards.messages: is required');
    const forwards = { messages: [{ msgid: '1' }, { msgid: '1' }] };
    expect(await refused(newMessage('2', { forwards }))).toMatch(/at most one/);
  });
});

describe('more that a message may carry', () => {
  it('is the row of a list the client picked', async () => {
    expect((await sent(newMessage('1', {}, { callback_data: '02' }))).callbackData).toBe('02');
    expect(await refused(newMessage('2', {}, { callback_data: 2 }))).toMatch(/callback_data/);
  });

  it('is a shared post', async () => {
    const shared_post = { url: 'https://example.net/p/1', type: 'post', site_name: 'Example' };
    await sent(newMessage('1', {}, { shared_post }));
    const reel = newMessage('2', {}, { shared_post: { ...shared_post, type: 'reel' } });
    expect(await refused(reel)).toMatch(/shared_post\.type/);
  });

  it('is the post it comments on, which opens a talk of its own', async () => {
    const post = { id: 'p-1', url: 'https://example.net/p/1', caption: 'Скидки' };
    await sent(newMessage('1'));
    expect((await sent(newMessage('2', {}, { post }))).post).toMatchObject({ id: 'p-1' });
    expect(sandbox.ledger().chats).toBe(1);
    expect(sandbox.amojo.crm().talks.all).toMatchObject([{}, { postId: 'p-1' }]);
    const bare = newMessage('3', {}, { post: { id: 'p-1' } });
    expect(await refused(bare)).toMatch(/post\.url/);
  });

  it('must be text where the company answers a comment', async () => {
    const post = { id: 'p-1', url: 'https://example.net/p/1' };
    const ref_id = sandbox.amojo.settings.bot.id;
    const payload = { sender: { id: 'bot', name: 'Edna', ref_id }, receiver: CLIENT };
    await sent(newMessage('1', payload, { post }));
    const voice = { type: 'voice', media: 'http://127.0.0.1:1/a.ogg', post };
    expect(await refused(newMessage('2', payload, voice))).toMatch(/message\.type/);
  });

  it('is its delivery status, in an edit and in an import', async () => {
    const ref_id = sandbox.amojo.settings.bot.id;
    const payload = { sender: { id: 'bot', name: 'Edna', ref_id }, receiver: CLIENT };
    const delivery_status = { status_code: 1 };
    const imported = await sent(newMessage('1', payload, { delivery_status }));
    expect(imported.tick).toEqual({ state: 'delivered' });
    const read = newMessage('1', {}, { delivery_status: { status_code: 2 } });
    expect((await sent({ ...read, event_type: 'edit_message' })).tick).toEqual({ state: 'read' });

    sandbox.amojo.settings.importedStatus = 'ignored';
    const later = await sent(newMessage('2', payload, { delivery_status }));
    expect(later.tick).toEqual({ state: 'none' });
    const bad = newMessage('3', payload, { delivery_status: { status_code: -1, error_code: 905 } });
    expect(await refused(bad)).toMatch(/delivery_status\.error/);
  });

  it.each([
    [{ status_code: -1, error_code: 900, error: 'x' }, /error_code/],
    [{ status_code: -1, error_code: '904' }, /error_code/],
    [{ status_code: -1, error_code: 905 }, /delivery_status\.error/],
    [{ status_code: -1, error_сode: 904 }, /error_code/],
    [{ status_code: 3 }, /status_code/],
    [{ delivery_status: 1 }, /status_code/],
  ])('is not edited with a status such as %j', async (delivery_status, field) => {
    const ref_id = sandbox.amojo.settings.bot.id;
    const payload = { sender: { id: 'bot', name: 'Edna', ref_id }, receiver: CLIENT };
    const imported = await sent(newMessage('1', payload));
    const edit = { ...newMessage('1', {}, { delivery_status }), event_type: 'edit_message' };
    expect(await refused(edit)).toMatch(field);
    expect(imported.tick).toEqual({ state: 'none' });
  });

  it('is a file without name and size, where the switch lets it pass', async () => {
    const picture = { type: 'picture', media: 'http://127.0.0.1:1/a.png' };
    expect(await refused(newMessage('1', {}, picture))).toMatch(/file_name/);
    sandbox.amojo.settings.mediaNeedsName = false;
    await sent(newMessage('1', {}, picture));
  });
});

describe('an edit', () => {
  it('changes the words alone, whatever else it carries', async () => {
    await send(newMessage('1', { source: { external_id: 'pulse-wa-main' } }));
    const edit = newMessage('1', {
      conversation_id: 'elsewhere',
      sender: { id: 5 },
      source: { external_id: 'another' },
      message: { type: 'text', text: 'Вопрос' },
    });
    const edited = await sent({ ...edit, event_type: 'edit_message' });
    expect(edited).toMatchObject({
      text: 'Вопрос',
      isEdited: true,
      sender: { clientId: 'pulse-user-9' },
      chat: { clientId: 'pulse-conv-42', sourceId: 'pulse-wa-main' },
    });
    expect(sandbox.ledger()).toMatchObject({ chats: 1, violations: 0 });
  });

  it('of a comment leaves it under its post', async () => {
    const post = { id: 'p-1', url: 'https://example.net/p/1' };
    await send(newMessage('1', {}, { post, callback_data: '02' }));
    const edited = await sent({ ...newMessage('1'), event_type: 'edit_message' });
    expect(edited).toMatchObject({ post: { id: 'p-1' }, callbackData: '02' });
  });

  it('by the id of amojo gives the message the msgid that stands beside it', async () => {
    const { id } = await sent(newMessage('1'));
    const edit = { ...newMessage('2'), event_type: 'edit_message' };
    await send({ ...edit, payload: { ...edit.payload, id } });
    expect(sandbox.amojo.book.byMsgid(sandbox.scopeId, '2')?.id).toBe(id);
  });

  it('of an unknown message has an empty 404 where the switch says so', async () => {
    sandbox.amojo.settings.unknownMessageBody = 'none';
    const answer = await send({ ...newMessage('1'), event_type: 'edit_message' });
    expect(answer.status).toBe(404);
    expect(answer.body).toHaveLength(0);
    expect(sandbox.violations).toMatchObject([{ endpoint: 'message', status: 404 }]);
  });
});

describe('the answer', () => {
  it('names the ids of amojo, or the integration’s where the switch says so', async () => {
    sandbox.amojo.settings.answerIds = 'integration';
    expect((await send(newMessage('1'))).json).toMatchObject({
      new_message: { conversation_id: 'pulse-conv-42', sender_id: 'pulse-user-9', ref_id: '1' },
    });
  });
});

describe('a reaction', () => {
  const react = (body: object) =>
    bridge.scope('/react', {
      conversation_id: 'pulse-conv-42',
      msgid: '1',
      user: { id: 'pulse-user-9' },
      type: 'react',
      emoji: '👍',
      ...body,
    });

  it('of a client stands at the message until it is taken back; another one replaces it', async () => {
    const message = await sent(newMessage('1'));
    const answer = await react({});
    expect(answer.status).toBe(200);
    expect(answer.body).toHaveLength(0);
    await react({ emoji: '😳' });
    expect(message.reactions).toEqual([{ by: message.sender, emoji: '😳' }]);
    await react({ type: 'unreact', emoji: undefined });
    expect(message.reactions).toEqual([]);
  });

  it('may name chat and message by the ids of amojo, and be a manager’s', async () => {
    const message = await sent(newMessage('1'));
    const [manager] = sandbox.amojo.settings.managers;
    const ids = { conversation_id: undefined, conversation_ref_id: message.chat.id };
    await react({ ...ids, msgid: undefined, id: message.id, user: { ref_id: manager?.id } });
    expect(message.reactions).toEqual([{ by: manager, emoji: '👍' }]);
  });

  it('to an unknown message, or in another chat than its own, is 404', async () => {
    await send(newMessage('1'));
    await send(newMessage('2', { conversation_id: 'another' }));
    expect((await react({ msgid: 'nobody' })).status).toBe(404);
    expect((await react({ msgid: '2' })).status).toBe(404);
    expect(sandbox.violations).toMatchObject([{ endpoint: 'react' }, { endpoint: 'react' }]);
  });

  it.each([
    ['type', { type: 'like' }],
    ['emoji', { emoji: undefined }],
    ['msgid', { msgid: undefined }],
    ['msgid', { msgid: 1 }],
    ['conversation_id', { conversation_id: undefined }],
    ['user', { user: undefined }],
    ['user.id', { user: { id: 'stranger' } }],
    ['user.ref_id', { user: { id: 'agent', ref_id: 'stranger' } }],
  ])('with a wrong %s is 400', async (field, body) => {
    await send(newMessage('1'));
    const { status, json } = await react(body);
    expect(status).toBe(400);
    expect(json).toHaveProperty('error_description', expect.stringMatching(`^${field}: `));
  });
});

describe('the code of a delivery status', () => {
  it('is read under the one name the switch leaves', async () => {
    const { id } = await sandbox.manager.writesFirst('79995550188', 'Добрый день!');
    const report = (body: object) => bridge.scope(`/${id}/delivery_status`, body);
    sandbox.amojo.settings.statusField = 'delivery_status';
    expect((await report({ status_code: 1 })).status).toBe(400);
    expect((await report({ status_code: 1, delivery_status: 1 })).status).toBe(200);
    sandbox.amojo.settings.statusField = 'status_code';
    expect((await report({ delivery_status: 2 })).status).toBe(400);
  });
});

describe('an import as a manager', () => {
  it('comes back as a hook only where the switch says so', async () => {
    const ref_id = sandbox.amojo.settings.managers[0]?.id;
    const payload = { sender: { id: 'agent', name: 'Олег', ref_id }, receiver: CLIENT };
    await send(newMessage('1', payload));
    expect(bridge.posted).toEqual([]);
    sandbox.amojo.settings.hooksImportsOfManagers = true;
    const { id } = await sent(newMessage('2', payload));
    await sandbox.until(() => bridge.posted.length === 1);
    expect(bridge.posted[0]?.body).toMatchObject({
      message: { sender: { id: ref_id }, message: { id, text: 'Привет 👋' } },
    });
  });
});

describe('a status that comes with an edit', () => {
  const edit = (id: string, delivery_status: object) => ({
    event_type: 'edit_message',
    payload: {
      timestamp: 1_772_529_420,
      id,
      message: { type: 'text', text: 'Добрый день!', delivery_status },
    },
  });

  it('is judged as one that comes alone', async () => {
    const { id, tick } = await sandbox.manager.writesFirst('79995550188', 'Добрый день!');
    expect(tick).toEqual({ state: 'none' });
    await sent(edit(id, { status_code: 2 }));
    const { reports } = await sent(edit(id, { status_code: 1, error_code: 905, error: 'x' }));
    expect(reports).toHaveLength(2);
    expect(sandbox.ledger()).toMatchObject({ statusBackwards: 1, violations: 2 });
    expect(sandbox.violations).toMatchObject([
      { endpoint: 'message', reason: expect.stringMatching('error fields') },
      { endpoint: 'message', reason: 'status 1 after read' },
    ]);
  });

  it('of what a client wrote is a breach', async () => {
    const { id } = await sent(newMessage('1'));
    await sent(edit(id, { status_code: 2 }));
    expect(sandbox.violations).toMatchObject([{ reason: "status of a client's message" }]);
  });
});

describe('what the documentation says in two ways', () => {
  it('is an edit of an unknown message, which may be 400', async () => {
    sandbox.amojo.settings.unknownEdit = 400;
    expect(await refused({ ...newMessage('1'), event_type: 'edit_message' })).toMatch(/msgid/);
  });

  it('is a reaction without an emoji, which may pass', async () => {
    const message = await sent(newMessage('1'));
    const user = { id: 'pulse-user-9' };
    const body = { conversation_id: 'pulse-conv-42', msgid: '1', user, type: 'react' };
    expect((await bridge.scope('/react', body)).status).toBe(400);
    sandbox.amojo.settings.reactionWithoutEmoji = 'taken';
    expect((await bridge.scope('/react', body)).status).toBe(200);
    expect(message.reactions).toMatchObject([{ by: { clientId: 'pulse-user-9' } }]);
  });

  it('is an error without a code, which may pass', async () => {
    const { id } = await sandbox.manager.writesFirst('79995550188', 'Добрый день!');
    const report = () => bridge.scope(`/${id}/delivery_status`, { status_code: -1 });
    expect((await report()).status).toBe(400);
    sandbox.amojo.settings.errorWithoutCode = 'taken';
    expect((await report()).status).toBe(200);
    expect(sandbox.amojo.book.message(id)?.tick).toMatchObject({ state: 'error' });
  });
});

describe('the media of an edit', () => {
  it('is an address where the message is a file', async () => {
    const file = { type: 'picture', media: 'http://127.0.0.1:1/a.png', file_name: 'a.png' };
    await send(newMessage('1', {}, { ...file, file_size: 1 }));
    const edit = newMessage('1', {}, { ...file, media: 'a.png' });
    expect(await refused({ ...edit, event_type: 'edit_message' })).toMatch(/media/);
  });
});
