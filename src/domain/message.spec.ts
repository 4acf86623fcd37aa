import {
  inWords,
  quoting,
  toParts,
  underQuote,
  type AttachmentKind,
  type Content,
} from './message.js';

const attachment = { url: 'https://files.example.test/a.pdf', name: 'a.pdf' };

describe('what an outbound message becomes', () => {
  it.each<AttachmentKind>(['picture', 'video', 'file', 'voice', 'audio', 'sticker'])(
    'a %s with a caption goes as the file, then the caption',
    (kind) => {
      expect(toParts({ kind, attachment, caption: 'see page 2' })).toEqual([
        { kind, attachment, caption: '' },
        { kind: 'text', text: 'see page 2' },
      ]);
      expect(toParts({ kind, attachment, caption: '' })).toEqual([
        { kind, attachment, caption: '' },
      ]);
    },
  );

  it.each<Content>([
    { kind: 'text', text: 'Yes, it is' },
    { kind: 'location', latitude: 55.75, longitude: 37.61, address: 'Red Square' },
    { kind: 'contact', name: 'Vera', phone: '79995550142', text: 'call her' },
    { kind: 'unsupported', substitute: 'unknown-type', type: 'poll', text: 'A or B?' },
  ])('a $kind goes as it is', (content) => {
    expect(toParts(content)).toEqual([content]);
  });
});

describe('a time in words', () => {
  it.each([
    [0, '1 мин', '1 min'],
    [7.4, '7 мин', '7 min'],
    [59.6, '1 ч', '1 h'],
    [60, '1 ч', '1 h'],
    [65, '1 ч 5 мин', '1 h 5 min'],
    [7 * 24 * 60, '168 ч', '168 h'],
  ])('%d minutes: %s', (minutes, ru, en) => {
    expect(inWords({ minutes }, 'ru')).toBe(ru);
    expect(inWords({ minutes }, 'en')).toBe(en);
  });
});

describe('a message above what it quotes', () => {
  it('has the quote on one line, whatever lines that had', () => {
    expect(underQuote(' One\n\n two\r\n three ', 'Yes')).toBe('↩ «One two three»\nYes');
    expect(underQuote('x\n'.repeat(400), 'Yes')).toBe(`↩ «${'x '.repeat(100)}…»\nYes`);
    expect(underQuote('\n \n', 'Yes')).toBe('Yes');
  });

  it('shows of a quoted quote the answer alone', () => {
    const before = underQuote('Is it\nin stock?', 'Two of them');
    expect(underQuote(before, 'And red?')).toBe('↩ «Two of them»\nAnd red?');
    expect(underQuote('↩ «alone»', 'Yes')).toBe('↩ «↩ «alone»»\nYes');
  });

  it('has none where its buttons leave no room for it', () => {
    const keyboard = [[{ text: 'x'.repeat(400) }]];
    const content = { kind: 'text', text: 'x'.repeat(3_400), keyboard } as const;
    expect(quoting(content, 'Is it in stock?')).toEqual(content);
  });
});
