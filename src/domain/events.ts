import type { Receipt } from './delivery-status.js';
import type { LineKey, RequestId, ScopeId, SourceId } from './ids.js';
import type { Message } from './message.js';

/* What comes in: events. ------------------------------------------------------------------------------------- */

/** A message that was not told of when it was written, and was found out later. */
interface Late {
  /**
   * How long ago it was written. It keeps its own time though later ones are in its lane already, and a manager's
   * message has waited that long.
   */
  readonly lateMs?: number;
}

/** A client's message. */
export interface InboundEvent extends Late {
  readonly type: 'inbound';
  readonly line: LineKey;
  readonly channel: string;
  readonly address: string;
  /** edna's name of the channel. */
  readonly subject?: string;
  /** Channels that this one took the place of: a conversation in one of them goes on in it. */
  readonly formerly?: readonly string[];
  /** It is shown at its own time, however late it comes; any other stands after what is there. */
  readonly keepsTime?: boolean;
  readonly message: Message;
}

/** A chat that was opened in the CRM before anybody wrote. */
export interface ChatEvent {
  readonly type: 'chat';
  readonly line: LineKey;
  readonly channel: string;
  readonly address: string;
  readonly formerly?: readonly string[];
  readonly chatId: string;
  readonly participantId?: string;
}

/**
 * Another program says how a message of the company fared: one of a manager's, or one that was put into the CRM in
 * somebody's name. It climbs like a receipt.
 */
export interface MarkEvent {
  readonly type: 'mark';
  /** Our own number of the message. */
  readonly messageId: number;
  readonly receipt: Receipt;
}

/**
 * A manager's message. Its conversation is the first that fits: by our own id, by the chat's id, by the phone.
 * One that fits none is born with the phone, or without an address where there is no phone.
 */
export interface OutboundEvent extends Late {
  readonly type: 'outbound';
  readonly line: LineKey;
  readonly conversationId?: string;
  readonly chatId?: string;
  readonly participantId?: string;
  /** The chat is not linked to a conversation of ours yet: the hook named none. */
  readonly writesFirst: boolean;
  readonly phone?: string;
  readonly message: Message;
  /** Of files that the manager sent together: each is a message of its own, and a shared caption stands once. */
  readonly groupId?: string;
  /** The request ids of its parts, first generation, in order. */
  readonly requestIds: readonly RequestId[];
}

/** News of a manager's message. Found by the first id that fits; one of a message that is not ours is dropped. */
export interface ReceiptEvent {
  readonly type: 'receipt';
  readonly line: LineKey;
  readonly requestId?: string;
  /** Lines of others: whoever sent it may not speak of their messages, even though it names a request of theirs. */
  readonly closed?: readonly LineKey[];
  /** The messenger's own id of the message. A receipt that has only this is parked for an hour where it fits none. */
  readonly messengerId?: string;
  /** The message its comment names. */
  readonly messageId?: SourceId;
  readonly receipt: Receipt;
}

/**
 * What somebody in the CRM did to a message there and the messenger cannot be told of: edna can neither react nor edit
 * nor delete. Kept on the message's timeline; of a message that is not ours it is dropped.
 */
export interface NoteEvent {
  readonly type: 'note';
  /** The message by the CRM's id, whichever side wrote it. */
  readonly crmMessageId: string;
  /** The same message, if a manager wrote it. */
  readonly sourceId: SourceId;
  readonly what: 'reacted' | 'unreacted' | 'edited' | 'deleted';
  /** The same deed at the same moment is noted once. */
  readonly at: Date;
}

/** A body that is for us and cannot be filed: kept as it came, for an operator. */
export interface QuarantineEvent {
  readonly type: 'quarantine';
  /** A stable word or two: `unknown-shape`, `invalid: <path>`, `no-line`. */
  readonly reason: string;
}

export type Event =
  | InboundEvent
  | OutboundEvent
  | ReceiptEvent
  | NoteEvent
  | ChatEvent
  | MarkEvent
  | QuarantineEvent;

/** Where a body was posted: enough to read it again in the same way. */
export interface Origin {
  readonly webhook: 'edna' | 'amocrm' | 'api';
  /** The scope in the path of an amoCRM hook. */
  readonly scopeId?: string;
  /** The scopes of the lines that its token or its signature opened; absent: nobody looked at it, and all are open. */
  readonly opened?: readonly ScopeId[];
}

/** One element of a webhook. It stands alone: what becomes of it does not depend on its neighbours. */
export interface Arrival {
  readonly event: Event;
  readonly origin: Origin;
  /** The element as it came; kept until it is filed, and longer only where it goes to the quarantine. */
  readonly raw: Buffer;
}

/** An arrival that has been filed, and what became of it. */
export interface FiledArrival {
  readonly arrival: Arrival;
  readonly filed: Filed;
}

/** What came of filing once. */
export interface FiledSome {
  readonly filed: readonly FiledArrival[];
  /** There may be more to file. */
  readonly isMore: boolean;
  /** How long ago the last of them came, and all before it are filed; `Infinity` where there was none. */
  readonly waitedMs: number;
}

/** What became of an arrival. `revived`: a client's message that had failed waits again, because it came again. */
export type Filed = 'new' | 'repeat' | 'revived' | 'parked' | 'unknown' | 'quarantined';
