import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge, type Posted } from '../stand-in-bridge.ts';
import type { Chat } from './chat.ts';
import type { ManagerContent } from './manager-content.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;
let chat: Chat;

beforeEach(async () => {
  sandbox = await startSandbox({ amojo: { connected: true } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
  await bridge.scope('', clientWrites('pulse-in-1', {}));
  chat = sandbox.chat('pulse-conv-42');
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

function clientWrites(msgid: string, payload: object) {
  return {
    event_type: 'new_message',
    payload: {
      timestamp: 1_772_529_420,
      msgid,
      conversation_id: 'pulse-conv-42',
      sender: { id: 'pulse-user-9', name: 'Анна К.', profile: { phone: '79995550142' } },
      message: { type: 'text', text: 'Здравствуйте' },
      ...payload,
    },
  };
}

function lastPosted(): Posted {
  const posted = bridge.posted.at(-1);
  if (posted === undefined) throw new Error('nothing was posted');
  return posted;
}

describe('a hook', () => {
  it('goes to the address of the scope, signed over the body without its final newline', async () => {
    await sandbox.manager.writes(chat, 'Здравствуйте');
    const { path, headers, raw, body } = lastPosted();
    expect(path).toBe(`/webhooks/amocrm/${sandbox.scopeId}`);
    expect(headers['user-agent']).toBe('amoCRM amoJo/1.0');
    expect(headers['content-type']).toBe('application/json');
    expect(raw.endsWith('}\n')).toBe(true);
    expect(headers['x-signature']).toBe(sandbox.signHook(raw.slice(0, -1)));
    expect(headers['x-signature']).not.toBe(sandbox.signHook(raw));
    const { id } = chat;
    expect(body).toEqual({
      account_id: sandbox.amojo.settings.accountId,
      time: expect.any(Number),
      message: {
        receiver: {
          id: chat.client.id,
          name: 'Анна К.',
          phone: '79995550142',
          client_id: 'pulse-user-9',
        },
        sender: { id: sandbox.amojo.settings.managers[0]?.id, name: 'Олег' },
        conversation: { id, client_id: 'pulse-conv-42' },
        timestamp: expect.any(Number),
        msec_timestamp: expect.any(Number),
        message: {
          id: chat.messages.at(-1)?.id,
          type: 'text',
          text: 'Здравствуйте',
          markup: null,
          tag: '',
          media: '',
          thumbnail: '',
          file_name: '',
          file_size: 0,
        },
      },
    });
  });

  it('may be signed with its newline, or have none', async () => {
    sandbox.amojo.settings.hookNewline = 'signed';
    await sandbox.manager.writes(chat, 'раз');
    expect(lastPosted().headers['x-signature']).toBe(sandbox.signHook(lastPosted().raw));
    sandbox.amojo.settings.hookNewline = 'none';
    await sandbox.manager.writes(chat, 'два');
    expect(lastPosted().raw.endsWith('}')).toBe(true);
    expect(lastPosted().headers['x-signature']).toBe(sandbox.signHook(lastPosted().raw));
  });

  it.each([500, 401, 204])('is posted once, though it is answered %i', async (status) => {
    bridge.answers = () => status;
    const { parcel } = await sandbox.manager.writes(chat, 'Здравствуйте');
    expect(parcel).toMatchObject({ state: 'given up', attempts: [{ status }] });
    expect(bridge.posted).toHaveLength(1);
  });

  it('is given up once amoCRM has waited long enough', async () => {
    sandbox.amojo.settings.hookTimeoutMs = 30;
    bridge.answers = () => new Promise<number>(() => undefined);
    const { parcel } = await sandbox.manager.writes(chat, 'Здравствуйте');
    expect(parcel?.state).toBe('given up');
    expect(parcel?.attempts[0]?.error).toMatch(/no answer within 30 ms/);
  });

  it.each(['picture', 'file', 'video', 'voice', 'audio', 'sticker'] as const)(
    'about a %s carries a link with an extension that really serves the file',
    async (type) => {
      await sandbox.manager.writes(chat, { type, text: 'Прайс' });
      const { message } = (lastPosted().body as V2).message;
      expect(message).toMatchObject({ type, text: 'Прайс' });
      expect(message.media).toMatch(/\/attachments\/.+\.[a-z0-9]+$/);
      const { status, body } = await sandbox.post(message.media, { method: 'GET' });
      expect(status).toBe(200);
      expect(body).toHaveLength(message.file_size);
    },
  );

  it('is sent for each attachment of a group, with one group id', async () => {
    await sandbox.manager.writesGroup(chat, [{ type: 'picture' }, { type: 'file' }]);
    const groups = bridge.posted.map(({ body }) => (body as V2).message.message.media_group_id);
    expect(groups).toHaveLength(2);
    expect(new Set(groups).size).toBe(1);
  });

  it('carries markup, template and the quoted message', async () => {
    const markup = { mode: 'inline', buttons: [[{ text: 'Да' }, { text: 'Нет' }]] };
    const template = { id: 6120, external_id: 'pulse-tpl-order', content: 'Заказ', params: [] };
    const content: ManagerContent = { type: 'text', text: 'Заказ', markup, template };
    await sandbox.manager.writes(chat, content, { replyTo: chat.messages[0] });
    expect((lastPosted().body as V2).message.message).toMatchObject({
      markup,
      template,
      reply_to: { message: { id: chat.messages[0]?.id, msgid: 'pulse-in-1', type: 'text' } },
    });
  });

  it('carries buttons in rows, or a list to choose from', async () => {
    await sandbox.manager.offers(chat, 'Удобно?', [[{ text: 'Да' }, { text: 'Нет' }]]);
    expect((lastPosted().body as V2).message.message).toMatchObject({
      text: 'Удобно?',
      markup: { mode: 'inline', buttons: [[{ text: 'Да' }, { text: 'Нет' }]] },
    });
    const rows = [{ callback_data: '02', title: 'Вечер', description: '18–21' }];
    const list = { body: 'Когда?', button: 'Выбрать', sections: [{ title: 'Сегодня', rows }] };
    await sandbox.manager.offersList(chat, list);
    expect((lastPosted().body as V2).message.message).toMatchObject({
      markup: { list_message: list },
    });
  });

  it('carries the message that is passed on from another chat', async () => {
    const said = await sandbox.manager.writesFirst('79995550188', 'Добрый день!');
    await sandbox.manager.forwards(chat, said);
    expect((lastPosted().body as V2).message.message).toMatchObject({
      text: '',
      forwards: {
        messages: [{ id: said.id, type: 'text', text: 'Добрый день!' }],
        conversation_ref_id: said.chat.id,
      },
    });
  });

  it('carries no quote where support has not switched them on', async () => {
    const { supports } = sandbox.amojo.settings;
    sandbox.amojo.settings.supports = { ...supports, quotes: false };
    const [said] = chat.messages;
    if (said === undefined) throw new Error('the client wrote');
    await sandbox.manager.replies(said, 'Да');
    expect((lastPosted().body as V2).message.message).not.toHaveProperty('reply_to');
  });

  it('names the post whose comment it answers, and is then a text', async () => {
    const post = { id: 'p-1', url: 'https://example.net/p/1' };
    const message = { type: 'text', text: 'Сколько стоит?', post };
    await bridge.scope('', clientWrites('pulse-in-2', { message }));
    const comment = chat.messages.at(-1);
    if (comment === undefined) throw new Error('the client wrote');
    await sandbox.manager.answersComment(comment, 'Спасибо!');
    expect((lastPosted().body as V2).message.message).toMatchObject({
      text: 'Спасибо!',
      post: { id: 'p-1' },
    });
    const picture = sandbox.manager.writes(chat, { type: 'picture' }, { post });
    await expect(picture).rejects.toThrow('text only');
  });

  it('is filled from a template of the account', async () => {
    sandbox.amojo.crm().templates.add({
      name: 'Заказ',
      content: 'Заказ {{lead.id}} готов',
      external_id: 'pulse-tpl-order',
      buttons: [
        { type: 'inline', text: 'Спасибо' },
        { type: 'url', text: 'Сайт', url: 'https://example.net' },
      ],
    });
    const values = { '{{lead.id}}': '880124', '{{contact.name}}': 'Анна' };
    await sandbox.manager.writesTemplate(chat, 'pulse-tpl-order', values);
    expect((lastPosted().body as V2).message.message).toMatchObject({
      type: 'text',
      text: 'Заказ 880124 готов',
      markup: { buttons: [[{ text: 'Спасибо' }], [{ text: 'Сайт', url: 'https://example.net' }]] },
      template: {
        id: expect.any(Number),
        external_id: 'pulse-tpl-order',
        content: 'Заказ {{lead.id}} готов',
        params: [{ key: '{{lead.id}}', value: '880124' }],
      },
    });
  });

  it('may have empty keys for a phone and an e-mail nobody knows', async () => {
    await bridge.scope(
      '',
      clientWrites('2', { sender: { id: '5', name: 'Б' }, conversation_id: '5' }),
    );
    await sandbox.manager.writes('5', 'раз');
    expect((lastPosted().body as V2).message.receiver).not.toHaveProperty('phone');
    sandbox.amojo.settings.unknownPhone = 'empty';
    await sandbox.manager.writes('5', 'два');
    expect((lastPosted().body as V2).message.receiver).toMatchObject({ phone: '', email: '' });
  });

  it('may be written in ASCII with escaped slashes, and is signed as it is sent', async () => {
    sandbox.amojo.settings.hookJson = 'escaped';
    await sandbox.manager.writes(chat, 'за/против 👋');
    const { raw, headers, body } = lastPosted();
    expect(raw).toContain('\\u0437\\u0430\\/\\u043f');
    expect(raw).toMatch(/^[\x20-\x7e]+\n$/);
    expect((body as V2).message.message).toMatchObject({ text: 'за/против 👋' });
    expect(headers['x-signature']).toBe(sandbox.signHook(raw.slice(0, -1)));
  });

  it('names the source the chat came by, or the default one where that is unknown', async () => {
    const source = { external_id: 'pulse-wa-2' };
    await bridge.scope('', clientWrites('2', { source }));
    await sandbox.manager.writes(chat, 'раз');
    expect((lastPosted().body as V2).message).toMatchObject({ source });
    sandbox.amojo.crm().sources.add({ name: 'WA', externalId: 'pulse-wa-main', isDefault: true });
    await sandbox.manager.writes(chat, 'два');
    expect((lastPosted().body as V2).message).toMatchObject({
      source: { external_id: 'pulse-wa-main' },
    });
  });

  it('is not posted about typing and reactions that support has not switched on', async () => {
    sandbox.amojo.settings.supports = { typing: false, quotes: true, reactions: false };
    expect((await sandbox.manager.types(chat)).state).toBe('lost');
    const [said] = chat.messages;
    if (said === undefined) throw new Error('the client wrote');
    expect((await sandbox.manager.reacts(said, '👍')).state).toBe('lost');
    expect(said.reactions).toMatchObject([{ emoji: '👍' }]);
    expect(bridge.posted).toEqual([]);
  });

  it('has two older forms', async () => {
    await sandbox.manager.writes(chat, 'Здравствуйте', { form: 'v1' });
    expect(lastPosted().body).toMatchObject({
      receiver: 'pulse-user-9',
      conversation_id: 'pulse-conv-42',
      type: 'text',
      text: 'Здравствуйте',
    });
    const { id } = await sandbox.manager.writes(chat, 'Здравствуйте', { form: 'flat' });
    expect(lastPosted().body).toEqual({
      message: { id, text: 'Здравствуйте', date: expect.any(Number) },
      sender: { id: sandbox.amojo.settings.managers[0]?.id, name: 'Олег' },
      conversation: { id: chat.id },
      account: { id: sandbox.amojo.settings.accountId, subdomain: 'acme' },
    });
  });

  it('tells of typing and reactions, in the shape of the sample and of the table', async () => {
    const user = { id: sandbox.amojo.settings.managers[0]?.id };
    const [said] = chat.messages;
    await sandbox.manager.types(chat);
    expect(lastPosted().body).toMatchObject({ action: { typing: { user } } });
    await sandbox.manager.types(chat, 'table');
    expect(lastPosted().body).toMatchObject({ action: { user, typing: {} } });
    if (said === undefined) throw new Error('the client wrote');
    await sandbox.manager.reacts(said, '👍');
    expect(lastPosted().body).toMatchObject({
      action: { reaction: { msgid: said.id, user, type: 'react', emoji: '👍' } },
    });
    await sandbox.manager.reacts(said, null, 'table');
    expect(lastPosted().body).toMatchObject({
      action: { reaction: { message: { id: said.id }, type: 'unreact' } },
    });
  });
});

describe('a manager who writes first', () => {
  it('sends hooks without ids of the integration, until the client answers by both references', async () => {
    const { chat: opened } = await sandbox.manager.writesFirst('79995550188', 'Добрый день!', {
      name: 'Иван',
    });
    const { message } = lastPosted().body as V2;
    expect(message.conversation).toEqual({ id: opened.id });
    expect(message.receiver).toEqual({ id: opened.client.id, name: 'Иван', phone: '79995550188' });

    const answer = clientWrites('pulse-in-801', {
      conversation_id: 'pulse-conv-57',
      conversation_ref_id: opened.id,
      sender: { id: 'pulse-user-31', ref_id: opened.client.id, name: 'Иван' },
    });
    expect((await bridge.scope('', answer)).json).toMatchObject({
      new_message: { conversation_id: opened.id, sender_id: opened.client.id },
    });
    await sandbox.manager.writes(opened, 'Отлично');
    const later = (lastPosted().body as V2).message;
    expect(later.conversation).toEqual({ id: opened.id, client_id: 'pulse-conv-57' });
    expect(later.receiver).toMatchObject({ client_id: 'pulse-user-31' });
    expect(sandbox.ledger()).toMatchObject({ chats: 2, leads: 1 });
  });

  it('may choose a source, and may get a client who is known by the phone', async () => {
    const sourceId = 'pulse-wa-2';
    await sandbox.manager.writesFirst('79995550142', 'Добрый день!', { sourceId });
    expect((lastPosted().body as V2).message).toMatchObject({ source: { external_id: sourceId } });
    expect((lastPosted().body as V2).message.receiver).not.toHaveProperty('client_id');
    sandbox.amojo.settings.writeFirstReceiver = 'known';
    await sandbox.manager.writesFirst('79995550142', 'Добрый день!');
    expect((lastPosted().body as V2).message).toMatchObject({
      receiver: { id: chat.client.id, client_id: 'pulse-user-9' },
    });
    expect((lastPosted().body as V2).message.conversation).not.toHaveProperty('client_id');
  });

  it('gets the answer in a second chat, with a second lead, where the references are forgotten', async () => {
    await sandbox.manager.writesFirst('79995550188', 'Добрый день!');
    const sender = { id: 'pulse-user-31', name: 'Иван' };
    await bridge.scope('', clientWrites('2', { conversation_id: 'pulse-conv-57', sender }));
    expect(sandbox.ledger()).toMatchObject({ chats: 3, leads: 2 });
  });

  it('keeps one chat whatever id comes beside its reference', async () => {
    const { chat: opened } = await sandbox.manager.writesFirst('79995550188', 'Добрый день!');
    for (const id of ['one', 'two', 'three']) {
      const sender = { id: 'pulse-user-31', ref_id: opened.client.id, name: 'Иван' };
      const ids = { conversation_id: id, conversation_ref_id: opened.id, sender };
      await bridge.scope('', clientWrites(id, ids));
    }
    expect(opened.messages).toHaveLength(4);
    expect(opened.clientId).toBe('one');
  });
});

interface V2 {
  readonly message: {
    readonly conversation: object;
    readonly receiver: object;
    readonly message: {
      readonly media: string;
      readonly file_size: number;
      readonly media_group_id?: string;
    };
  };
}

describe('a file a manager attaches', () => {
  it.each([
    ['media', { type: 'picture', media: 5 }],
    ['text', { type: 'picture', text: 5 }],
    ['fileName', { type: 'picture', fileName: 5 }],
    ['fileSize', { type: 'picture', fileSize: '5' }],
    ['bytes', { type: 'picture', bytes: 'abc' }],
    ['markup', { type: 'text', text: 'x', markup: [] }],
  ])('is refused for a %s of another kind, and nothing is written', async (field, content) => {
    const { chat } = await sandbox.manager.writesFirst('79995550188', 'Добрый день!');
    await expect(sandbox.manager.writes(chat, content as never)).rejects.toMatchObject({
      message: expect.stringMatching(field),
      status: 400,
    });
    expect(chat.messages).toHaveLength(1);
  });
});
