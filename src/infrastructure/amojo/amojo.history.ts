import type { Conversation } from '../../domain/conversation.js';
import { DeliveryError } from '../../domain/errors.js';
import type { ChatEntry } from '../../domain/history.js';
import type { Line } from '../../domain/line.js';
import type { Answer } from '../http-answer.js';
import { dig, idOf, isObject, parseJson, textOf } from '../json.js';
import { readTime } from './amojo.answer.js';

/**
 * A page of a chat's history, the newest first, each entry with the hook that should have told of it (v2). Items that
 * clients wrote have no receiver; those that we put in have our id (amocrm-chats.md 6.1).
 * @throws {DeliveryError} where it cannot be read: that is not the same as an empty one
 */
export function readEntries(
  { status, body }: Answer,
  conversation: Conversation & { readonly chatId: string },
  line: Line,
): readonly ChatEntry[] {
  if (status === 204) return [];
  const parsed = parseJson(body);
  const items = dig(parsed, 'messages');
  if (parsed === undefined) throw new DeliveryError('unknown', 'amojo answered no history');
  return (Array.isArray(items) ? items : []).map((item: unknown) =>
    toEntry(item, conversation, line),
  );
}

function toEntry(
  item: unknown,
  conversation: Conversation & { readonly chatId: string },
  line: Line,
): ChatEntry {
  const writtenAt = readTime(item);
  const sourceId = textOf(dig(item, 'message', 'client_id'));
  return {
    messageId: idOf(dig(item, 'message', 'id')) ?? '',
    ...(sourceId && { sourceId }),
    isOutgoing: isObject(dig(item, 'receiver')),
    ...(writtenAt && { writtenAt }),
    body: toHook(item, conversation, line),
  };
}

/** A chat that waits for the client's first answer is none of ours by id yet. */
function toHook(
  item: unknown,
  { chatId, conversationId, toBeLinked }: Conversation & { readonly chatId: string },
  { amo }: Line,
): object {
  return {
    account_id: amo.accountId,
    message: {
      conversation: { id: chatId, ...(!toBeLinked && { client_id: conversationId }) },
      ...(amo.sourceExternalId && { source: { external_id: amo.sourceExternalId } }),
      receiver: dig(item, 'receiver'),
      sender: dig(item, 'sender'),
      timestamp: dig(item, 'timestamp'),
      msec_timestamp: dig(item, 'msec_timestamp'),
      message: dig(item, 'message'),
    },
  };
}
