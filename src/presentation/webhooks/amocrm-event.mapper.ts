import { outboundSourceId } from '../../domain/ids.js';
import type { NoteEvent } from '../../domain/journal.js';
import { type HookContext, lineOf } from './amocrm-line.js';
import { type Reading, ignored, quarantine } from './reading.js';
import { type Fields, isFields, toDate, toWord } from './wire-values.js';

/* What amoCRM tells of messages that are there already. */

/**
 * A reaction, which edna cannot pass on. amoCRM's table names the message in an object and its sample in `msgid`.
 * It is never kept for an operator: there is nothing he could do about it.
 */
export function toReaction(body: Fields, context: HookContext): Reading {
  const reaction = fieldsOf(fieldsOf(body.action).reaction);
  const id = toWord(fieldsOf(reaction.message).id) ?? toWord(reaction.msgid);
  const what = toWord(reaction.type)?.toLowerCase() === 'unreact' ? 'unreacted' : 'reacted';
  const account = { accountId: toWord(body.account_id), accountBinds: true };
  const note = id === undefined ? undefined : toNote(id, what, body.time, account, context);
  return note?.type === 'note' ? note : ignored('reaction');
}

const NOTED: ReadonlyMap<string, NoteEvent['what']> = new Map([
  ['message_updated', 'edited'],
  ['message_deleted', 'deleted'],
]);

/**
 * A hook in an envelope: some programs between amoCRM and us send `{"event","payload"}`, where the payload is a hook as
 * it would stand alone, or names a message that was changed or taken back.
 */
export function unwrap(
  { event, payload }: Fields,
  context: HookContext,
  read: (body: unknown, context: HookContext) => Reading,
): Reading {
  const name = toWord(event)?.toLowerCase() ?? '';
  const hook = fieldsOf(payload);
  // A hook in an envelope in an envelope is nobody's.
  if (name === 'new_message') return 'event' in hook ? UNKNOWN : read(hook, context);
  // The chat comes into being here with its first message.
  if (name === 'chat_created') return ignored('account-event');
  const what = NOTED.get(name);
  const id = messageIdOf(hook);
  if (what === undefined || id === undefined) return UNKNOWN;
  const { accountId, accountBinds } = accountOf(hook);
  return toNote(id, what, hook.time, { accountId, accountBinds }, context);
}

const UNKNOWN = quarantine('unknown-shape');

/** As the flat form has it, as version 2 has it, or bare. */
function messageIdOf(hook: Fields): string | undefined {
  const message = fieldsOf(hook.message);
  return (
    toWord(fieldsOf(message.message).id) ??
    toWord(message.id) ??
    toWord(hook.message_id) ??
    toWord(hook.id)
  );
}

function accountOf(hook: Fields): { accountId?: string; accountBinds: boolean } {
  const ofV2 = toWord(hook.account_id);
  return { accountId: ofV2 ?? toWord(fieldsOf(hook.account).id), accountBinds: ofV2 !== undefined };
}

function toNote(
  crmMessageId: string,
  what: NoteEvent['what'],
  time: unknown,
  belonging: { readonly accountId?: string; readonly accountBinds: boolean },
  context: HookContext,
): Reading {
  const { scopeId, lines, signers, at } = context;
  const line = lineOf({ ...belonging, scopeId }, lines, signers);
  if ('type' in line) return line;
  const sourceId = outboundSourceId(line.scopeId, crmMessageId);
  return { type: 'note', crmMessageId, sourceId, what, at: toDate(time, at) };
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}
