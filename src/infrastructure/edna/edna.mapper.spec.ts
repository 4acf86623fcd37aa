import type { Content, Keyboard } from '../../domain/message.js';
import type { Dispatch, Route } from '../../domain/ports.js';
import { aLine } from '../../../test/builders.js';
import { aDispatch, CASCADE_ROUTE } from '../../../test/outgoing.js';
import { toEdna } from './edna.mapper.js';
import { EDNA_LIMITS } from './edna.wire.js';

const url = 'https://media.example.test/f/51c2.pdf';
const attachment = { url, name: 'offer.pdf', sizeBytes: 48_211, mimeType: 'application/pdf' };
const PLACE = {
  kind: 'location',
  latitude: 59.9571,
  longitude: 30.3083,
  address: 'Pier 4',
} as const;

function bodyOf(content: Content, route: Partial<Route> = {}, given: Partial<Dispatch> = {}) {
  const dispatch = aDispatch({ content, route: { ...CASCADE_ROUTE, ...route }, ...given });
  return toEdna(dispatch, aLine(), 'en');
}

function fileOf(kind: 'picture' | 'video' | 'file' | 'voice' | 'audio' | 'sticker'): Content {
  return { kind, attachment, caption: '' };
}

describe('a message for a cascade', () => {
  it('is what the vendor documents', () => {
    const dispatch = aDispatch({ id: '7b1c' });
    expect(toEdna(dispatch, aLine(), 'ru')).toEqual({
      requestId: dispatch.requestId,
      cascadeId: 9026,
      subscriberFilter: { address: '79995550142', type: 'PHONE' },
      comment: 'amo:7b1c',
      content: { whatsappContent: { contentType: 'TEXT', text: 'Order 118 is packed.' } },
    });
  });

  it('keeps a cascade id that no JavaScript number holds', () => {
    const body = bodyOf({ kind: 'text', text: 'x' }, { cascadeId: '9007199254740993' });
    expect(body).toMatchObject({ cascadeId: '9007199254740993' });
  });

  it("addresses the client by the line's type of address", () => {
    const body = toEdna(aDispatch(), aLine({ subscriberIdType: 'EXT_USER_ID' }), 'ru');
    expect(body).toMatchObject({ subscriberFilter: { type: 'EXT_USER_ID' } });
  });

  it.each([
    ['picture', 'IMAGE'],
    ['video', 'VIDEO'],
    ['file', 'DOCUMENT'],
    ['voice', 'AUDIO'],
    ['audio', 'AUDIO'],
  ] as const)('carries a %s as %s, with its name', (kind, contentType) => {
    expect(bodyOf(fileOf(kind))).toMatchObject({
      content: {
        whatsappContent: {
          contentType,
          attachment: { url, name: 'offer.pdf', size: 48_211 },
        },
      },
    });
  });

  it('sends no text beside an attachment', () => {
    const body = bodyOf({ kind: 'file', attachment, caption: 'page 2' });
    expect(JSON.stringify(body)).not.toContain('page 2');
  });

  it('always names a file, within the limit and with its extension', () => {
    const nameOf = (name?: string) => {
      const body = bodyOf({ kind: 'file', attachment: { url, name }, caption: '' });
      return JSON.parse(JSON.stringify(body)).content.whatsappContent.attachment.name as string;
    };
    expect(nameOf(undefined)).toBe('51c2.pdf');
    const long = nameOf(`${'о'.repeat(200)}.pdf`);
    expect(long).toHaveLength(EDNA_LIMITS.attachmentNameChars);
    expect(long.endsWith('.pdf')).toBe(true);
  });

  it('carries a location', () => {
    const { latitude, longitude, address } = PLACE;
    expect(bodyOf(PLACE)).toMatchObject({
      content: {
        whatsappContent: { contentType: 'LOCATION', location: { latitude, longitude, address } },
      },
    });
  });

  it.each([
    ['VIBER', { viberContent: { contentType: 'TEXT', text: 'x' } }],
    ['SMS', { smsContent: { contentType: 'TEXT', text: 'x' } }],
  ])('puts the content where a %s stage looks for it', (channelType, content) => {
    expect(bodyOf({ kind: 'text', text: 'x' }, { channelType })).toMatchObject({ content });
  });

  it('is blocked for a channel that no content is known for', () => {
    expect(() => bodyOf({ kind: 'text', text: 'x' }, { channelType: 'VK' })).toThrow(
      expect.objectContaining({ outcome: 'blocked' }),
    );
  });
});

describe('what a channel cannot carry', () => {
  const contact = { kind: 'contact', name: 'Peter', phone: '79035550177', text: '' } as const;
  const poll = { kind: 'unsupported', substitute: 'unknown-type', type: 'poll', text: '' } as const;

  it.each([
    ['WHATSAPP', fileOf('sticker'), 'sticker'],
    ['WHATSAPP', contact, 'contact'],
    ['WHATSAPP', poll, 'poll'],
    ['SMS', fileOf('file'), 'file'],
    ['SMS', PLACE, 'location'],
    ['VIBER', fileOf('voice'), 'voice message'],
  ] as const)('%s: %j', (channelType, content, kind) => {
    expect(() => bodyOf(content, { channelType })).toThrow(
      expect.objectContaining({
        outcome: 'rejected',
        details: { reason: { key: 'not-supported', args: { kind } } },
      }),
    );
  });

  it('is told in the language of the settings', () => {
    const dispatch = aDispatch({ content: fileOf('sticker') });
    expect(() => toEdna(dispatch, aLine(), 'ru')).toThrow(
      expect.objectContaining({
        details: { reason: { key: 'not-supported', args: { kind: 'стикер' } } },
      }),
    );
  });

  it.each([
    [4096, { channelType: 'WHATSAPP' }],
    [4000, { channelType: 'MAX_BOT', dialect: 'max-bot', subject: 'acme_max_bot' }],
  ] as const)('a text of more than %i letters: %j', (most, route) => {
    const text = (length: number) => ({ kind: 'text', text: 'ы'.repeat(length) }) as const;
    expect(() => bodyOf(text(most), route)).not.toThrow();
    expect(() => bodyOf(text(most + 1), route)).toThrow(
      expect.objectContaining({
        outcome: 'rejected',
        details: {
          reason: {
            key: 'too-large',
            args: { kind: 'Text', size: `of ${most + 1} characters`, limit: String(most) },
          },
        },
      }),
    );
  });

  it('is a location in the simple dialect', () => {
    expect(() => bodyOf(PLACE, { dialect: 'simple' })).toThrow(
      expect.objectContaining({ outcome: 'rejected' }),
    );
  });
});

describe('a message in the simple dialect', () => {
  const simple = { dialect: 'simple', channelType: 'WHATSAPP', cascadeId: undefined } as const;

  it('carries text', () => {
    const { requestId } = aDispatch();
    expect(bodyOf({ kind: 'text', text: 'x' }, simple)).toEqual({
      id: requestId,
      imType: 'whatsapp',
      subject: '79995550142',
      text: 'x',
    });
  });

  it('carries a file', () => {
    expect(bodyOf(fileOf('file'), simple)).toMatchObject({
      text: '',
      attachment: { url, mimeType: 'application/pdf', name: 'offer.pdf', size: 48_211 },
    });
  });

  it("names the conversation's own messenger", () => {
    const body = bodyOf({ kind: 'text', text: 'x' }, { ...simple, channelType: 'VIBER' });
    expect(body).toMatchObject({ imType: 'viber' });
  });

  it('carries text to a messenger nobody has heard of', () => {
    const body = bodyOf({ kind: 'text', text: 'x' }, { ...simple, channelType: 'VK' });
    expect(body).toMatchObject({ imType: 'vk', text: 'x' });
  });
});

describe('a message in the legacy dialect', () => {
  const legacy = { dialect: 'legacy', channelType: 'WHATSAPP' } as const;

  it('carries text', () => {
    const { requestId } = aDispatch({ id: '7b1c' });
    expect(
      toEdna(aDispatch({ id: '7b1c', route: { ...CASCADE_ROUTE, ...legacy } }), aLine(), 'ru'),
    ).toEqual({
      id: requestId,
      subject: 'acme_wa_main',
      address: '79995550142',
      imType: 'whatsapp',
      contentType: 'text',
      comment: 'amo:7b1c',
      text: 'Order 118 is packed.',
    });
  });

  it('carries a file with its name, and sound without one', () => {
    expect(bodyOf(fileOf('file'), legacy)).toMatchObject({
      contentType: 'document',
      attachmentUrl: url,
      attachmentName: 'offer.pdf',
    });
    expect(bodyOf(fileOf('voice'), legacy)).toMatchObject({ contentType: 'audio' });
    expect(bodyOf(fileOf('voice'), legacy)).not.toHaveProperty('attachmentName');
  });

  it('carries a location as texts', () => {
    expect(bodyOf(PLACE, legacy)).toMatchObject({
      contentType: 'location',
      latitude: '59.9571',
      longitude: '30.3083',
      locationAddress: 'Pier 4',
    });
  });

  it('is blocked without the name of the channel', () => {
    expect(() => bodyOf(PLACE, { ...legacy, subject: undefined })).toThrow(
      expect.objectContaining({ outcome: 'blocked' }),
    );
  });
});

describe('a message for MAX', () => {
  const bot = { dialect: 'max-bot', channelType: 'MAX_BOT', subject: 'acme_max_bot' } as const;
  const max = { dialect: 'max', channelType: 'MAX', subject: 'acme_max' } as const;

  it('carries text through a bot', () => {
    expect(bodyOf({ kind: 'text', text: 'x' }, bot, { address: '40117702' })).toEqual({
      sender: 'acme_max_bot',
      maxId: '40117702',
      content: { type: 'TEXT', text: 'x' },
    });
  });

  it.each([
    ['40117702', 'MAX_ID'],
    ['390309887', 'MAX_ID'],
    ['79995550142', 'PHONE'],
    ['375295550142', 'PHONE'],
  ])('knows %s for a %s', (address, type) => {
    expect(bodyOf({ kind: 'text', text: 'x' }, max, { address })).toEqual({
      from: 'acme_max',
      to: { value: address, type },
      content: { type: 'TEXT', text: 'x' },
    });
  });

  it.each([
    ['picture', 'IMAGE', 'IMAGE'],
    ['video', 'VIDEO', 'VIDEO'],
    ['file', 'DOCUMENT', 'DOCUMENT'],
    ['voice', 'VOICE', 'DOCUMENT'],
    ['audio', 'AUDIO', 'DOCUMENT'],
  ] as const)('carries a %s as %s or %s', (kind, byBot, byMax) => {
    expect(bodyOf(fileOf(kind), bot)).toMatchObject({
      content: { type: byBot, url, name: 'offer.pdf' },
    });
    expect(bodyOf(fileOf(kind), max)).toMatchObject({ content: { type: byMax } });
  });

  const KEYBOARD = [[{ text: 'Да' }, { text: 'Цены', url: 'https://x.example.test' }]];
  const asking = (keyboard: Keyboard): Content => ({ kind: 'text', text: 'Удобно?', keyboard });
  const IN_WORDS = 'Удобно?\nДа\nЦены https://x.example.test';

  it.each([bot, max])('carries buttons through %j', (route) => {
    expect(bodyOf(asking(KEYBOARD), route)).toMatchObject({
      content: {
        type: 'KEYBOARD',
        text: 'Удобно?',
        keyboard: {
          rows: [
            {
              buttons: [
                { type: 'MESSAGE', text: 'Да' },
                { type: 'LINK', text: 'Цены', url: 'https://x.example.test' },
              ],
            },
          ],
        },
      },
    });
  });

  const listing = (...titles: string[]): Content => {
    const text = ['Когда?', ...titles.map((title, i) => `${i + 1}. ${title}`)].join('\n');
    return { kind: 'text', text, choices: titles.map((title) => ({ title, data: title })) };
  };

  it('carries the rows of a list as buttons, where all of them fit', () => {
    const button = (text: string) => ({ buttons: [{ type: 'MESSAGE', text }] });
    expect(bodyOf(listing('День', 'Вечер'), bot)).toMatchObject({
      content: {
        type: 'KEYBOARD',
        text: 'Когда?\n1. День\n2. Вечер',
        keyboard: { rows: [button('День'), button('Вечер')] },
      },
    });
    const long = 'x'.repeat(EDNA_LIMITS.buttonChars + 1);
    expect(bodyOf(listing('День', long), bot)).toMatchObject({
      content: { type: 'TEXT', text: `Когда?\n1. День\n2. ${long}` },
    });
    expect(bodyOf(listing('День'))).toMatchObject({
      content: { whatsappContent: { contentType: 'TEXT', text: 'Когда?\n1. День' } },
    });
  });

  it('says buttons in words where one of them is too long, or the channel has none', () => {
    const long = 'x'.repeat(EDNA_LIMITS.buttonChars + 1);
    expect(bodyOf(asking([...KEYBOARD, [{ text: long }]]), bot)).toMatchObject({
      content: { type: 'TEXT', text: `${IN_WORDS}\n${long}` },
    });
    expect(bodyOf(asking(KEYBOARD))).toMatchObject({
      content: { whatsappContent: { contentType: 'TEXT', text: IN_WORDS } },
    });
    expect(bodyOf(asking(KEYBOARD), { ...bot, dialect: 'simple' })).toMatchObject({
      text: IN_WORDS,
    });
  });

  it('carries a location', () => {
    expect(bodyOf(PLACE, bot)).toMatchObject({
      content: { type: 'LOCATION', latitude: 59.9571, longitude: 30.3083, text: 'Pier 4' },
    });
  });
});
