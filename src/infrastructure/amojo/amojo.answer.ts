import { DeliveryError, type Outcome } from '../../domain/errors.js';
import type { Delivered } from '../../domain/ports.js';
import type { Answer } from '../http-answer.js';
import { dig, idOf, parseJson, textOf } from '../json.js';

/** How far back a message is looked for. */
export const HISTORY = {
  /** amojo's greatest `limit`. */
  pageSize: 50,
  /** 1000 messages after the one that is looked for: more than a chat sees in the minutes a try takes. */
  pages: 20,
  /** How far the clocks of the two sides may be apart. */
  marginMs: 60_000,
} as const;

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * The ids in the answer to `new_message`. Old answers hold `msgid` alone. The documentation's sample shows our own
 * conversation id where real answers have amojo's, so the latter is taken for what looks like one and is not ours.
 * @returns an empty message id where the answer has none: the message was taken all the same
 * @throws {DeliveryError} where a page is answered: a proxy's, or another server's, which took nothing
 */
export function readDelivered(answer: Answer, ours: string): Delivered {
  refusePage(answer);
  const message = dig(parseJson(answer.body), 'new_message');
  return {
    messageId: idOf(dig(message, 'msgid')) ?? '',
    chatId: theirId(dig(message, 'conversation_id'), ours),
    participantId: theirId(dig(message, 'sender_id'), ours),
  };
}

/** An answer that is neither empty nor JSON is not amojo's. @throws {DeliveryError} */
export function refusePage({ status, body }: Answer, outcome: Outcome = 'unknown'): void {
  if (body.trim() === '' || parseJson(body) !== undefined) return;
  throw new DeliveryError(outcome, `amojo answered ${status} with something that is not JSON`);
}

/** An item of a chat's history. */
export interface HistoryItem {
  readonly messageId: string;
  /** Our id of it; none where it was written in amoCRM. */
  readonly sourceId?: string;
  readonly senderId?: string;
  readonly sentAtMs: number;
}

/**
 * A page of a chat's history, the newest first; empty (204) where there is no chat or nothing in it.
 * @throws {DeliveryError} where it cannot be read: that is not the same as an empty one
 */
export function readHistory({ status, body }: Answer): readonly HistoryItem[] {
  if (status === 204) return [];
  const parsed = parseJson(body);
  if (parsed === undefined) throw new DeliveryError('unknown', 'amojo answered no history');
  const items = dig(parsed, 'messages');
  return Array.isArray(items) ? items.map(toHistoryItem) : [];
}

function toHistoryItem(item: unknown): HistoryItem {
  const ms = dig(item, 'msec_timestamp');
  const seconds = dig(item, 'timestamp');
  return {
    messageId: idOf(dig(item, 'message', 'id')) ?? '',
    sourceId: textOf(dig(item, 'message', 'client_id')),
    senderId: theirId(dig(item, 'sender', 'id'), ''),
    sentAtMs: Number(ms) || Number(seconds) * 1000 || 0,
  };
}

function theirId(value: unknown, ours: string): string | undefined {
  const id = textOf(value);
  return id && id !== ours && UUID.test(id) ? id : undefined;
}
