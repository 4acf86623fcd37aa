import { aLine, aPost, LINE } from '../../../test/builders.ts';
import { fixture } from '../../../test/fixtures/fixture.ts';
import type { InboundEvent } from '../../domain/journal.js';
import { scopeId } from '../../domain/ids.js';
import { Lines } from '../../domain/line.js';
import { toEvents } from './edna-webhook.mapper.js';

const AT = new Date('2026-11-20T12:00:00Z');
const LINES = new Lines([aLine()]);
const REQUEST = '8f0d7f0e-5a5b-4f0a-9a53-0b6d0f3f7c11';
const FOLDER = 'https://files.example.test/imfiles4s/acme_wa_main';

const read = (body: unknown, lines = LINES) => toEvents(body, aPost(AT, lines))[0];
const incoming = (fields: object) => ({
  ...(fixture('edna', 'incoming-text') as object),
  ...fields,
});

describe('a message of a client', () => {
  it('has the same ids whether they come as numbers or as texts', () => {
    expect(
      read(
        incoming({
          id: '16204400917',
          subjectId: '71844',
          subscriber: { identifier: 79995550142 },
        }),
      ),
    ).toEqual(read(incoming({})));
  });

  it('keeps ids of 64 bits', () => {
    expect(read(incoming({ id: '9223372036854775807' }))).toMatchObject({
      message: { sourceId: 'edna:71844:9223372036854775807' },
    });
  });

  it.each([
    ['+7 (999) 555-01-42', '79995550142'],
    ['40117702', '40117702'],
    ['u:ab-Cd/12', 'u:ab-Cd/12'],
  ])('goes by the address %s as %s', (identifier, address) => {
    expect(read(incoming({ subscriber: { identifier } }))).toMatchObject({ address });
  });

  it.each([
    [{ firstName: 'Vera', lastName: 'Orlova', userName: 'v' }, 'Vera Orlova'],
    [{ firstName: '', lastName: 'Orlova', userName: 'v' }, 'Orlova'],
    [{ firstName: null, lastName: ' ', userName: 'v' }, 'v'],
    [{ userName: 5 }, '5'],
    [{}, '79995550142'],
    [null, '79995550142'],
    ['Vera', '79995550142'],
    [{ userName: { first: 'Vera' } }, '79995550142'],
  ])('is from the sender %j, called %s', (userInfo, name) => {
    expect(read(incoming({ userInfo }))).toMatchObject({ message: { sender: { name } } });
  });

  it('keeps the face of its sender where it can be looked at', () => {
    const face = (avatarUrl: unknown) => read(incoming({ userInfo: { avatarUrl } }));
    expect(face('https://files.example.test/a.jpg')).toMatchObject({
      message: { sender: { avatarUrl: 'https://files.example.test/a.jpg' } },
    });
    expect(face('data:image/png;base64,AA')).not.toHaveProperty('message.sender.avatarUrl');
  });

  it.each([
    [{ replyOutMessageId: '903311' }, { messageId: '903311' }],
    [{ replyInMessageId: 16204400916 }, { sourceId: 'edna:71844:16204400916' }],
    [{ replyOutMessageExternalRequestId: REQUEST }, { requestId: REQUEST }],
  ])('quotes what %j names', (reply, quote) => {
    const none = { replyOutMessageId: null, replyOutMessageExternalRequestId: '' };
    expect(read(incoming({ ...none, ...reply }))).toMatchObject({ message: { quote } });
  });

  it.each([
    ['REACTION', { text: '👍' }, {}, { kind: 'reaction', emoji: '👍' }],
    ['reaction', { emoji: '👍', text: 'x' }, {}, { kind: 'reaction', emoji: '👍' }],
    ['REACTION', { text: '' }, {}, { kind: 'reaction', emoji: '' }],
    ['REACTION', { emoji: null, text: null }, {}, { kind: 'reaction', emoji: '' }],
    ['REACTION', { text: 'x'.repeat(33) }, {}, { kind: 'unsupported' }],
    ['REACTION', { text: '👍' }, { replyOutMessageId: null }, { kind: 'unsupported' }],
  ])('may be a reaction: %s %j %j', (type, said, reply, content) => {
    const replyOutMessageExternalRequestId = null;
    const body = incoming({
      messageContent: { type, ...said },
      replyOutMessageExternalRequestId,
      ...reply,
    });
    expect(read(body)).toMatchObject({ message: { content } });
  });

  it('is nothing where it takes back a reaction and does not say from what', () => {
    const body = incoming({
      messageContent: { type: 'REACTION', emoji: null },
      replyOutMessageId: null,
      replyOutMessageExternalRequestId: null,
    });
    expect(read(body)).toEqual({ type: 'ignored', why: 'reaction' });
  });

  it.each([
    [{ story: { url: 'https://s.example.test/1' } }, 'https://s.example.test/1'],
    [
      { referral: { headline: 'Spring sale', sourceUrl: 'https://ad.example.test/2' } },
      'Spring sale https://ad.example.test/2',
    ],
    [{ story: { id: 5 } }, undefined],
  ])('quotes in words what has no id: %j', (more, text) => {
    const body = incoming({
      replyOutMessageId: null,
      replyOutMessageExternalRequestId: null,
      messageContent: { type: 'TEXT', text: 'How much?', ...more },
    });
    const quote = text === undefined ? undefined : { text };
    expect(read(body)).toMatchObject({ message: { content: { text: 'How much?' } } });
    expect((read(body) as InboundEvent).message.quote).toEqual(quote);
  });

  it('says that something came where its content is missing', () => {
    for (const messageContent of [null, undefined, {}, '', []]) {
      expect(read(incoming({ messageContent }))).toMatchObject({
        message: { content: { substitute: 'withheld', type: 'WhatsApp' } },
      });
    }
  });

  it('of the simple form is ignored where the business wrote it itself', () => {
    const simple = fixture('edna', 'simple-incoming') as object;
    for (const fromClient of [false, 'false', 0]) {
      expect(read({ ...simple, fromClient })).toEqual({ type: 'ignored', why: 'from-us' });
    }
    for (const fromClient of [true, null, undefined, 'true', 1]) {
      expect(read({ ...simple, fromClient })).toMatchObject({ type: 'inbound' });
    }
  });

  it('of the simple form may be a file without any text', () => {
    const attachment = { url: 'https://files.example.test/a.pdf' };
    const body = { id: 1, imType: 'WhatsApp', subject: '+79995550142', attachment };
    expect(read(body)).toMatchObject({
      channel: 'whatsapp',
      address: '79995550142',
      message: { content: { kind: 'file', caption: '' } },
    });
  });

  it.each([
    [
      'image',
      { attachmentUrl: `${FOLDER}/a.jpg`, caption: 'here' },
      { kind: 'picture', caption: 'here' },
    ],
    ['document', { attachmentUrl: `${FOLDER}/a`, attachmentName: 'a.pdf' }, { kind: 'file' }],
    ['audio', { attachmentUrl: `${FOLDER}/a.ogg` }, { kind: 'voice' }],
    ['video', {}, { kind: 'unsupported', substitute: 'file-failed' }],
    ['button', { text: 'Yes', payload: 'y' }, { kind: 'text', text: 'Yes' }],
    [
      'location',
      { latitude: '59.9571', longitude: '30.3083', locationAddress: 'Pier 4' },
      { kind: 'location', latitude: 59.9571, address: 'Pier 4' },
    ],
    ['location', { latitude: null, longitude: null }, { substitute: 'unknown-type' }],
  ])('of the legacy form may be of type %s', (contentType, fields, content) => {
    const legacy = { ...(fixture('edna', 'legacy-incoming') as object), text: null };
    expect(read({ ...legacy, contentType, ...fields })).toMatchObject({ message: { content } });
  });
});

describe('lines', () => {
  const other = { scopeId: scopeId('c', 'b'), key: 'other' as typeof LINE };
  const two = new Lines([
    aLine({ channels: ['71844'] }),
    { ...aLine({ channels: ['2'] }), ...other },
  ]);

  it('take the channels they name', () => {
    expect(read(incoming({}), two)).toMatchObject({ line: LINE });
    expect(read(incoming({ subjectId: 2 }), two)).toMatchObject({ line: 'other' });
  });

  it('leave a channel nobody names to the operator', () => {
    const expected = { type: 'quarantine', reason: 'no-line' };
    expect(read(incoming({ subjectId: 3 }), two)).toEqual(expected);
    expect(
      read({ id: 1, imSubjectId: 3, address: '79995550142', contentType: 'text' }, two),
    ).toEqual(expected);
  });
});

describe('what cannot be filed', () => {
  it.each([
    null,
    true,
    0,
    '',
    'TEXT',
    [],
    [[]],
    {},
    { hello: 'world' },
    { id: 5 },
    { status: 'READ' },
    { event: 'new_message', payload: {} },
    undefined,
  ])('is of an unknown shape: %j', (body) => {
    expect(read(body)).toEqual({ type: 'quarantine', reason: 'unknown-shape' });
  });

  it.each([
    [incoming({ id: null }), 'id'],
    [incoming({ id: true }), 'id'],
    [incoming({ id: '  ' }), 'id'],
    [incoming({ id: 'x'.repeat(256) }), 'id'],
    [incoming({ subjectId: '7:1' }), 'subjectId'],
    [incoming({ subjectId: {} }), 'subjectId'],
    [incoming({ subscriber: null }), 'subscriber'],
    [incoming({ subscriber: [{}] }), 'subscriber'],
    [incoming({ subscriber: {} }), 'subscriber.identifier'],
    [incoming({ subscriber: { identifier: '()' } }), 'subscriber.identifier'],
    [incoming({ messageContent: 'Hello' }), 'messageContent'],
    [incoming({ messageContent: [{}] }), 'messageContent'],
    [incoming({ messageContent: { text: {} } }), 'messageContent.text'],
    [incoming({ messageContent: { type: ['TEXT'] } }), 'messageContent.type'],
    [incoming({ messageContent: { attachment: 'a.jpg' } }), 'messageContent.attachment'],
    [incoming({ messageContent: { attachment: { url: {} } } }), 'messageContent.attachment.url'],
    [{ status: {}, requestId: REQUEST }, 'status'],
    [{ status: 'READ', requestId: {} }, 'requestId'],
    [{ dlvStatus: 'read', imOutMessageId: null }, 'imOutMessageId'],
    [{ imSubject: 'acme', address: '79995550142' }, 'id'],
    [{ fromClient: true }, 'id'],
    [{ id: 1, imType: 'whatsapp', subject: {}, text: 'Hi' }, 'subject'],
    [{ id: {}, status: 'read' }, 'id'],
  ])('names the field that is wrong in %j', (body, path) => {
    expect(read(body)).toEqual({ type: 'quarantine', reason: `invalid: ${path}` });
  });
});
