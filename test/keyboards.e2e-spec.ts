import { Bridge } from './bridge.js';

const VERA = '79995550142';
const KEPT = { violations: 0, doubled: 0, outOfOrder: 0, statusBackwards: 0 };
const BUTTONS = [[{ text: 'Да' }, { text: 'Нет' }]];
const LIST = {
  header: 'Доставка',
  body: 'Когда привезти?',
  button: 'Выбрать',
  sections: [
    {
      title: 'Сегодня',
      rows: [
        { callback_data: '01', title: 'День' },
        { callback_data: '02', title: 'Вечер', description: '18–21' },
      ],
    },
  ],
};

let bridge: Bridge;

beforeEach(async () => {
  bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
});

afterEach(() => bridge.stop());

describe('buttons and lists of a manager', () => {
  it('are lines on WhatsApp, and their answers come back to the letter', async () => {
    const { sandbox } = bridge;
    const vera = sandbox.client(VERA);
    await vera.writes('Есть?');
    await sandbox.until(() => sandbox.chat(VERA).messages.length === 1);
    const asked = await sandbox.manager.offers(VERA, 'Удобно?', BUTTONS);
    const listed = await sandbox.manager.offersList(VERA, LIST);
    await sandbox.until(() => asked.tick.state === 'read' && listed.tick.state === 'read');
    expect(vera.sees.map(({ content }) => content.text)).toEqual([
      'Удобно?\nДа\nНет',
      'Доставка\nКогда привезти?\nВыбрать: 1–2\nСегодня\n1. День\n2. Вечер — 18–21',
    ]);
    await vera.writes('Да');
    await vera.writes('2');
    await vera.writes('день');
    const rows = sandbox.chat(VERA).messages;
    await sandbox.until(() => rows.length === 6);
    expect(rows.slice(3).map(({ text, callbackData }) => [text, callbackData])).toEqual([
      ['Да', undefined],
      ['2', '02'],
      ['день', '01'],
    ]);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0 });
  });

  it.each([
    ['acme_max_bot', '40117702'],
    ['acme_max', '40117703'],
  ])('are real buttons on MAX: %s', async (channel, address) => {
    const { sandbox } = bridge;
    const client = sandbox.client(address);
    await client.writes('Есть?', { channel });
    await sandbox.until(() => sandbox.chats.length === 1);
    const [chat] = sandbox.chats;
    if (!chat) throw new Error('no chat');
    await sandbox.manager.offers(chat, 'Удобно?', BUTTONS);
    await sandbox.until(() => client.sees.length === 1);
    expect(client.sees[0]?.content).toMatchObject({
      type: 'KEYBOARD',
      text: 'Удобно?',
      keyboard: {
        rows: [
          {
            buttons: [
              { type: 'MESSAGE', text: 'Да' },
              { type: 'MESSAGE', text: 'Нет' },
            ],
          },
        ],
      },
    });
    await client.writes({ type: 'BUTTON', text: 'Нет' }, { channel });
    await sandbox.until(() => chat.messages.length === 3);
    expect(chat.messages[2]).toMatchObject({ text: 'Нет', direction: 'incoming' });

    await sandbox.manager.offersList(chat, LIST);
    await sandbox.until(() => client.sees.length === 2);
    expect(client.sees[1]?.content).toMatchObject({
      type: 'KEYBOARD',
      keyboard: {
        rows: [
          { buttons: [{ type: 'MESSAGE', text: 'День' }] },
          { buttons: [{ type: 'MESSAGE', text: 'Вечер' }] },
        ],
      },
    });
    await client.writes({ type: 'BUTTON', text: 'Вечер' }, { channel });
    await sandbox.until(() => chat.messages.length === 5);
    expect(chat.messages[4]).toMatchObject({ text: 'Вечер', callbackData: '02' });
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });
});
