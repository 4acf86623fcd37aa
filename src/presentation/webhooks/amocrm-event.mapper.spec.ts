import { ACCOUNT_ID, aLine, SCOPE } from '../../../test/builders.ts';
import { fixture } from '../../../test/fixtures/fixture.ts';
import { Lines } from '../../domain/line.js';
import { toEvent } from './amocrm-webhook.mapper.js';

const AT = new Date('2026-11-20T12:00:00Z');
const LINES = new Lines([aLine()]);
const read = (body: unknown) =>
  toEvent(body, { scopeId: SCOPE, lines: LINES, signers: LINES.all, at: AT });
const wrapped = (event: unknown, payload: unknown) => read({ event, payload });

describe('a hook in an envelope', () => {
  it.each(['flat', 'v2-text', 'v2-reply', 'v1-text', 'typing-sample'])(
    'says what it says alone: %s',
    (name) => {
      const hook = fixture('amocrm', name);
      expect(wrapped('new_message', hook)).toEqual(read(hook));
      expect(wrapped('NEW_MESSAGE', hook)).toEqual(read(hook));
    },
  );

  it.each([
    ['message_updated', { message: { id: 'm-1', text: 'new' } }, 'edited'],
    ['message_deleted', { message: { id: 'm-1' } }, 'deleted'],
    ['message_deleted', { message: { message: { id: 'm-1' } } }, 'deleted'],
    ['message_deleted', { message_id: 'm-1' }, 'deleted'],
    ['message_updated', { id: 'm-1', text: 'new' }, 'edited'],
  ])('notes %s: %j', (event, payload, what) => {
    expect(wrapped(event, payload)).toEqual({
      type: 'note',
      crmMessageId: 'm-1',
      sourceId: `amo:${SCOPE}:m-1`,
      what,
      at: AT,
    });
  });

  it('brings a new chat, which needs nothing', () => {
    expect(wrapped('chat_created', { chat: { id: 'c-1' } })).toEqual({
      type: 'ignored',
      why: 'account-event',
    });
  });

  it.each([
    ['message_deleted', {}],
    ['message_deleted', { message: 'm-1' }],
    ['contact_created', { message: { id: 'm-1' } }],
    ['new_message', {}],
    ['new_message', { event: 'new_message', payload: fixture('amocrm', 'flat') }],
    [null, { message: { id: 'm-1' } }],
    ['new_message', []],
  ])('is kept for the operator where nobody can tell what it is: %s %j', (event, payload) => {
    expect(wrapped(event, payload)).toEqual({ type: 'quarantine', reason: 'unknown-shape' });
  });
});

describe('a reaction', () => {
  const reaction = (fields: object, account: unknown = ACCOUNT_ID) =>
    read({ account_id: account, time: 1772529600, action: { reaction: fields } });

  it('is noted at its message, in either layout', () => {
    expect(reaction({ msgid: 'm-1', type: 'react', emoji: '👍' })).toMatchObject({
      type: 'note',
      crmMessageId: 'm-1',
      what: 'reacted',
    });
    expect(reaction({ message: { id: 'm-1' }, type: 'UNREACT' })).toMatchObject({
      crmMessageId: 'm-1',
      what: 'unreacted',
    });
  });

  it.each([
    ['no message', { type: 'react' }, ACCOUNT_ID],
    ['odd fields', { message: 5, msgid: {} }, ACCOUNT_ID],
    ['another account', { msgid: 'm-1' }, '00000000-0000-4000-8000-000000000000'],
  ])('is passed over where it has %s', (_what, fields, account) => {
    expect(reaction(fields, account)).toEqual({ type: 'ignored', why: 'reaction' });
  });
});
