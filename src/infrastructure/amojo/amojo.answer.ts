import { DeliveryError, type Outcome } from '../../domain/errors.js';
import type { ChatItem, Delivered, Participant } from '../../domain/ports.js';
import type { Answer } from '../http-answer.js';
import { dateIn, dig, idOf, numberIn, parseJson, textOf } from '../json.js';

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
 * @param client which side of the message the client is on
 * @returns an empty message id where the answer has none: the message was taken all the same
 * @throws {DeliveryError} where a page is answered: a proxy's, or another server's, which took nothing
 */
export function readDelivered(
  answer: Answer,
  ours: string,
  client: 'sender' | 'receiver' = 'sender',
): Delivered {
  refusePage(answer);
  const message = dig(parseJson(answer.body), 'new_message');
  return {
    messageId: idOf(dig(message, 'msgid')) ?? '',
    chatId: theirId(dig(message, 'conversation_id'), ours),
    participantId: theirId(dig(message, `${client}_id`), ours),
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
  readonly receiverId?: string;
  readonly sentAtMs: number;
}

/**
 * A page of a chat's history, the newest first; empty (204) where there is no chat or nothing in it.
 * @throws {DeliveryError} where it cannot be read: that is not the same as an empty one
 */
export function readHistory(answer: Answer): readonly HistoryItem[] {
  return itemsOf(answer).map(toHistoryItem);
}

/** The same page for those who want to read it. */
export function readChat(answer: Answer): readonly ChatItem[] {
  return itemsOf(answer).map(toChatItem);
}

function itemsOf({ status, body }: Answer): readonly unknown[] {
  if (status === 204) return [];
  const parsed = parseJson(body);
  if (parsed === undefined) throw new DeliveryError('unknown', 'amojo answered no history');
  const items = dig(parsed, 'messages');
  return Array.isArray(items) ? (items as readonly unknown[]) : [];
}

function toChatItem(item: unknown): ChatItem {
  const { messageId, sourceId, sentAtMs } = toHistoryItem(item);
  const of = (key: string) => textOf(dig(item, 'message', key));
  const receiver = dig(item, 'receiver');
  const size = dig(item, 'message', 'file_size');
  return {
    messageId,
    ...(sourceId !== undefined && { sourceId }),
    sentAt: new Date(sentAtMs),
    sender: toParticipant(dig(item, 'sender')),
    ...(receiver !== undefined && receiver !== null && { receiver: toParticipant(receiver) }),
    type: of('type') ?? 'text',
    text: of('text') ?? '',
    ...(of('media') !== undefined && { media: of('media') }),
    ...(of('file_name') !== undefined && { fileName: of('file_name') }),
    ...(typeof size === 'number' && size > 0 && { sizeBytes: size }),
  };
}

function toParticipant(person: unknown): Participant {
  const [id, name] = [textOf(dig(person, 'id')), textOf(dig(person, 'name'))];
  return { ...(id !== undefined && { id }), ...(name !== undefined && { name }) };
}

function toHistoryItem(item: unknown): HistoryItem {
  return {
    messageId: idOf(dig(item, 'message', 'id')) ?? '',
    sourceId: textOf(dig(item, 'message', 'client_id')),
    senderId: theirId(dig(item, 'sender', 'id'), ''),
    receiverId: theirId(dig(item, 'receiver', 'id'), ''),
    sentAtMs: readTime(item)?.getTime() ?? 0,
  };
}

/** When an item of a history was written; nothing where it does not say. */
export function readTime(item: unknown): Date | undefined {
  const seconds = numberIn(dig(item, 'timestamp')) ?? 0;
  return dateIn(numberIn(dig(item, 'msec_timestamp')) || seconds * 1000);
}

function theirId(value: unknown, ours: string): string | undefined {
  const id = textOf(value);
  return id && id !== ours && UUID.test(id) ? id : undefined;
}
