import type { Answer } from '../answer.ts';
import type { JsonObject } from '../json.ts';
import { shownIn, type Chat, type ChatMessage, type Participant } from './chat.ts';
import { refuseData } from './refusals.ts';

const MAX_LIMIT = 50;

/** A chat's messages, newest first; 204 where there are none. */
export function historyAnswer(
  chat: Chat | undefined,
  query: URLSearchParams,
  overLimit: 'clamp' | 'reject400',
): Answer {
  const offset = wholeNumber(query, 'offset') ?? 0;
  const asked = wholeNumber(query, 'limit') ?? MAX_LIMIT;
  if (asked > MAX_LIMIT && overLimit === 'reject400') {
    throw refuseData('limit', `must be at most ${MAX_LIMIT}`);
  }
  const limit = Math.min(asked, MAX_LIMIT);
  const page =
    chat === undefined
      ? []
      : shownIn(chat)
          .reverse()
          .slice(offset, offset + limit);
  if (page.length === 0) return { status: 204 };
  return { status: 200, body: { messages: page.map(historyItem) } };
}

function historyItem(message: ChatMessage): JsonObject {
  const { timestamp, msecTimestamp, sender, receiver } = message;
  return {
    timestamp,
    msec_timestamp: msecTimestamp,
    sender: personBody(sender),
    ...(receiver === undefined ? {} : { receiver: personBody(receiver) }),
    message: {
      id: message.id,
      client_id: message.clientId,
      type: message.type,
      text: message.text,
      media: message.media,
      thumbnail: '',
      file_name: message.fileName,
      file_size: message.fileSize,
      media_group_id: message.raw.media_group_id,
      location: message.location,
      contact: message.contact,
    },
  };
}

/** Users of amoCRM have no `client_id`. */
function personBody({ id, clientId, role, name, avatar, phone, email }: Participant): JsonObject {
  return { id, client_id: role === 'user' ? undefined : clientId, name, avatar, phone, email };
}

function wholeNumber(query: URLSearchParams, key: string): number | undefined {
  const text = query.get(key);
  if (text === null || text === '') return undefined;
  if (!/^\d+$/.test(text)) throw refuseData(key, 'must be a whole number');
  return Number(text);
}
