import { aLine, LINE, requestIdsOf, SCOPE } from '../../../test/builders.ts';
import { fixture } from '../../../test/fixtures/fixture.ts';
import { outboundSourceId } from '../../domain/ids.js';
import { Lines } from '../../domain/line.js';
import { toEvent } from './amocrm-webhook.mapper.js';

const AT = new Date('2026-11-20T12:00:00Z');
const LINES = new Lines([aLine()]);
const CHAT = '1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53';
const MESSAGE = 'b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53';

const read = (body: unknown, scopeId?: string) =>
  toEvent(body, { scopeId, lines: LINES, signers: LINES.all, at: AT });

type Tree = { [key: string]: Tree };
/** The documented text with some of its fields changed: `{'message.receiver.phone': ''}`. */
function hook(changes: Readonly<Record<string, unknown>>): unknown {
  const body = fixture('amocrm', 'v2-text') as Tree;
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.');
    const last = keys.pop() as string;
    const at = keys.reduce<Tree>((tree, key) => tree[key] as Tree, body);
    at[last] = value as Tree;
  }
  return body;
}

describe('a message of a manager', () => {
  it('gets a request id for each of its parts, the same whenever it comes', () => {
    const picture = read(fixture('amocrm', 'v2-picture-of-group'));
    const ids = requestIdsOf(outboundSourceId(SCOPE, MESSAGE), 2);
    expect(picture).toMatchObject({ requestIds: ids });
    expect(new Set(ids).size).toBe(2);
    expect(read(fixture('amocrm', 'v2-file'))).toMatchObject({ requestIds: ids.slice(0, 1) });
  });

  it.each([
    ['message.message.client_id', 'edna:71844:16204400917'],
    ['message.message.msgid', 'edna:71844:16204400917'],
    ['message.sender.client_id', 'edna:71844:79995550142'],
  ])('is none where it is what a client wrote: %s is %s', (path, id) => {
    expect(read(hook({ [path]: id }))).toEqual({ type: 'ignored', why: 'own-echo' });
  });

  it('is one whatever ids of others stand there', () => {
    const body = hook({ 'message.message.client_id': 'b-1', 'message.sender.client_id': 'oleg' });
    expect(read(body)).toMatchObject({ type: 'outbound' });
  });

  it('goes to the client by our own id of him, where neither chat nor card names him', () => {
    const first = {
      'message.conversation.client_id': null,
      'message.receiver.client_id': 'edna:71844:79995550142',
    };
    expect(read(hook({ ...first, 'message.receiver.phone': null }))).toMatchObject({
      phone: '79995550142',
      writesFirst: true,
    });
    expect(read(hook({ ...first, 'message.receiver.phone': '79995550177' }))).toMatchObject({
      phone: '79995550177',
    });
  });

  it('with other files beside it says to which group it belongs', () => {
    const picture = read(fixture('amocrm', 'v2-picture-of-group'));
    expect(picture).toMatchObject({ groupId: 'f0c3b8a1-5e27-4d96-8b40-c71d2e9a6f35' });
    expect(read(fixture('amocrm', 'v2-file'))).not.toHaveProperty('groupId');
  });

  it.each([null, '', undefined, []])(
    'reads every optional field the same when it is %j',
    (none) => {
      const body = hook({
        time: none,
        'message.receiver': none,
        'message.sender': none,
        'message.source': none,
        'message.conversation': none,
        'message.timestamp': none,
        'message.msec_timestamp': none,
        'message.message.type': none,
        'message.message.markup': none,
        'message.message.tag': none,
        'message.message.media': none,
        'message.message.file_name': none,
        'message.message.file_size': none,
        'message.message.template': none,
        'message.message.reply_to': none,
        'message.message.forwards': none,
        'message.message.post': none,
      });
      const sourceId = outboundSourceId(SCOPE, MESSAGE);
      expect(read(body)).toEqual({
        type: 'outbound',
        line: LINE,
        writesFirst: true,
        message: {
          sourceId,
          sender: { name: '' },
          content: { kind: 'text', text: 'Здравствуйте' },
          sentAt: AT,
        },
        requestIds: requestIdsOf(sourceId),
      });
    },
  );

  it('takes its ids as numbers, too', () => {
    const body = hook({ 'message.message.id': 17, 'message.conversation.client_id': 42 });
    expect(read(body)).toMatchObject({
      conversationId: '42',
      message: { sourceId: `amo:${SCOPE}:17` },
    });
  });

  it.each([
    ['+7 (999) 555-01-88', '79995550188'],
    [79995550188, '79995550188'],
    ['none', undefined],
    [{}, undefined],
  ])('takes the digits of the phone %j', (phone, expected) => {
    const event = read(hook({ 'message.receiver.phone': phone }));
    expect('phone' in event ? event.phone : undefined).toBe(expected);
  });

  it('takes seconds where there are no milliseconds', () => {
    for (const none of [0, null, '']) {
      expect(read(hook({ 'message.msec_timestamp': none }))).toMatchObject({
        message: { sentAt: new Date(1772529480000) },
      });
    }
  });

  it('of version 1 is another one at another millisecond, and with other words', () => {
    const v1 = fixture('amocrm', 'v1-text') as object;
    const id = (more: object) => {
      const event = read({ ...v1, ...more });
      return event.type === 'outbound' ? event.message.sourceId : event;
    };
    const ids = [{}, { msec_timestamp: 1772529480311 }, { text: 'Да' }, { conversation_id: 'b' }];
    expect(new Set(ids.map(id)).size).toBe(4);
    expect(id({})).toBe(id({ file_size: 0, thumbnail: null }));
  });

  it.each([
    ['edna:71844:79995550142', { conversationId: 'edna:71844:79995550142', writesFirst: false }],
    [CHAT, { chatId: CHAT, writesFirst: true }],
    [42, { chatId: '42', writesFirst: true }],
  ])('of the flat form belongs to the conversation %j', (id, expected) => {
    const flat = fixture('amocrm', 'flat') as object;
    expect(read({ ...flat, conversation: { id } })).toMatchObject(expected);
  });

  it('of the flat form has its date in seconds or as ISO 8601', () => {
    const flat = (date: unknown) =>
      read({ ...(fixture('amocrm', 'flat') as object), message: { id: 1, text: 'Да', date } });
    expect(flat('2026-03-03T09:18:00+0000')).toEqual(flat(1772529480));
    expect(flat(undefined)).toMatchObject({ message: { sentAt: AT } });
  });
});

describe('a hook that cannot be filed', () => {
  it.each([
    null,
    true,
    5,
    '',
    [],
    [{}],
    {},
    { message: null },
    { message: [] },
    { action: {} },
    undefined,
  ])('is of an unknown shape: %j', (body) => {
    expect(read(body)).toEqual({ type: 'quarantine', reason: 'unknown-shape' });
  });

  it.each([
    [hook({ account_id: {} }), 'account_id'],
    [hook({ 'message.message': 'Здравствуйте' }), 'message.message'],
    [hook({ 'message.message.id': null }), 'message.message.id'],
    [hook({ 'message.message.text': {} }), 'message.message.text'],
    [hook({ 'message.message.media': [5] }), 'message.message.media'],
    [hook({ 'message.receiver': 'Анна' }), 'message.receiver'],
    [hook({ 'message.receiver.id': [5] }), 'message.receiver.id'],
    [hook({ 'message.conversation': 5 }), 'message.conversation'],
    [{ receiver: 'u', conversation_id: 'c', text: {} }, 'text'],
    [{ message: { text: 'Да' }, sender: {}, conversation: { id: 'c' } }, 'message.id'],
    [{ message: { id: 1, text: 'Да' }, sender: { id: 1 } }, 'conversation'],
  ])('names the field that is wrong: %#', (body, path) => {
    expect(read(body)).toEqual({ type: 'quarantine', reason: `invalid: ${path}` });
  });

  it('is of another account than its scope, unless it is flat', () => {
    const other = '7b0e3c1a-4d2f-4a68-9e05-c3b1d2f4a697';
    expect(read(hook({ account_id: other }), SCOPE)).toEqual({
      type: 'quarantine',
      reason: 'wrong-account',
    });
    expect(read(fixture('amocrm', 'flat'), SCOPE)).toMatchObject({ type: 'outbound' });
  });

  it('is of a scope we do not know', () => {
    expect(read(hook({}), 'a_b')).toEqual({ type: 'quarantine', reason: 'no-line' });
  });
});
