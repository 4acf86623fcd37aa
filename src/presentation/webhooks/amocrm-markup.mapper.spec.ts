import { toContent } from './amocrm-content.mapper.js';

const text = (words: string, markup: unknown, more: object = {}) =>
  toContent({ type: 'text', text: words, markup, ...more });
const picture = (words: string, markup: unknown) =>
  toContent({ type: 'picture', text: words, media: 'https://x.example.test/a.jpg', markup });

describe('buttons of a manager', () => {
  const rows = [
    [{ text: 'Да' }, { text: ' Нет ' }],
    [{ text: 'Цены', url: 'https://x.example.test' }],
  ];
  const markup = { mode: 'inline', buttons: rows };

  it('stand under the text, to the letter', () => {
    expect(text('Удобно?', markup)).toEqual({ kind: 'text', text: 'Удобно?', keyboard: rows });
  });

  it('stand under a caption, and are its words where there is none', () => {
    expect(picture('Удобно?', markup)).toMatchObject({ caption: 'Удобно?', keyboard: rows });
    const bare = picture('', markup);
    expect(bare).toMatchObject({ caption: 'Да\n Нет \nЦены https://x.example.test' });
    expect(bare).not.toHaveProperty('keyboard');
  });

  it('are the text where there is none', () => {
    expect(text('', markup)).toEqual({
      kind: 'text',
      text: 'Да\n Нет \nЦены https://x.example.test',
    });
  });

  it('are left to the template that a message is made from', () => {
    const content = text('Удобно?', markup, { template: { id: 6120 } });
    expect(content).toMatchObject({ kind: 'text', text: 'Удобно?', template: {} });
    expect(content).not.toHaveProperty('keyboard');
  });

  it('may come in one row that is no row', () => {
    expect(text('?', { buttons: [{ text: 'Да' }] })).toMatchObject({
      keyboard: [[{ text: 'Да' }]],
    });
  });

  it.each([
    [null],
    [[]],
    ['x'],
    [{}],
    [{ buttons: null }],
    [{ buttons: [[]] }],
    [{ buttons: [[{ text: ' ' }, { url: 'https://x.example.test' }, null, 5]] }],
    [{ list_message: null }],
    [{ list_message: { sections: [{ rows: [{}] }] } }],
  ])('that cannot be pressed are none: %j', (odd) => {
    expect(text('Удобно?', odd)).toEqual({ kind: 'text', text: 'Удобно?' });
  });

  it('do not mend a message that has lost its file', () => {
    const lost = toContent({ type: 'picture', text: 'Вот', media: 'nowhere', markup });
    expect(lost).toMatchObject({ kind: 'unsupported', substitute: 'file-failed' });
  });
});

describe('a list to pick from', () => {
  const list_message = {
    header: 'Доставка',
    body: 'Когда?',
    button: 'Выбрать',
    sections: [
      { title: 'Сегодня', rows: [{ callback_data: 'd1', title: 'Вечер', description: '18–21' }] },
      { title: '', rows: [{ callback_data: 'd2', title: 'Утро' }, { title: 'Никогда' }] },
      { title: 'Пусто', rows: [] },
    ],
  };

  it('is numbered through, and says what to answer', () => {
    expect(text('', { list_message })).toEqual({
      kind: 'text',
      text: 'Доставка\nКогда?\nВыбрать: 1–3\nСегодня\n1. Вечер — 18–21\n2. Утро\n3. Никогда',
      choices: [
        { title: 'Вечер', data: 'd1' },
        { title: 'Утро', data: 'd2' },
        { title: 'Никогда', data: 'Никогда' },
      ],
    });
  });

  it('stands below the message’s own words', () => {
    expect(text('Выберите', { list_message: { body: 'Когда?' } })).toEqual({
      kind: 'text',
      text: 'Выберите\nКогда?',
    });
    expect(picture('Вот', { list_message })).toMatchObject({
      caption: expect.stringMatching(/^Вот\nДоставка/),
    });
  });
});
