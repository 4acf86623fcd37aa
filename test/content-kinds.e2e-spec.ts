import type { ChatMessage } from '../sandbox/amojo/chat.ts';
import type { ClientContent } from '../sandbox/edna/client-message.ts';
import { Bridge } from './bridge.js';

const VERA = '79995550142';
const KEPT = { violations: 0, doubled: 0, outOfOrder: 0, statusBackwards: 0, ignoredTexts: 0 };
const WITHHELD = '[WhatsApp не передал это сообщение. Попросите клиента написать текстом]';
const ORDER = '[Заказ из каталога: откройте в edna]';
const LOST_FILE = '[Файл не загрузился. Попросите прислать ещё раз]';

let bridge: Bridge;

beforeEach(async () => {
  bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
});

afterEach(() => bridge.stop());

/** What a client writes, and what of it stands in the chat. */
const FROM_CLIENTS: readonly (readonly [
  name: string,
  content: ClientContent,
  shown: Partial<Pick<ChatMessage, 'type' | 'text' | 'location' | 'contact'>>,
])[] = [
  ['a text', 'Есть?', { type: 'text', text: 'Есть?' }],
  ['a picture', { type: 'IMAGE', caption: 'Вот' }, { type: 'picture', text: 'Вот' }],
  ['a video with a text', { type: 'VIDEO', text: 'Вот' }, { type: 'video', text: 'Вот' }],
  ['a document', { type: 'DOCUMENT' }, { type: 'file', text: '' }],
  ['a recording', { type: 'VOICE' }, { type: 'voice' }],
  ['a sticker', { type: 'STICKER' }, { type: 'sticker' }],
  [
    'a place',
    { type: 'LOCATION', location: { latitude: 59.9571, longitude: 30.3083, address: 'Причал 4' } },
    { type: 'location', text: 'Причал 4', location: { lat: 59.9571, lon: 30.3083 } },
  ],
  [
    'a button',
    { type: 'BUTTON', text: 'Перенести', payload: 'resched-118' },
    { type: 'text', text: 'Перенести' },
  ],
  [
    'what was picked from a list',
    { type: 'LIST_PICKER', items: [{ identifier: '02', title: 'Вечером', subtitle: null }] },
    { type: 'text', text: 'Вечером' },
  ],
  [
    'a form',
    { type: 'FLOW', text: '{"city":"Омск","flow_token":"t-1"}' },
    { type: 'text', text: 'city: Омск' },
  ],
  [
    'a product',
    { type: 'PRODUCT', text: 'Такой', product: { id: 7 } },
    { type: 'text', text: `${ORDER}\nТакой` },
  ],
  ['an order', { type: 'ORDER', order: { id: 7 } }, { type: 'text', text: ORDER }],
  ['a catalogue', { type: 'CATALOG', catalog: {} }, { type: 'text', text: ORDER }],
  [
    'a contact',
    { type: 'CONTACT', contact: { name: 'Пётр', phones: [{ phone: '+79035550177' }] } },
    { type: 'contact', contact: { name: 'Пётр', phone: '+79035550177' } },
  ],
  [
    'an answer to a story',
    { type: 'TEXT', text: 'Красиво!', story: { url: 'https://stories.example.test/5' } },
    { type: 'text', text: '↩ «https://stories.example.test/5»\nКрасиво!' },
  ],
  [
    'a kind nobody has told us of',
    { type: 'POLL', text: 'Да или нет?' },
    { type: 'text', text: '[Сообщение вида poll: посмотрите в edna]\nДа или нет?' },
  ],
  ['what WhatsApp keeps to itself', { type: 'UNSUPPORTED' }, { type: 'text', text: WITHHELD }],
  ['nothing at all', { type: 'TEXT' }, { type: 'text', text: WITHHELD }],
  [
    'a file without an address',
    { type: 'IMAGE', caption: 'Вот', attachment: null },
    { type: 'text', text: `${LOST_FILE}\nВот` },
  ],
];

describe('in the chat', () => {
  it('everything a client may write is something a manager can read', async () => {
    const { sandbox } = bridge;
    const vera = sandbox.client(VERA);
    for (const [, content] of FROM_CLIENTS) await vera.writes(content);
    await sandbox.until(() => sandbox.chat(VERA).messages.length === FROM_CLIENTS.length);
    const rows = sandbox.chat(VERA).messages;
    expect(FROM_CLIENTS.map(([name], i) => ({ name, ...rows[i] }))).toMatchObject(
      FROM_CLIENTS.map(([name, , shown]) => ({ name, ...shown })),
    );
    await sandbox.until(() => rows.every(({ media, file }) => media === '' || file));
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1, leads: 1 });
  });

  it.each(['legacy', 'simple'] as const)(
    'the %s form of a callback says the same',
    async (form) => {
      const { sandbox } = bridge;
      const vera = sandbox.client(VERA);
      await vera.writes('Есть?', { form });
      await vera.writes({ type: 'IMAGE', caption: 'Вот' }, { form });
      await sandbox.until(() => sandbox.chat(VERA).messages.length === 2);
      expect(sandbox.chat(VERA).messages).toMatchObject([
        { type: 'text', text: 'Есть?' },
        { type: 'picture', text: 'Вот' },
      ]);
      await sandbox.until(() => sandbox.chat(VERA).messages[1]?.file);
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0 });
    },
  );

  it('several messages in one callback keep their order', async () => {
    const { sandbox } = bridge;
    const texts = ['раз', 'два', 'три'];
    await sandbox.client(VERA).writesTogether(texts);
    await sandbox.until(() => sandbox.chat(VERA).messages.length === 3);
    expect(sandbox.chat(VERA).messages.map(({ text }) => text)).toEqual(texts);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0 });
  });
});

describe('on the phone', () => {
  beforeEach(async () => {
    await bridge.sandbox.client(VERA).writes('Здравствуйте');
    await bridge.sandbox.until(() => bridge.sandbox.chat(VERA));
  });

  const texts = () => bridge.sandbox.client(VERA).sees.map(({ content }) => content.text);

  it('a text is to the letter what the manager wrote, whatever hook brings it', async () => {
    const { sandbox } = bridge;
    const markup = { mode: 'inline', buttons: [[{ text: 'Да' }, { text: 'Нет' }]] };
    const list = { list_message: { header: 'Доставка', body: 'Когда удобно?', button: 'Выбрать' } };
    const forwards = { messages: [{ id: 'f-1', type: 'text', text: 'Пересланное' }] };
    const template = { id: 6120, content: 'Заказ {{lead.id}} готов', params: [] };
    const [question] = sandbox.chat(VERA).messages;
    await sandbox.manager.writes(VERA, 'Есть 👋\u200d  два пробела\nи строка');
    await sandbox.manager.writes(VERA, { type: 'text', text: 'Заказ 118 готов', template });
    await sandbox.manager.writes(VERA, { type: 'text', text: 'Удобно?', markup });
    await sandbox.manager.writes(VERA, 'Отвечаю', { replyTo: question });
    await sandbox.manager.writes(VERA, '', { overrides: { forwards } });
    await sandbox.manager.writes(VERA, { type: 'text', text: '', markup: list });
    await sandbox.manager.writes(VERA, 'По-простому', { form: 'flat' });
    await sandbox.manager.writes(VERA, 'По-старому', { form: 'v1' });
    await sandbox.until(() => texts().length === 8);
    expect(texts()).toEqual([
      'Есть 👋\u200d  два пробела\nи строка',
      'Заказ 118 готов',
      'Удобно?\nДа\nНет',
      '↩ «Здравствуйте»\nОтвечаю',
      'Пересланное',
      'Доставка\nКогда удобно?',
      'По-простому',
      'По-старому',
    ]);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0 });
  });

  it('what no channel carries is refused with the reason, and holds up nothing', async () => {
    const { sandbox } = bridge;
    const sticker = await sandbox.manager.writes(VERA, { type: 'sticker' });
    const next = await sandbox.manager.writes(VERA, 'Есть');
    await sandbox.until(() => sticker.tick.state === 'error' && next.tick.state === 'read');
    expect(sticker.tick).toEqual({
      state: 'error',
      code: 905,
      error: 'Канал не передаёт такие сообщения (стикер). Отправьте текст или файл.',
    });
    expect(texts()).toEqual(['Есть']);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0 });
  });

  it('a hook that is no message is taken and changes nothing', async () => {
    const { sandbox } = bridge;
    const [question] = sandbox.chat(VERA).messages;
    if (!question) throw new Error('she wrote');
    for (const shape of ['sample', 'table'] as const) {
      expect(await sandbox.manager.types(VERA, shape)).toMatchObject({ state: 'taken' });
      expect(await sandbox.manager.reacts(question, '👍', shape)).toMatchObject({ state: 'taken' });
    }
    const answer = await sandbox.manager.writes(VERA, 'Есть');
    await sandbox.until(() => answer.tick.state === 'read');
    expect(sandbox.requests('schedule')).toHaveLength(1);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0, chats: 1 });
  });
});
