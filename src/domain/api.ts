import type { Conversation } from './conversation.js';
import type { DeliveryStatus } from './delivery-status.js';
import type { LineKey, SourceId } from './ids.js';
import type { Message } from './message.js';
import type { Reason } from './reasons.js';

/* What other programs ask of the journal, beside having their messages filed. */

/** An answer as it was given to a caller. */
export interface CallAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * What a key is at the moment a call comes with it:
 * - `mine`: the call is to be done now; `again` if it was begun before and nobody knows how it ended
 * - `answered`: it was done, with this answer
 * - `running`: somebody is doing it
 * - `other`: the key stands for another call
 */
export type Begun =
  | { readonly state: 'mine'; readonly again: boolean; readonly since: Date }
  | { readonly state: 'answered'; readonly answer: CallAnswer }
  | { readonly state: 'running' }
  | { readonly state: 'other' };

/** Calls of other programs, by the key each of them chose. Kept for a day. Every method throws `JournalUnavailable`. */
export abstract class ApiCalls {
  /**
   * Takes a key for a call, for one caller at a time across all processes. What was taken is given back by `remember`
   * or `leave`; what a process that died had taken is free again.
   * @param fingerprint the same for the same call, and for no other
   */
  abstract begin(key: string, fingerprint: string): Promise<Begun>;

  /** The call was done: who repeats it gets this answer. */
  abstract remember(key: string, answer: CallAnswer): Promise<void>;

  /** The call did not come to an end: who repeats it does it again. */
  abstract leave(key: string): Promise<void>;
}

/** One try, as support staff reads it. */
export interface Try {
  readonly at: Date;
  readonly part?: number;
  /** Which way: `inbound`, `outbound`, `status`; or what somebody did to the message. */
  readonly kind: string;
  readonly outcome: string;
  readonly durationMs?: number;
  readonly httpStatus?: number;
  readonly error?: string;
}

/** A message with all that happened to it. */
export interface Story {
  /** Our own number of it. */
  readonly id: number;
  readonly line: LineKey;
  readonly direction: 'inbound' | 'outbound';
  readonly sourceId: SourceId;
  /** The CRM's id of a message that we put there. */
  readonly crmMessageId?: string;
  readonly conversation: Conversation;
  /** None once it is forgotten. */
  readonly message?: Message;
  readonly sentAt: Date;
  readonly isImport: boolean;
  readonly state: 'waiting' | 'handed-over' | 'failed';
  /** Why it failed, or why its status is `failed`. */
  readonly reason?: Reason;
  readonly status?: DeliveryStatus;
  /** The status the CRM was told. */
  readonly reportedStatus?: DeliveryStatus;
  readonly parts: readonly {
    readonly number: number;
    readonly requestId: string;
    readonly messengerId?: string;
    readonly state: string;
    readonly status?: string;
    readonly reason?: Reason;
  }[];
  readonly attempts: readonly Try[];
}

/** What the journal knows of messages and conversations, by the ids that other programs have. */
export abstract class Stories {
  /**
   * Messages by any of these ids, ours of them or the CRM's, the newest first: a client's message may be filed in
   * several lines.
   * @throws JournalUnavailable
   */
  abstract messages(ids: readonly string[]): Promise<readonly Story[]>;

  /**
   * Conversations of these lines by the CRM's id of the chat, by our id of them, or by the client's address; the oldest
   * first.
   * @throws JournalUnavailable
   */
  abstract conversations(
    by: 'chatId' | 'conversationId' | 'address',
    value: string,
    lines: readonly LineKey[],
  ): Promise<readonly Conversation[]>;

  /** What the client of a conversation was called when he wrote last. @throws JournalUnavailable */
  abstract clientName(conversation: number): Promise<string | undefined>;
}
