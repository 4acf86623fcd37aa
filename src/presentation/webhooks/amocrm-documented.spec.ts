import { aLine, LINE, requestIdsOf, SCOPE } from '../../../test/builders.ts';
import { fixture, fixtureNames } from '../../../test/fixtures/fixture.ts';
import { anonymousSourceId, outboundSourceId } from '../../domain/ids.js';
import { Lines } from '../../domain/line.js';
import { toEvent } from './amocrm-webhook.mapper.js';

const AT = new Date('2026-11-20T12:00:00Z');
const LINES = new Lines([aLine()]);
const CHAT = '1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53';
const CLIENT = 'e81d42f6-0b57-4c39-a2d8-5f60c7b19e04';
const MESSAGE = 'b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53';
const QUOTED = '70d5e2b8-9c14-4e6f-a3b7-12f8c06d9e45';
const MEDIA = 'https://amojo.example.test/attachments';

const read = (body: unknown, scopeId?: string) =>
  toEvent(body, { scopeId, lines: LINES, signers: LINES.all, at: AT });

const wrote = (content: object, more: object = {}) => ({
  type: 'outbound',
  line: LINE,
  conversationId: 'pulse-conv-42',
  chatId: CHAT,
  participantId: CLIENT,
  writesFirst: false,
  phone: '79995550142',
  message: { sourceId: `amo:${SCOPE}:${MESSAGE}`, content },
  ...more,
});
const text = (words: string) => wrote({ kind: 'text', text: words });
const file = (kind: string, name: string, more: object = {}, caption = '') =>
  wrote({ kind, attachment: { url: `${MEDIA}/${name}`, name, ...more }, caption });

const EXPECTED: Readonly<Record<string, object>> = {
  'v2-text': text('Здравствуйте'),
  'v2-picture-of-group': wrote({
    kind: 'picture',
    attachment: { url: `${MEDIA}/price-77.jpg`, name: 'price.jpg', sizeBytes: 91344 },
    caption: 'Прайс',
  }),
  'v2-file': file('file', 'act-12.pdf', { sizeBytes: 20480 }),
  'v2-video': file('video', 'v-9.mp4', { sizeBytes: 1048576 }),
  'v2-voice': file('voice', 'vn-4.ogg', { sizeBytes: 15230 }),
  'v2-audio': file('audio', 'song.mp3'),
  'v2-sticker': file('sticker', 'st-1.webp'),
  'v2-write-first': {
    type: 'outbound',
    chatId: CHAT,
    participantId: CLIENT,
    writesFirst: true,
    phone: '79995550188',
    message: { content: { kind: 'text', text: 'Добрый день!' } },
  },
  'v2-markup': wrote({
    kind: 'text',
    text: 'Удобно?',
    keyboard: [[{ text: 'Да' }, { text: 'Нет' }]],
  }),
  'v2-list-message': wrote({
    kind: 'text',
    text: 'Доставка\nКогда привезти?\nВыбрать: 1\nСегодня\n1. Вечер — 18–21\nAcme',
    choices: [{ title: 'Вечер', data: '02' }],
  }),
  'v2-template': text('Заказ 880124 готов'),
  'v2-reply': {
    message: {
      content: { kind: 'text', text: '↩ «Есть в наличии?»\nДа, есть' },
      quote: {
        messageId: QUOTED,
        sourceId: `amo:${SCOPE}:${QUOTED}`,
        text: 'Есть в наличии?',
      },
    },
  },
  'v2-forward': text('Есть в наличии?'),
  'v2-comment-answer': text('Спасибо!'),
  'typing-sample': { type: 'ignored', why: 'typing' },
  'typing-table': { type: 'ignored', why: 'typing' },
  'reaction-sample': {
    type: 'note',
    crmMessageId: QUOTED,
    sourceId: `amo:${SCOPE}:${QUOTED}`,
    what: 'reacted',
    at: new Date(1772529600_000),
  },
  'reaction-table': { type: 'note', crmMessageId: QUOTED, what: 'unreacted' },
  'v1-text': {
    type: 'outbound',
    conversationId: 'pulse-conv-42',
    message: { content: { kind: 'text', text: 'Здравствуйте' } },
  },
  'v1-file': {
    message: {
      content: {
        kind: 'file',
        attachment: { url: `${MEDIA}/act-12.pdf`, name: 'act-12.pdf', sizeBytes: 20480 },
      },
    },
  },
  flat: { type: 'outbound', message: { sourceId: `amo:${SCOPE}:m-1` } },
  'event-wrapper': { type: 'note', crmMessageId: MESSAGE, what: 'edited', at: AT },
};

describe('documented hooks of amoCRM', () => {
  it.each(fixtureNames('amocrm'))('%s', (name) => {
    const expected = EXPECTED[name];
    expect(expected).toBeDefined();
    expect(read(fixture('amocrm', name))).toMatchObject(expected ?? {});
  });

  it('takes a text whole', () => {
    const sourceId = outboundSourceId(SCOPE, MESSAGE);
    expect(read(fixture('amocrm', 'v2-text'), SCOPE)).toEqual({
      type: 'outbound',
      line: LINE,
      conversationId: 'pulse-conv-42',
      chatId: CHAT,
      participantId: CLIENT,
      writesFirst: false,
      phone: '79995550142',
      message: {
        sourceId,
        sender: { name: 'Олег' },
        content: { kind: 'text', text: 'Здравствуйте' },
        sentAt: new Date(1772529480310),
      },
      requestIds: requestIdsOf(sourceId),
    });
  });

  it('takes version 1 whole, which knows neither chat nor message', () => {
    const sourceId = anonymousSourceId(
      SCOPE,
      'pulse-conv-42',
      '1772529480310',
      'text',
      'Здравствуйте',
      '',
    );
    expect(read(fixture('amocrm', 'v1-text'), SCOPE)).toEqual({
      type: 'outbound',
      line: LINE,
      conversationId: 'pulse-conv-42',
      writesFirst: false,
      message: {
        sourceId,
        sender: { name: '' },
        content: { kind: 'text', text: 'Здравствуйте' },
        sentAt: new Date(1772529480310),
      },
      requestIds: requestIdsOf(sourceId),
    });
  });

  it('takes the flat form whole', () => {
    const sourceId = outboundSourceId(SCOPE, 'm-1');
    expect(read(fixture('amocrm', 'flat'))).toEqual({
      type: 'outbound',
      line: LINE,
      chatId: CHAT,
      writesFirst: true,
      message: {
        sourceId,
        sender: { name: 'Олег' },
        content: { kind: 'text', text: 'Здравствуйте' },
        sentAt: new Date(1772529480000),
      },
      requestIds: requestIdsOf(sourceId),
    });
  });
});
