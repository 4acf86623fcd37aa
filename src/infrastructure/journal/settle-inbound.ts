import { sql, type Kysely } from 'kysely';
import type { Dialect } from './dialect.js';
import { fromReason, toContent } from './rows.js';
import type { Schema } from './schema.js';
import type { Placed } from './settlement.js';

/* What is written down about client messages. */

/**
 * Keeps the ids amoCRM gave a chat and its client. amojo has one chat for each of our conversation ids, so the chat a
 * message landed in is the client's from here on, whatever a manager has opened meanwhile. What another program put
 * there in somebody's name leaves it to the client's own answer to link the chat: of that alone amoCRM says that it does.
 */
export async function linkConversations(
  trx: Kysely<Schema>,
  dialect: Dialect,
  changes: readonly Placed<'inbound-handed-over'>[],
): Promise<void> {
  const isImport = (change: { readonly isImport?: true }) => change.isImport === true;
  const once = new Map(
    [...changes.filter(isImport), ...changes.filter((change) => !isImport(change))].map(
      (change) => [change.conversation, change],
    ),
  );
  if (once.size === 0) return;
  const rows = [...once.values()]
    .sort((a, b) => a.conversation - b.conversation)
    .map((change) => ({
      conversation: change.conversation,
      chat: change.delivered.chatId,
      participant: change.delivered.participantId,
      linked: change.linkedChatId,
      imported: isImport(change) ? 1 : 0,
    }));
  await sql`
    update conversation set
      chat_id = coalesce(r.chat, r.linked, chat_id),
      participant_id = coalesce(r.participant, participant_id),
      to_be_linked = case
        when coalesce(r.chat, r.linked) is null then to_be_linked
        when r.imported = 0 then 0
        when chat_id is null then 2
        else to_be_linked end
    from ${dialect.rows(
      'r',
      {
        conversation: 'int',
        chat: 'text',
        participant: 'text',
        linked: 'text',
        imported: 'int',
      } as const,
      rows,
    )}
    where conversation.id = r.conversation
      and (chat_id is null or participant_id is null or chat_id <> coalesce(r.chat, r.linked) or to_be_linked <> 0)`.execute(
    trx,
  );
}

export async function inboundHandedOver(
  trx: Kysely<Schema>,
  dialect: Dialect,
  changes: readonly Placed<'inbound-handed-over'>[],
): Promise<void> {
  if (changes.length === 0) return;
  await sql`
    update message set state = 'handed-over', peer_id = r.peer, reason = null
    from ${dialect.rows(
      'r',
      { id: 'int', peer: 'text' } as const,
      changes.map(({ messageId, delivered }) => ({ id: messageId, peer: delivered.messageId })),
    )} where message.id = r.id`.execute(trx);
}

/**
 * A failed message may leave a notice, which waits at the end of the same lane. One that is in the chat has not failed,
 * whatever a process says that was taken for dead, and nothing stands in for it.
 */
export async function inboundFailed(
  trx: Kysely<Schema>,
  dialect: Dialect,
  { messageId, reason, notice, lane }: Placed<'inbound-failed'>,
): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('message')
    .set({ state: 'failed', reason: fromReason(reason) })
    .where('id', '=', messageId)
    .where('state', '=', 'waiting')
    .executeTakeFirst();
  if (!notice || numUpdatedRows === 0n) return;
  const filled = await trx
    .updateTable('lane')
    .set((eb) => ({
      accepted_seq: eb('accepted_seq', '+', 1),
      last_ms: eb('last_ms', '+', 1),
    }))
    .where('conversation', '=', lane.conversation)
    .where('kind', '=', 'inbound')
    .returning(['accepted_seq', 'last_ms'])
    .executeTakeFirstOrThrow();
  await trx
    .insertInto('message')
    .values({
      conversation: lane.conversation,
      line: lane.line,
      direction: 'inbound',
      source_id: notice.sourceId,
      seq: filled.accepted_seq,
      content: toContent(notice),
      source_ms: filled.last_ms,
      accepted_at: dialect.now(),
      state: 'waiting',
      reportable: 0,
    })
    .onConflict((conflict) => conflict.columns(['source_id', 'direction', 'line']).doNothing())
    .execute();
}
