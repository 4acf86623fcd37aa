import type { FetchedFile } from '../fetched-file.ts';
import type { JsonObject } from '../json.ts';
import type { Parcel } from '../outbox.ts';

/** Someone who takes part in chats. `id` is amojo's, `clientId` the integration's. */
export interface Participant {
  readonly id: string;
  clientId?: string;
  readonly role: 'client' | 'user' | 'bot';
  name: string;
  phone?: string;
  email?: string;
  avatar?: string;
  /** The avatar, once amoCRM has fetched it; `avatarError` where it could not. */
  avatarFile?: FetchedFile;
  avatarError?: string;
}

export const MESSAGE_TYPES = [
  'text',
  'contact',
  'file',
  'video',
  'picture',
  'voice',
  'audio',
  'sticker',
  'location',
] as const;

export type MessageType = (typeof MESSAGE_TYPES)[number];

/** The mark beside a manager's message. `none`: sent, amoCRM knows no more. */
export interface Tick {
  readonly state: 'none' | 'error' | 'delivered' | 'read';
  readonly code?: number;
  readonly error?: string;
}

/** One `delivery_status` request that was accepted. */
export interface StatusReport {
  readonly seq: number;
  readonly statusCode: number;
  readonly errorCode?: number;
  readonly error?: string;
  /** Which of the two names the code came by. */
  readonly fields: readonly ('status_code' | 'delivery_status')[];
}

/** A message that another one quotes or forwards, by the ids and the words it was named with. */
export interface Quote {
  readonly id?: string;
  readonly msgid?: string;
  readonly type?: MessageType;
  readonly text?: string;
}

export interface Reaction {
  readonly by: Participant;
  readonly emoji: string;
}

/** The post under which a message is a comment. */
export interface Post {
  readonly id: string;
  readonly url?: string;
  readonly caption?: string;
}

/** A message as it stands in a chat. `id` is amojo's, `clientId` the integration's `msgid`. */
export interface ChatMessage {
  readonly id: string;
  clientId?: string;
  readonly chat: Chat;
  /** `incoming`: the client wrote it; `outgoing`: somebody in the company did. */
  readonly direction: 'incoming' | 'outgoing';
  readonly sender: Participant;
  readonly receiver?: Participant;
  timestamp: number;
  msecTimestamp: number;
  type: MessageType;
  text: string;
  media: string;
  fileName: string;
  fileSize: number;
  location?: { readonly lon: number; readonly lat: number };
  contact?: { readonly name: string; readonly phone: string };
  /** The message it quotes; both ids where amojo knows it. */
  readonly replyTo?: Quote;
  /** The message it passes on. */
  readonly forwards?: Quote;
  /** Row of a list message the client has picked. */
  callbackData?: string;
  post?: Post;
  /** `message` as it came, or as it went out in the hook. */
  raw: JsonObject;
  /** The request that brought it, to know a fair repeat from a reused id; no edit changes it. */
  readonly request?: string;
  readonly silent: boolean;
  /** Order of events in which it came in. */
  readonly arrivedSeq: number;
  isEdited: boolean;
  tick: Tick;
  readonly reports: StatusReport[];
  /** One of each participant. */
  reactions: readonly Reaction[];
  /** The media, once amoCRM has fetched it; `fileError` where it could not. */
  file?: FetchedFile;
  fileError?: string;
  /** The hook that carried it to the bridge, if it was written in amoCRM and has left. */
  parcel?: Parcel;
  /** Its hook waits in the slow queue. */
  hookWaits?: boolean;
}

/** A chat. `id` is amojo's, `clientId` the integration's `conversation_id`. */
export interface Chat {
  readonly id: string;
  clientId?: string;
  readonly scopeId: string;
  /** The client it was opened with. Others join when a message names an unknown sender. */
  readonly client: Participant;
  readonly participants: Participant[];
  /** In order of arrival. */
  readonly messages: ChatMessage[];
  /** The source its last message named; once it has one, it keeps one. */
  sourceId?: string;
  /** The client types, until this time in milliseconds; gone once that is over. */
  typing?: { readonly by: Participant; readonly until: number };
  /** A manager opened it by writing first. */
  readonly isWriteFirst: boolean;
  hasLead: boolean;
}

/** The messages of a chat as the manager sees them: by their own time. */
export function shownIn(chat: Chat): ChatMessage[] {
  return chat.messages.toSorted(
    (one, other) => one.msecTimestamp - other.msecTimestamp || one.arrivedSeq - other.arrivedSeq,
  );
}

/**
 * The client's address in the messenger: the digits of the phone, or what follows the last colon of
 * the integration's id, which is the whole id where it has none.
 */
export function addressOf({ clientId, phone }: Pick<Participant, 'clientId' | 'phone'>): string {
  return digitsOf(phone) || (clientId?.split(':').at(-1) ?? '');
}

/** A phone however it is written: `+7 (999) 555-01-42` and `79995550142` are one. */
export function digitsOf(phone = ''): string {
  return phone.replace(/\D/g, '');
}

/** Whether an id has the address in it, and not as a part of a longer number. */
export function standsIn(id: string, address: string): boolean {
  const at = address === '' ? -1 : id.indexOf(address);
  const around = at < 0 ? '' : `${id[at - 1] ?? ''}${id[at + address.length] ?? ''}`;
  return at >= 0 && !/\d/.test(around);
}
