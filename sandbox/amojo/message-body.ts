import type { JsonObject } from '../json.ts';
import { MESSAGE_TYPES, type ChatMessage, type MessageType } from './chat.ts';
import { Fields } from './fields.ts';

const NEEDS_FILE_NAME: readonly MessageType[] = ['file', 'video', 'picture'];
const NEEDS_MEDIA: readonly MessageType[] = [...NEEDS_FILE_NAME, 'voice', 'audio', 'sticker'];
const SOURCE_ID_CHARS = 40;

export type Content = Pick<
  ChatMessage,
  'type' | 'text' | 'media' | 'fileName' | 'fileSize' | 'location' | 'contact' | 'raw'
>;

export interface Person {
  readonly id?: string;
  readonly refId?: string;
  readonly name: string;
  readonly phone?: string;
  readonly email?: string;
  readonly avatar?: string;
}

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
  readonly replyTo?: { id?: string; msgid?: string };
}

/** An `edit_message`, checked. */
export interface EditMessage {
  readonly id?: string;
  readonly msgid?: string;
  readonly content: Content;
}

export type MessageEvent =
  | { readonly event: 'new_message'; readonly payload: NewMessage }
  | { readonly event: 'edit_message'; readonly payload: EditMessage };

/** @throws {Refusal} 400 that names the first field that is wrong */
export function readMessageEvent(body: unknown): MessageEvent {
  const fields = new Fields(body);
  const event = fields.text('event_type');
  if (event !== 'new_message' && event !== 'edit_message') {
    throw fields.no('event_type', 'must be new_message or edit_message');
  }
  const payload = fields.object('payload');
  return event === 'new_message'
    ? { event, payload: readNew(payload, body) }
    : { event, payload: readEdit(payload, body) };
}

function readNew(payload: Fields, body: unknown): NewMessage {
  const timestamp = payload.integer('timestamp');
  const msecTimestamp = payload.optionalInteger('msec_timestamp') ?? timestamp * 1000;
  const msgid = payload.text('msgid');
  const conversationId = payload.optionalText('conversation_id');
  const conversationRefId = payload.optionalText('conversation_ref_id');
  if (!conversationId && !conversationRefId) throw payload.no('conversation_id', 'is required');
  const silent = payload.optionalFlag('silent') ?? false;
  const sourceId = readSource(payload);
  const sender = readPerson(payload.object('sender'));
  const receiverFields = payload.optionalObject('receiver');
  const quoted = payload.optionalObject('reply_to')?.object('message');
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
    content: readContent(payload.object('message'), body, false),
    replyTo: quoted && { id: quoted.optionalText('id'), msgid: quoted.optionalText('msgid') },
  };
}

function readEdit(payload: Fields, body: unknown): EditMessage {
  payload.integer('timestamp');
  payload.optionalInteger('msec_timestamp');
  const id = payload.optionalText('id');
  const msgid = payload.optionalText('msgid');
  if (!id && !msgid) throw payload.no('msgid', 'is required');
  return { id, msgid, content: readContent(payload.object('message'), body, true) };
}

/** @throws {Refusal} 400 where `source.external_id` is none */
export function readSource(fields: Fields): string | undefined {
  const source = fields.optionalObject('source');
  const id = source?.text('external_id');
  if (source !== undefined && id !== undefined && !/^[\x20-\x7e]+$/.test(id)) {
    throw source.no('external_id', 'must be printable ASCII');
  }
  if (source !== undefined && id !== undefined && id.length > SOURCE_ID_CHARS) {
    throw source.no('external_id', `must have at most ${SOURCE_ID_CHARS} characters`);
  }
  return id;
}

/** A sender, receiver or `user`: known by an id of the integration's, of amojo's, or by both. */
export function readPerson(fields: Fields): Person {
  const id = fields.optionalText('id');
  const refId = fields.optionalText('ref_id');
  if (!id && !refId) throw fields.no('id', 'is required');
  const name = refId ? (fields.optionalText('name') ?? '') : fields.text('name');
  const avatar = fields.optionalText('avatar');
  fields.optionalText('profile_link');
  const profile = fields.optionalObject('profile');
  return {
    id: id || undefined,
    refId: refId || undefined,
    name,
    avatar: avatar || undefined,
    phone: profile?.optionalText('phone') || undefined,
    email: profile?.optionalText('email') || undefined,
  };
}

/** @param isEdit an edit may leave the file as it is */
function readContent(message: Fields, body: unknown, isEdit: boolean): Content {
  const type = message.text('type') as MessageType;
  if (!MESSAGE_TYPES.includes(type)) throw message.no('type', 'is unknown');
  const isMedia = NEEDS_MEDIA.includes(type) && !isEdit;
  const isNamed = NEEDS_FILE_NAME.includes(type) && !isEdit;
  const media = isMedia ? message.address('media') : message.optionalText('media');
  const fileName = isNamed ? message.text('file_name') : message.optionalText('file_name');
  const fileSize = isNamed ? message.integer('file_size') : message.optionalInteger('file_size');
  message.optionalInteger('media_duration');
  message.optionalText('sticker_id');
  message.optionalText('callback_data');
  const text = type === 'text' ? message.text('text') : message.optionalText('text');
  const location = type === 'location' ? message.object('location') : undefined;
  const contact = type === 'contact' ? message.object('contact') : undefined;
  return {
    type,
    text: text ?? '',
    media: media ?? '',
    fileName: fileName ?? '',
    fileSize: fileSize ?? 0,
    location: location && { lon: location.number('lon'), lat: location.number('lat') },
    contact: contact && { name: contact.text('name'), phone: contact.text('phone') },
    raw: (body as { payload: { message: JsonObject } }).payload.message,
  };
}
