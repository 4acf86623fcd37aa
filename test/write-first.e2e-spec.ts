import type { Chat } from '../sandbox/amojo/chat.ts';
import { Bridge, type BridgeOptions } from './bridge.js';

const IVAN = '79995550188';
const KEPT = {
  violations: 0,
  doubled: 0,
  outOfOrder: 0,
  statusBackwards: 0,
  cancelled: 0,
  missing: 0,
  // The lead a manager writes from is there already: no other one may open.
  chats: 1,
  leads: 0,
};

let bridge: Bridge;

async function start(options: BridgeOptions = {}): Promise<Bridge> {
  const sandbox = { ...options.sandbox, amojo: { connected: true } };
  bridge = await Bridge.start({ ...options, sandbox });
  return bridge;
}

afterEach(() => bridge.stop());

const phone = () => bridge.sandbox.client(IVAN);
const texts = () => phone().sees.map(({ content }) => content.text);

describe('a manager who writes first', () => {
  it.each(['sqlite', 'postgres'] as const)(
    'reaches the phone, sees the marks, and gets the answer into the same chat, on %s',
    async (store) => {
      const { sandbox } = await start({ store });
      const hello = await sandbox.manager.writesFirst(IVAN, 'Добрый день!', { name: 'Иван' });
      await sandbox.until(() => hello.tick.state === 'read');
      expect(texts()).toEqual(['Добрый день!']);

      await phone().writes('Здравствуйте');
      const { chat } = hello;
      await sandbox.until(() => chat.messages.length === 2);
      expect(chat.messages[1]).toMatchObject({ text: 'Здравствуйте', direction: 'incoming' });
      expect(chat.clientId).toBe(`edna:71844:${IVAN}`);
      expect(chat.client.clientId).toBe(`edna:71844:${IVAN}`);
      expect(sandbox.requests('message').map(({ body }) => body)).toMatchObject([
        { payload: { conversation_ref_id: chat.id, sender: { ref_id: chat.client.id } } },
      ]);

      const later = await sandbox.manager.writes(chat, 'Чем помочь?');
      await sandbox.until(() => later.tick.state === 'read');
      await phone().writes('Термос');
      await sandbox.until(() => chat.messages.length === 4);
      expect(texts()).toEqual(['Добрый день!', 'Чем помочь?']);
      expect(sandbox.ledger()).toMatchObject(KEPT);
    },
  );

  it('may write again before the answer, to the number as the card has it', async () => {
    const { sandbox } = await start();
    const hello = await sandbox.manager.writesFirst('+7 (999) 555-01-88', 'Добрый день!');
    const second = await sandbox.manager.writes(hello.chat, 'Это по заказу 118');
    const third = await sandbox.manager.writes(hello.chat, { type: 'picture' });
    await sandbox.until(() => [hello, second, third].every(({ tick }) => tick.state === 'read'));
    expect(phone().sees.map(({ content: { text, type } }) => text ?? type)).toEqual([
      'Добрый день!',
      'Это по заказу 118',
      'IMAGE',
    ]);
    await phone().writes('Да?');
    await sandbox.until(() => hello.chat.messages.length === 4);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, doubled: 0, chats: 1, leads: 0 });
  });

  it('gets the answer into the same chat though amoCRM was down when it came', async () => {
    const { sandbox } = await start();
    const { chat } = await sandbox.manager.writesFirst(IVAN, 'Добрый день!');
    await sandbox.until(() => texts().length === 1);
    sandbox.amojo.faults.add({ kind: 'hang-after', endpoint: 'message', times: 1 });
    await phone().writes('Здравствуйте');
    await phone().writes('Это кто?');
    await sandbox.until(() => chat.messages.length === 3);
    expect(chat.messages.map(({ text }) => text)).toEqual([
      'Добрый день!',
      'Здравствуйте',
      'Это кто?',
    ]);
    await sandbox.until(() => sandbox.ledger().missing === 0);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('is answered in the same chat where no channel was known before the answer', async () => {
    const { sandbox } = await start({
      environment: { EDNA_SEND_PATH: '/api/messages/send' },
      sandbox: { edna: { simpleDialect: true } },
    });
    const { chat } = await sandbox.manager.writesFirst(IVAN, 'Добрый день!');
    await sandbox.until(() => texts().length === 1);
    await phone().writes('Здравствуйте');
    await sandbox.until(() => chat.messages.length === 2);
    expect(chat.clientId).toBe(`edna:71844:${IVAN}`);
    const later = await sandbox.manager.writes(chat, 'Чем помочь?');
    await sandbox.until(() => later.tick.state === 'read');
    expect(texts()).toEqual(['Добрый день!', 'Чем помочь?']);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('to a client with a chat of his own is answered there, and opens no third one', async () => {
    const { sandbox } = await start();
    await phone().writes('Здравствуйте');
    await sandbox.until(() => sandbox.chats.length === 1);
    const hello = await sandbox.manager.writesFirst(IVAN, 'Добрый день!');
    const second = await sandbox.manager.writes(hello.chat, 'Это по заказу 118');
    await sandbox.until(() => [hello, second].every(({ tick }) => tick.state === 'read'));
    await phone().writes('Да?');
    await phone().writes('Слушаю');
    await sandbox.until(() => sandbox.ledger().seenByManagers === 3);
    const [own] = sandbox.chats;
    expect(own?.messages.map(({ text }) => text)).toEqual(['Здравствуйте', 'Да?', 'Слушаю']);
    expect(texts()).toEqual(['Добрый день!', 'Это по заказу 118']);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 2, leads: 1 });
  });

  it('is answered in the same chat where the client’s first answer is a reaction', async () => {
    const { sandbox } = await start();
    const hello = await sandbox.manager.writesFirst(IVAN, 'Добрый день!');
    await sandbox.until(() => hello.tick.state === 'read');
    await phone().writes({ type: 'REACTION', emoji: '👍' }, { replyTo: phone().sees[0] });
    await sandbox.until(() => hello.reactions.length === 1);
    await phone().writes('Здравствуйте');
    await phone().writes('Это кто?');
    await sandbox.until(() => sandbox.ledger().seenByManagers === 2);
    expect(hello.chat.messages.map(({ text }) => text)).toEqual([
      'Добрый день!',
      'Здравствуйте',
      'Это кто?',
    ]);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, chats: 1, leads: 0 });
  });

  it.each(['sqlite', 'postgres'] as const)(
    'at the moment the client writes in three shapes of his number finds him in one chat, on %s',
    async (store) => {
      const { sandbox } = await start({ store });
      const body = (id: number, address: string) => ({
        id,
        subject: 'acme_wa_main',
        subjectId: 71_844,
        subscriber: { id: 5_120_077, identifier: address },
        messageContent: { type: 'TEXT', text: `Здравствуйте ${id}` },
        receivedAt: new Date().toISOString(),
      });
      const [hello] = await Promise.all([
        sandbox.manager.writesFirst('8 (999) 555-01-88', 'Добрый день!'),
        ...['89995550188', '+79995550188', '79995550188'].map((address, i) =>
          sandbox.postAsEdna(body(880_001 + i, address)),
        ),
      ]);
      await sandbox.until(() => hello.tick.state === 'read');
      const byClient = () =>
        sandbox.chats.flatMap(({ id, messages }) =>
          messages.filter(({ direction }) => direction === 'incoming').map(() => id),
        );
      await sandbox.until(() => byClient().length === 3);
      expect(new Set(byClient()).size).toBe(1);
      expect(texts()).toEqual(['Добрый день!']);
      expect(sandbox.ledger()).toMatchObject({ violations: 0, doubled: 0 });
    },
  );

  it('beside a colleague is answered in the chat of the one who wrote last', async () => {
    const { sandbox } = await start();
    const one = await sandbox.manager.writesFirst('8 (999) 555-01-88 доб. 5', 'Добрый день!');
    await sandbox.until(() => one.tick.state === 'read');
    const other = await sandbox.manager.writesFirst(IVAN, 'Это по заказу 118');
    expect(other.chat).not.toBe(one.chat);
    await sandbox.until(() => other.tick.state === 'read');
    await phone().writes('Здравствуйте');
    await sandbox.until(() => other.chat.messages.length === 2);
    const again = await sandbox.manager.writes(one.chat, 'Ждём вас');
    await sandbox.until(() => again.tick.state === 'read');
    await phone().writes('Когда?');
    await sandbox.until(() => other.chat.messages.length === 3);
    expect(texts()).toEqual(['Добрый день!', 'Это по заказу 118', 'Ждём вас']);
    expect(one.chat.messages.map(({ text }) => text)).toEqual(['Добрый день!', 'Ждём вас']);
    // Nor is anything missing; but the twin knows no number with an extension.
    const { missing: _, ...kept } = KEPT;
    expect(sandbox.ledger()).toMatchObject({ ...kept, chats: 2 });
  });

  it('while the client’s own first message is on its way leaves him in one chat', async () => {
    const { sandbox } = await start();
    const late = sandbox.amojo.faults.add({ kind: 'hang-after', endpoint: 'message', times: 1 });
    await phone().writes('Здравствуйте');
    await late.caught();
    const hello = await sandbox.manager.writesFirst(IVAN, 'Добрый день!');
    await sandbox.until(() => hello.tick.state === 'read');
    await phone().writes('Да?');
    await phone().writes('Слушаю');
    await sandbox.until(() => sandbox.ledger().seenByManagers === 3);
    const [own] = sandbox.chats;
    expect(own?.messages.map(({ text }) => text)).toEqual(['Здравствуйте', 'Да?', 'Слушаю']);
    expect(texts()).toEqual(['Добрый день!']);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, doubled: 0, outOfOrder: 0, leads: 1 });
  });

  it('in a chat that amoCRM has given up since is answered in another one', async () => {
    const { sandbox } = await start();
    const hello = await sandbox.manager.writesFirst(IVAN, 'Добрый день!');
    await sandbox.until(() => hello.tick.state === 'read');
    sandbox.amojo.book.forget(hello.chat);
    await phone().writes('Здравствуйте');
    await phone().writes('Это кто?');
    await sandbox.until(() => sandbox.chats.length === 2);
    const [, other] = sandbox.chats;
    await sandbox.until(() => other?.messages.length === 2);
    expect(other?.messages.map(({ text }) => text)).toEqual(['Здравствуйте', 'Это кто?']);
    const later = await sandbox.manager.writes(other as Chat, 'Чем помочь?');
    await sandbox.until(() => later.tick.state === 'read');
    expect(texts()).toEqual(['Добрый день!', 'Чем помочь?']);
  });

  it.each(['+79995550188', '8 (999) 555-01-88', '89995550188'])(
    'is answered into the same chat from the address %s',
    async (address) => {
      const { sandbox } = await start();
      const hello = await sandbox.manager.writesFirst('8 (999) 555-01-88', 'Добрый день!');
      await sandbox.until(() => hello.tick.state === 'read');
      expect(texts()).toEqual(['Добрый день!']);
      await sandbox.postAsEdna({
        id: 880_001,
        subject: 'acme_wa_main',
        subjectId: 71_844,
        subscriber: { id: 5_120_077, identifier: address },
        userInfo: { userName: 'Иван' },
        messageContent: { type: 'TEXT', text: 'Здравствуйте' },
        receivedAt: new Date().toISOString(),
      });
      await sandbox.until(() => hello.chat.messages.length === 2);
      expect(hello.chat.clientId).toBe(`edna:71844:${IVAN}`);
      expect(sandbox.requests('message').map(({ body }) => body)).toMatchObject([
        { payload: { conversation_ref_id: hello.chat.id, sender: { ref_id: expect.any(String) } } },
      ]);
      expect(sandbox.ledger()).toMatchObject({ violations: 0, chats: 1, leads: 0 });
    },
  );

  it.each([
    ['12345', 'a number of no country'],
    ['', 'no number at all'],
  ])('to "%s", %s, is told so', async (number) => {
    const { sandbox } = await start();
    const hello = await sandbox.manager.writesFirst(number, 'Добрый день!');
    await sandbox.until(() => hello.tick.state === 'error');
    expect(hello.tick).toEqual({
      state: 'error',
      code: 904,
      error: 'Телефон записан неверно. Исправьте в карточке: +7 и 10 цифр.',
    });
    expect(sandbox.edna.messages).toEqual([]);
  });

  it('to a number without the messenger is told so', async () => {
    const { sandbox } = await start({
      sandbox: { edna: { fates: { '88': { status: 'UNDELIVERED', error: 'not-whatsapp-user' } } } },
    });
    const hello = await sandbox.manager.writesFirst(IVAN, 'Добрый день!');
    await sandbox.until(() => hello.tick.state === 'error');
    expect(hello.tick).toEqual({
      state: 'error',
      code: 904,
      error: 'На этом номере нет WhatsApp. Позвоните или выберите другой канал.',
    });
  });
});
