import { readStatusFields, type StatusReading } from './delivery-status.ts';
import { Fields } from './fields.ts';
import { readContent, type Content, type ReadingRules } from './message-content.ts';
import { readPerson, readSource, type Person } from './person.ts';
import { readForwards, readReply, type Embedded } from './quoted-message.ts';

/** A `new_message`, checked. */
export interface NewMessage {
  readonly msgid: string;
  readonly timestamp: number;
  readonly msecTimestamp: number;
  readonly conversationId?: string;
  readonly conversationRefId?: string;
  readonly sourceId?: string;
  readonly silent: boolean;
  readonly sender: Person;
  readonly receiver?: Person;
  readonly content: Content;
  readonly replyTo?: Embedded;
  readonly forwards?: Embedded;
  readonly status?: StatusReading;
}

/** An `edit_message`, checked. */
export interface EditMessage {
  readonly id?: string;
  readonly msgid?: string;
  readonly content: Content;
  readonly status?: StatusReading;
}

export type MessageEvent =
  | { readonly event: 'new_message'; readonly payload: NewMessage }
  | { readonly event: 'edit_message'; readonly payload: EditMessage };

/** @throws {Refusal} 400 that names the first field that is wrong */
export function readMessageEvent(body: unknown, rules: ReadingRules): MessageEvent {
  const fields = new Fields(body);
  const event = fields.text('event_type');
  if (event !== 'new_message' && event !== 'edit_message') {
    throw fields.no('event_type', 'must be new_message or edit_message');
  }
  const payload = fields.object('payload');
  return event === 'new_message'
    ? { event, payload: readNew(payload, body, rules) }
    : { event, payload: readEdit(payload, body, rules) };
}

function readNew(payload: Fields, body: unknown, rules: ReadingRules): NewMessage {
  const timestamp = payload.integer('timestamp');
  const msecTimestamp = payload.optionalInteger('msec_timestamp') ?? timestamp * 1000;
  const msgid = payload.text('msgid');
  // An empty id is none.
  const conversationId = payload.optionalText('conversation_id') || undefined;
  const conversationRefId = payload.optionalText('conversation_ref_id') || undefined;
  if (!conversationId && !conversationRefId) throw payload.no('conversation_id', 'is required');
  const silent = payload.optionalFlag('silent') ?? false;
  const sourceId = readSource(payload);
  const sender = readPerson(payload.object('sender'));
  const receiverFields = payload.optionalObject('receiver');
  const message = payload.object('message');
  const content = readContent(message, body, rules);
  if (receiverFields !== undefined && content.post !== undefined && content.type !== 'text') {
    throw message.no('type', 'must be text in the answer to a comment');
  }
  return {
    msgid,
    timestamp,
    msecTimestamp,
    conversationId,
    conversationRefId,
    sourceId,
    silent,
    sender,
    receiver: receiverFields === undefined ? undefined : readPerson(receiverFields),
    content,
    replyTo: readReply(payload),
    forwards: readForwards(payload),
    status: readOwnStatus(message, rules),
  };
}

function readEdit(payload: Fields, body: unknown, rules: ReadingRules): EditMessage {
  payload.integer('timestamp');
  payload.optionalInteger('msec_timestamp');
  const id = payload.optionalText('id') || undefined;
  const msgid = payload.optionalText('msgid') || undefined;
  if (!id && !msgid) throw payload.no('msgid', 'is required');
  const message = payload.object('message');
  const content = readContent(message, body, 'edit');
  return { id, msgid, content, status: readOwnStatus(message, rules) };
}

function readOwnStatus(message: Fields, rules: ReadingRules): StatusReading | undefined {
  const status = message.optionalObject('delivery_status');
  return status && readStatusFields(status, { ...rules, statusField: 'status_code' });
}
