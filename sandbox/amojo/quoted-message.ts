import {
  MESSAGE_TYPES,
  type Chat,
  type ChatMessage,
  type MessageType,
  type Quote,
} from './chat.ts';
import type { Fields } from './fields.ts';
import type { AmojoSettings } from './settings.ts';

/** A quoted message as a request names it: by one of its ids, or described in full. */
export interface Embedded extends Quote {
  /** Where it stands in the body, for a refusal's text. */
  readonly fields: Fields;
}

/** `reply_to`. @throws {Refusal} 400 */
export function readReply(payload: Fields): Embedded | undefined {
  const reply = payload.optionalObject('reply_to');
  return reply && readEmbedded(reply.object('message'));
}

/** `forwards`: amojo documents that there is at most one message today. @throws {Refusal} 400 */
export function readForwards(payload: Fields): Embedded | undefined {
  const forwards = payload.optionalObject('forwards');
  if (forwards === undefined) return undefined;
  forwards.optionalText('conversation_ref_id');
  forwards.optionalText('conversation_id');
  const [first, second] = forwards.objects('messages');
  if (first === undefined) throw forwards.no('messages', 'is required');
  if (second !== undefined) throw forwards.no('messages', 'must have at most one message');
  return readEmbedded(first);
}

function readEmbedded(fields: Fields): Embedded {
  const id = fields.optionalText('id') || undefined;
  const msgid = fields.optionalText('msgid') || undefined;
  if (id !== undefined || msgid !== undefined) return { id, msgid, fields };
  const type = fields.text('type') as MessageType;
  if (!MESSAGE_TYPES.includes(type)) throw fields.no('type', 'is unknown');
  const text = type === 'text' ? fields.text('text') : fields.optionalText('text');
  fields.optionalText('file_name');
  fields.optionalInteger('file_size');
  fields.optionalInteger('media_duration');
  const location = type === 'location' ? fields.object('location') : undefined;
  location?.number('lon');
  location?.number('lat');
  const contact = type === 'contact' ? fields.object('contact') : undefined;
  contact?.text('name');
  contact?.text('phone');
  fields.integer('timestamp');
  fields.integer('msec_timestamp');
  const sender = fields.object('sender');
  const names = ['id', 'ref_id', 'name'].map((key) => sender.optionalText(key));
  if (!names.some(Boolean)) throw sender.no('id', 'is required, or ref_id, or name');
  return { type, text, fields };
}

/**
 * What a message keeps of the one it quotes: both ids where amojo knows it, else what was said.
 * @param chat where the quoted message has to stand; anywhere if left out
 * @throws {Refusal} 400 for one of another chat, or an unknown one where the switch says so
 */
export function resolveQuote(
  { id, msgid, type, text, fields }: Embedded,
  known: ChatMessage | undefined,
  { chat, unknownQuote }: { chat?: Chat | 'none' } & Pick<AmojoSettings, 'unknownQuote'>,
): Quote {
  const key = id === undefined ? 'msgid' : 'id';
  if (known === undefined) {
    const isNamed = id !== undefined || msgid !== undefined;
    if (isNamed && unknownQuote === 'reject400') throw fields.no(key, 'no such message');
    return { id, msgid, type, text };
  }
  if (chat !== undefined && known.chat !== chat) throw fields.no(key, 'is not of this chat');
  return quoteOf(known);
}

export function quoteOf({ id, clientId, type, text }: ChatMessage): Quote {
  return { id, msgid: clientId, type, text };
}
