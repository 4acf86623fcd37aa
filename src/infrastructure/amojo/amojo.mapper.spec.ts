import { inboundSourceId, outboundSourceId, type SourceId } from '../../domain/ids.js';
import type { Content } from '../../domain/message.js';
import { aLine, aMessage, SCOPE } from '../../../test/builders.js';
import { aConversation } from '../../../test/outgoing.js';
import { toAmojo, toAmojoChat, toImportError, toReport } from './amojo.mapper.js';

const CHAT = '1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53';
const PARTICIPANT = 'e81d42f6-0b57-4c39-a2d8-5f60c7b19e04';
const URL_OF = (name: string) => `https://files.example.test/f/${name}?Signature=x`;

function messageOf(content: Content, conversation = aConversation()) {
  return toAmojo(aMessage({ content }), conversation, aLine(), 'ru').payload.message;
}

describe('a message for amojo', () => {
  it('is what the vendor documents', () => {
    const message = aMessage({ sentAt: new Date(1_772_529_420_123), sender: { name: 'Анна К.' } });
    expect(toAmojo(message, aConversation(), aLine(), 'ru')).toEqual({
      event_type: 'new_message',
      payload: {
        timestamp: 1_772_529_420,
        msec_timestamp: 1_772_529_420_123,
        msgid: message.sourceId,
        conversation_id: 'edna:71844:79995550142',
        silent: false,
        sender: {
          id: 'edna:71844:79995550142',
          name: 'Анна К.',
          profile: { phone: '79995550142' },
        },
        message: { type: 'text', text: 'Is it in stock?' },
      },
    });
  });

  it('is silent where it is an older one of an import', () => {
    const message = aMessage({ silent: true });
    expect(toAmojo(message, aConversation(), aLine(), 'ru').payload.silent).toBe(true);
  });

  it('names the source of a line that has one', () => {
    const line = aLine({}, { sourceExternalId: 'pulse-wa-main' });
    const source = { external_id: 'pulse-wa-main' };
    expect(toAmojo(aMessage(), aConversation(), line, 'ru').payload.source).toEqual(source);
    expect(toAmojoChat(aMessage().sender, aConversation(), line).source).toEqual(source);
  });

  it('shows a client without a name by the address, and no phone where that is none', () => {
    const message = aMessage({ sender: { name: '', avatarUrl: URL_OF('a.jpg') } });
    const conversation = aConversation({ address: 'max-40117702' });
    expect(toAmojo(message, conversation, aLine(), 'ru').payload.sender).toEqual({
      id: 'edna:71844:max-40117702',
      name: 'max-40117702',
      avatar: URL_OF('a.jpg'),
    });
  });

  it('links the chat a manager opened, and no other', () => {
    const known = { chatId: CHAT, participantId: PARTICIPANT };
    const linked = aConversation({ ...known, toBeLinked: true });
    expect(toAmojo(aMessage(), linked, aLine(), 'ru').payload).toMatchObject({
      conversation_id: 'edna:71844:79995550142',
      conversation_ref_id: CHAT,
      sender: { id: 'edna:71844:79995550142', ref_id: PARTICIPANT },
    });
    const { payload } = toAmojo(aMessage(), aConversation(known), aLine(), 'ru');
    expect(payload).not.toHaveProperty('conversation_ref_id');
    expect(payload.sender).not.toHaveProperty('ref_id');
  });

  it('never puts an id of amojo where its own belongs', () => {
    const conversation = aConversation({ chatId: CHAT, conversationId: undefined });
    const { payload } = toAmojo(aMessage(), conversation, aLine(), 'ru');
    expect(payload.conversation_id).toBe('edna:71844:79995550142');
  });

  it.each(['picture', 'video', 'file', 'voice', 'audio'] as const)('carries a %s', (kind) => {
    const attachment = { url: URL_OF('51c2.pdf'), name: 'offer.pdf', sizeBytes: 48_211 };
    expect(messageOf({ kind, attachment, caption: 'page 2' })).toEqual({
      type: kind,
      text: 'page 2',
      media: URL_OF('51c2.pdf'),
      file_name: 'offer.pdf',
      file_size: 48_211,
    });
  });

  it('names a file by its address and calls its size 0 where nothing tells them', () => {
    const content = { kind: 'picture', attachment: { url: URL_OF('Zk3v0.webp') }, caption: '' };
    expect(messageOf(content as Content)).toMatchObject({ file_name: 'Zk3v0.webp', file_size: 0 });
  });

  it('tells how long a voice message is', () => {
    const attachment = { url: URL_OF('n.ogg'), durationSeconds: 7.4 };
    expect(messageOf({ kind: 'voice', attachment, caption: '' })).toMatchObject({
      type: 'voice',
      media_duration: 7,
    });
  });

  it('carries a sticker', () => {
    const attachment = { url: URL_OF('s.webp') };
    expect(messageOf({ kind: 'sticker', attachment, caption: '' })).toEqual({
      type: 'sticker',
      text: '',
      media: URL_OF('s.webp'),
    });
  });

  it('carries a location, its address as text', () => {
    const place = { latitude: 59.9571, longitude: 30.3083, address: 'Pier 4' };
    expect(messageOf({ kind: 'location', ...place })).toEqual({
      type: 'location',
      text: 'Pier 4',
      location: { lon: 30.3083, lat: 59.9571 },
    });
  });

  it('carries a contact', () => {
    const contact = { name: 'Пётр', phone: '79035550177' };
    expect(messageOf({ kind: 'contact', ...contact, text: 'the driver' })).toEqual({
      type: 'contact',
      text: 'the driver',
      contact,
    });
  });

  it('carries a contact that lacks its name or its phone', () => {
    const of = (name: string, phone: string) =>
      messageOf({ kind: 'contact', name, phone, text: '' });
    expect(of('', '79035550177')).toMatchObject({ contact: { name: '79035550177' } });
    expect(of('Пётр', '')).toEqual({ type: 'text', text: 'Пётр' });
  });

  it('puts a readable line in place of what amoCRM cannot show, and its text under it', () => {
    const poll = { kind: 'unsupported', substitute: 'unknown-type', type: 'poll', text: 'A or B?' };
    expect(messageOf(poll as Content)).toEqual({
      type: 'text',
      text: '[Сообщение вида poll: посмотрите в edna]\nA or B?',
    });
  });

  it('names the messenger that withheld a message', () => {
    const content = { kind: 'unsupported', substitute: 'withheld', type: 'WhatsApp', text: '' };
    expect(messageOf(content as Content)).toMatchObject({
      text: expect.stringMatching(/^\[WhatsApp не передал/),
    });
  });

  it('puts a quote on a line of its own above the answer', () => {
    const quote = { text: 'Order 118 is packed.' };
    const { payload } = toAmojo(aMessage({ quote }), aConversation(), aLine(), 'ru');
    expect(payload.message.text).toBe('↩ «Order 118 is packed.»\nIs it in stock?');
  });

  it('links what it can, by the id of the side that wrote it, and then needs no words', () => {
    const quoting = (linked: SourceId) =>
      toAmojo(aMessage({ quote: { text: 'so', linked } }), aConversation(), aLine(), 'ru').payload;
    expect(quoting(inboundSourceId('71844', '5'))).toMatchObject({
      message: { text: 'Is it in stock?' },
      reply_to: { message: { msgid: 'edna:71844:5' } },
    });
    expect(quoting(outboundSourceId(SCOPE, 'b47f09ce')).reply_to).toEqual({
      message: { id: 'b47f09ce' },
    });
  });

  it('tells the robot which row of a list was picked', () => {
    const message = aMessage({ callbackData: '02' });
    expect(toAmojo(message, aConversation(), aLine(), 'ru').payload.message).toEqual({
      type: 'text',
      text: 'Is it in stock?',
      callback_data: '02',
    });
  });

  it('shortens a long quote and leaves out an unknown one', () => {
    const quoted = (text?: string) =>
      toAmojo(aMessage({ quote: { messageId: '1', text } }), aConversation(), aLine(), 'ru').payload
        .message.text;
    expect(quoted('👋'.repeat(201))).toBe(`↩ «${'👋'.repeat(200)}…»\nIs it in stock?`);
    expect(quoted(undefined)).toBe('Is it in stock?');
  });
});

describe('a delivery status for amojo', () => {
  const crmMessageId = 'b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53';

  it.each([
    ['delivered', 1],
    ['read', 2],
  ] as const)('%s is %d, under both names and without an error', (status, code) => {
    expect(toReport({ crmMessageId, status }, 'ru')).toEqual({
      msgid: crmMessageId,
      status_code: code,
      delivery_status: code,
    });
  });

  it('failed is −1 with code and words', () => {
    const reason = { key: 'no-messenger', args: { channel: 'WhatsApp' } } as const;
    expect(toReport({ crmMessageId, status: 'failed', reason }, 'en')).toEqual({
      msgid: crmMessageId,
      status_code: -1,
      delivery_status: -1,
      error_code: 904,
      error: 'This number is not on WhatsApp. Call, or pick another channel.',
    });
  });

  it('never fails without words', () => {
    expect(toReport({ crmMessageId, status: 'failed' }, 'ru')).toMatchObject({
      error_code: 905,
      error: 'edna не приняла сообщение.',
    });
  });
});

describe('a message in somebody’s name', () => {
  const author = {
    kind: 'manager',
    id: 'crm-user-3',
    refId: '93ac7d15-4e28-4f60-8b1d-0c52e7f4a6b8',
    clientName: 'Vera',
  } as const;
  const written = aMessage({ sender: { name: 'Oleg' }, author, silent: true });

  it('has him for its sender and the client for its receiver', () => {
    const { payload } = toAmojo(written, aConversation(), aLine(), 'ru');
    expect(payload).toMatchObject({
      silent: true,
      sender: { id: 'crm-user-3', name: 'Oleg', ref_id: author.refId },
      receiver: {
        id: 'edna:71844:79995550142',
        name: 'Vera',
        profile: { phone: '79995550142' },
      },
    });
  });

  it('names the client by his address where nobody knows his name', () => {
    const { clientName: _, ...nameless } = author;
    const { payload } = toAmojo({ ...written, author: nameless }, aConversation(), aLine(), 'ru');
    expect(payload.receiver?.name).toBe('79995550142');
  });

  it('goes into the chat a manager opened, to the participant that is there', () => {
    const opened = aConversation({ chatId: 'c-1', participantId: 'p-1', toBeLinked: true });
    const { payload } = toAmojo(written, opened, aLine(), 'ru');
    expect(payload).toMatchObject({ conversation_ref_id: 'c-1', receiver: { ref_id: 'p-1' } });
    expect(payload.sender.ref_id).toBe(author.refId);
  });

  it('fails with code and words in ASCII keys, and without its file', () => {
    const attachment = { url: URL_OF('a.png'), name: 'a.png', sizeBytes: 15 };
    const picture = { ...written, content: { kind: 'picture', attachment, caption: 'x' } } as const;
    const imported = { message: picture, conversation: aConversation() };
    const reason = { key: 'told', args: { code: '904', text: 'Нет такого' } } as const;
    const report = { crmMessageId: 'm-1', status: 'failed', reason } as const;
    expect(toImportError(report, imported, aLine(), 'ru')).toMatchObject({
      event_type: 'edit_message',
      payload: {
        msgid: picture.sourceId,
        message: {
          type: 'picture',
          text: 'x',
          delivery_status: { status_code: -1, error_code: 904, error: 'Нет такого' },
        },
      },
    });
    const text = JSON.stringify(toImportError(report, imported, aLine(), 'ru'));
    expect(text).toContain('"error_code":904');
    expect(text).not.toContain('a.png');
  });
});
