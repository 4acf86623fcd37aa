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

/** @param sourceMs what the other side is told of when it was written */
export function toContent(message: Message, sourceMs = message.sentAt.getTime()): string {
  const { sender, content, quote, edits, callbackData, author, silent, sentAt } = message;
  const stored: Stored = { sender, content, quote, edits, callbackData, author, silent };
  const isMoved = secondOf(sourceMs) !== secondOf(sentAt.getTime());
  return JSON.stringify({ ...stored, ...(isMoved && { [MOVED_FROM]: sentAt.getTime() }) });
}

/** Key of when it was really written, where it had to stand behind what came before it. */
export const MOVED_FROM = 'movedFromMs';

/** When it was really written, in whole seconds, as ms. */
export function writtenSecondOf(row: { content: string | null; source_ms: number }): number {
  const stored = JSON.parse(row.content ?? '{}') as { readonly [MOVED_FROM]?: number };
  return secondOf(stored[MOVED_FROM] ?? row.source_ms);
}

/** The beginning of its second. */
export function secondOf(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}

export function toMessage(row: {
  source_id: string;
  content: string | null;
  source_ms: number;
}): Message {
  const { [MOVED_FROM]: _, ...stored } = JSON.parse(row.content ?? '{}') as Stored & {
    readonly [MOVED_FROM]?: number;
  };
  return {
    ...stored,
    sourceId: row.source_id as SourceId,
    sentAt: new Date(row.source_ms),
  };
}

export function toConversation(row: Omit<Selectable<ConversationTable>, 'menu'>): Conversation {
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
    ...(row.to_be_linked === 2 && { isUnmet: true }),
    lastInboundAt: row.last_inbound_ms === null ? undefined : new Date(row.last_inbound_ms),
  };
}

export function toReason(text: string | null): Reason | undefined {
  return text === null ? undefined : (JSON.parse(text) as Reason);
}

export function fromReason(reason: Reason | undefined): string | null {
  return reason === undefined ? null : JSON.stringify(reason);
}
