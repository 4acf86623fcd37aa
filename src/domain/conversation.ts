import type { ConversationId, LineKey } from './ids.js';

/** One client on one channel of a line. */
export interface Conversation {
  /** Our own number for it. */
  readonly id: number;
  readonly line: LineKey;
  /** `subjectId` of the edna channel, else its `imType`; empty while a manager wrote first and no channel is known. */
  readonly channel: string;
  /** The client in the channel: digits where it is a phone, else an opaque id. Empty where none could be found. */
  readonly address: string;
  /** The id it was born with at amojo. */
  readonly conversationId?: ConversationId;
  /** edna's name of the channel, as its webhooks give it. */
  readonly subject?: string;
  /** amojo's ids of the chat and of the client in it, once known. */
  readonly chatId?: string;
  readonly participantId?: string;
  /**
   * A manager wrote first, so the chat was born at amojo: the client's next message names both of amojo's ids,
   * or a second chat opens there.
   */
  readonly toBeLinked: boolean;
  /**
   * Another program opened the chat before the client ever wrote in it, so that nobody has looked yet whether the CRM
   * knows him.
   */
  readonly isUnmet?: boolean;
  /** When the client wrote last, to the minute; absent while nobody knows. */
  readonly lastInboundAt?: Date;
}

/** Whether an address is a phone: 10 to 15 digits with country code (E.164). Ids of MAX are shorter. */
export function isPhone(address: string): boolean {
  return /^[1-9]\d{9,14}$/.test(address);
}

/** A phone as we keep it: digits only. Any other id stays what it is; signs alone are none. */
export function toAddress(text: string): string {
  const trimmed = text.trim();
  if (!/[\p{L}\p{N}]/u.test(trimmed)) return '';
  return /^\+?\s*\(?\d[\d\s().-]*$/.test(trimmed) ? trimmed.replace(/\D/g, '') : trimmed;
}
