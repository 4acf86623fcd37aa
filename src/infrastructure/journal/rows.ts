import type { Conversation } from '../../domain/conversation.js';
import type { ConversationId, LineKey, SourceId } from '../../domain/ids.js';
import type { Message } from '../../domain/message.js';
import type { Reason } from '../../domain/reasons.js';
import type { Selectable } from 'kysely';
import type { ConversationTable } from './schema.js';

/* Between rows and the domain's values. */

/** What of a message is stored as JSON; the rest has columns. */
type Stored = Pick<
  Message,
  'sender' | 'content' | 'quote' | 'edits' | 'callbackData' | 'author' | 'silent'
>;

export function toContent(message: Message): string {
  const { sender, content, quote, edits, callbackData, author, silent } = message;
  const stored: Stored = { sender, content, quote, edits, callbackData, author, silent };
  return JSON.stringify(stored);
}

export function toMessage(row: {
  source_id: string;
  content: string | null;
  source_ms: number;
}): Message {
  const stored = JSON.parse(row.content ?? '{}') as Stored;
  return {
    ...stored,
    sourceId: row.source_id as SourceId,
    sentAt: new Date(row.source_ms),
  };
}

export function toConversation(row: Selectable<ConversationTable>): Conversation {
  return {
    id: row.id,
    line: row.line as LineKey,
    channel: row.channel,
    address: row.address,
    conversationId: (row.conversation_id as ConversationId | null) ?? undefined,
    subject: row.subject ?? undefined,
    chatId: row.chat_id ?? undefined,
    participantId: row.participant_id ?? undefined,
    toBeLinked: row.to_be_linked === 1,
    lastInboundAt: row.last_inbound_ms === null ? undefined : new Date(row.last_inbound_ms),
  };
}

export function toReason(text: string | null): Reason | undefined {
  return text === null ? undefined : (JSON.parse(text) as Reason);
}

export function fromReason(reason: Reason | undefined): string | null {
  return reason === undefined ? null : JSON.stringify(reason);
}
