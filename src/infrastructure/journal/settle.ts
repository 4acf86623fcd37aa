import { sql, type Kysely } from 'kysely';
import { advance, type DeliveryStatus } from '../../domain/delivery-status.js';
import type { Change, Lane, Release, Released } from '../../domain/journal.js';
import type { Dialect } from './database.js';
import { keyOf, lockLanes, releaseLanes, type LaneId } from './lanes.js';
import { applyReceipts, readStatuses, writeStatuses } from './receipts.js';
import { fromReason, toContent, toReason } from './rows.js';
import type { Schema } from './schema.js';

/** What one worker has to write down about one lane. */
export interface Settlement {
  readonly lane: Lane;
  readonly changes: readonly Change[];
  readonly release?: Release;
}

type ChangeOf<Type extends Change['type']> = Extract<Change, { type: Type }>;

/** A change and the lane it happened in. */
type Placed<Type extends Change['type']> = ChangeOf<Type> & { readonly lane: Lane };

/**
 * Writes a group of settlements. Facts about messages count whatever has become of their lane; only giving the lane
 * back asks whether it is still the worker's.
 * @param alsoLocks lanes that the same transaction writes about afterwards
 */
export async function settleGroup(
  trx: Kysely<Schema>,
  dialect: Dialect,
  settlements: readonly Settlement[],
  alsoLocks: readonly LaneId[] = [],
): Promise<(Released | undefined)[]> {
  const of = <Type extends Change['type']>(type: Type): Placed<Type>[] =>
    settlements.flatMap(({ lane, changes }) =>
      changes
        .filter((change): change is ChangeOf<Type> => change.type === type)
        .map((change) => ({ ...change, lane })),
    );

  await linkConversations(trx, dialect, of('inbound-handed-over'));
  const answered = of('part-handed-over').filter(({ messengerId }) => messengerId !== undefined);
  await lockLanes(trx, dialect, [
    ...alsoLocks,
    ...settlements.map(({ lane }) => lane),
    ...[...of('outbound-failed'), ...answered].map(({ lane }): LaneId => ({
      conversation: lane.conversation,
      kind: 'status',
    })),
  ]);

  await inboundHandedOver(trx, dialect, of('inbound-handed-over'));
  for (const change of of('inbound-failed')) await inboundFailed(trx, dialect, change);
  await partsHandedOver(trx, dialect, of('part-handed-over'));
  await unpark(trx, dialect, answered);
  await outboundHandedOver(trx, of('outbound-handed-over'));
  await outboundFailed(trx, dialect, of('outbound-failed'));
  await reported(trx, dialect, of('reported'));
  await putOff(trx, dialect, of('put-off'));
  await lookedUp(trx, of('part-looked-up'));
  await attempted(trx, dialect, of('attempt'));

  const releases = settlements.flatMap(({ lane, release }) => (release ? [{ lane, release }] : []));
  const released = await releaseLanes(trx, dialect, releases);
  return settlements.map(({ lane, release }) => release && released.get(keyOf(lane)));
}

/** Keeps the ids amoCRM gave a chat and its client. A chat that a manager has opened meanwhile is not overwritten. */
async function linkConversations(
  trx: Kysely<Schema>,
  dialect: Dialect,
  changes: readonly Placed<'inbound-handed-over'>[],
): Promise<void> {
  const once = new Map(changes.map((change) => [change.conversation, change]));
  if (once.size === 0) return;
  const rows = [...once.values()]
    .sort((a, b) => a.conversation - b.conversation)
    .map(({ conversation, delivered, linkedChatId }) => ({
      conversation,
      chat: delivered.chatId,
      participant: delivered.participantId,
      linked: linkedChatId,
    }));
  await sql`
    update conversation set
      chat_id = case when to_be_linked = 1 then chat_id else coalesce(r.chat, chat_id) end,
      participant_id = case when to_be_linked = 1 then participant_id else coalesce(r.participant, participant_id) end,
      to_be_linked = case when to_be_linked = 1 and chat_id = r.linked then 0 else to_be_linked end
    from ${dialect.rows(
      'r',
      { conversation: 'int', chat: 'text', participant: 'text', linked: 'text' } as const,
      rows,
    )}
    where conversation.id = r.conversation
      and (chat_id is null or participant_id is null or chat_id <> r.chat or to_be_linked = 1)`.execute(
    trx,
  );
}

async function inboundHandedOver(
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

/** A failed message may leave a notice, which waits at the end of the same lane. */
async function inboundFailed(
  trx: Kysely<Schema>,
  dialect: Dialect,
  { messageId, reason, notice, lane }: Placed<'inbound-failed'>,
): Promise<void> {
  await trx
    .updateTable('message')
    .set({ state: 'failed', reason: fromReason(reason) })
    .where('id', '=', messageId)
    .where('state', '=', 'waiting')
    .execute();
  if (!notice) return;
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

async function partsHandedOver(
  trx: Kysely<Schema>,
  dialect: Dialect,
  changes: readonly Placed<'part-handed-over'>[],
): Promise<void> {
  if (changes.length === 0) return;
  await sql`
    update part set messenger_id = coalesce(r.messenger, part.messenger_id),
      state = case when part.state = 'waiting' then 'handed-over' else part.state end
    from ${dialect.rows(
      'r',
      { id: 'int', messenger: 'text' } as const,
      changes.map(({ partId, messengerId }) => ({ id: partId, messenger: messengerId })),
    )} where part.id = r.id`.execute(trx);
}

/** Receipts that were here before the messenger's answer named the message they are about. */
async function unpark(
  trx: Kysely<Schema>,
  dialect: Dialect,
  changes: readonly Placed<'part-handed-over'>[],
): Promise<void> {
  if (changes.length === 0) return;
  const parked = await trx
    .selectFrom('parked_receipt')
    .selectAll()
    .where(
      'messenger_id',
      'in',
      changes.map(({ messengerId }) => messengerId as string),
    )
    .orderBy('id')
    .execute();
  const receipts = parked.flatMap((row) => {
    const change = changes.find(
      ({ messengerId, lane }) => messengerId === row.messenger_id && lane.line === row.line,
    );
    const reason = toReason(row.reason);
    return change
      ? [
          {
            row: row.id,
            subject: {
              part: change.partId,
              message: change.messageId,
              conversation: change.lane.conversation,
              line: change.lane.line,
            },
            receipt: { status: row.status as DeliveryStatus, reason },
          },
        ]
      : [];
  });
  if (receipts.length === 0) return;
  await makeStatusLanes(trx, changes);
  await applyReceipts(trx, dialect, receipts);
  await trx
    .deleteFrom('parked_receipt')
    .where(
      'id',
      'in',
      receipts.map(({ row }) => row),
    )
    .execute();
}

async function outboundHandedOver(
  trx: Kysely<Schema>,
  changes: readonly Placed<'outbound-handed-over'>[],
): Promise<void> {
  if (changes.length === 0) return;
  await trx
    .updateTable('message')
    .set({ state: 'handed-over' })
    .where(
      'id',
      'in',
      changes.map(({ messageId }) => messageId),
    )
    .where('state', '=', 'waiting')
    .execute();
}

/** What is given up has failed, unless a receipt has proved meanwhile that it arrived. */
async function outboundFailed(
  trx: Kysely<Schema>,
  dialect: Dialect,
  changes: readonly Placed<'outbound-failed'>[],
): Promise<void> {
  if (changes.length === 0) return;
  await makeStatusLanes(trx, changes);
  const messages = await readStatuses(
    trx,
    changes.map(({ messageId }) => messageId),
  );
  for (const { messageId, partId, reason } of changes) {
    for (const part of messages.get(messageId)?.parts ?? []) {
      if (part.id === partId) {
        const status = advance(part.status, 'failed');
        if (status !== part.status) part.reason = reason;
        part.status = status;
      }
      if (part.state === 'waiting') part.state = 'failed';
    }
  }
  await trx
    .updateTable('message')
    .set({ state: 'failed' })
    .where('id', 'in', [...messages.keys()])
    .where('state', '=', 'waiting')
    .execute();
  await writeStatuses(trx, dialect, messages);
}

/** The status lane of a conversation is made with its first receipt; a message may fail before any. */
async function makeStatusLanes(
  trx: Kysely<Schema>,
  changes: readonly { readonly lane: Lane }[],
): Promise<void> {
  const conversations = [...new Map(changes.map(({ lane }) => [lane.conversation, lane])).values()];
  await trx
    .insertInto('lane')
    .values(
      conversations
        .sort((a, b) => a.conversation - b.conversation)
        .map(({ conversation, line }) => ({
          conversation,
          kind: 'status',
          line,
          upstream: 'crm',
          accepted_seq: 0,
        })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function reported(
  trx: Kysely<Schema>,
  dialect: Dialect,
  changes: readonly Placed<'reported'>[],
): Promise<void> {
  if (changes.length === 0) return;
  await sql`
    update message set reported_status = r.status, report_tries = 0, report_failing_at = null,
      report_due = case when message.status = r.status then 0 else message.report_due end
    from ${dialect.rows(
      'r',
      { id: 'int', status: 'text' } as const,
      changes.map(({ messageId, status }) => ({ id: messageId, status })),
    )} where message.id = r.id`.execute(trx);
}

async function putOff(
  trx: Kysely<Schema>,
  dialect: Dialect,
  changes: readonly Placed<'put-off'>[],
): Promise<void> {
  const tried = changes.filter(({ why }) => why !== 'waits');
  if (tried.length === 0) return;
  const now = dialect.now();
  const rows = (of: typeof tried) =>
    dialect.rows(
      'r',
      { id: 'int', part: 'int', unknown: 'int' } as const,
      of.map(({ messageId, partId, why }) => ({
        id: messageId,
        part: partId,
        unknown: why === 'unknown' ? 1 : 0,
      })),
    );
  const reports = tried.filter(({ kind }) => kind === 'status');
  if (reports.length > 0) {
    await sql`
      update message set report_tries = report_tries + 1,
        report_failing_at = coalesce(report_failing_at, ${now})
      from ${rows(reports)} where message.id = r.id`.execute(trx);
  }
  const messages = tried.filter(({ kind }) => kind !== 'status');
  if (messages.length === 0) return;
  await sql`
    update message set tries = tries + 1, failing_at = coalesce(failing_at, ${now}),
      unknown_at = case when r.unknown = 1 then ${now} else unknown_at end
    from ${rows(messages)} where message.id = r.id`.execute(trx);
  await sql`
    update part set unknown_at = ${now}
    from ${rows(messages)} where part.id = r.part and r.unknown = 1`.execute(trx);
}

async function lookedUp(
  trx: Kysely<Schema>,
  changes: readonly Placed<'part-looked-up'>[],
): Promise<void> {
  for (const { partId } of changes) {
    await trx
      .updateTable('part')
      .set((eb) => ({ lookups: eb('lookups', '+', 1) }))
      .where('id', '=', partId)
      .execute();
  }
}

/** Adds to the timeline; the end of a try closes what was left open at its begin. */
async function attempted(
  trx: Kysely<Schema>,
  dialect: Dialect,
  changes: readonly Placed<'attempt'>[],
): Promise<void> {
  if (changes.length === 0) return;
  const parts = changes.flatMap(({ attempt }) => attempt.partId ?? []);
  if (parts.length > 0) {
    await sql`
      delete from attempt where outcome = 'open' and part in (
        select r.id from ${dialect.rows(
          'r',
          { id: 'int' } as const,
          parts.map((id) => ({ id })),
        )})`.execute(trx);
  }
  await sql`
    insert into attempt (message, part, kind, at_ms, duration_ms, outcome, http_status, error)
    select message, part, kind, at_ms, duration_ms, outcome, http_status, error
    from ${dialect.rows(
      'r',
      {
        message: 'int',
        part: 'int',
        kind: 'text',
        at_ms: 'int',
        duration_ms: 'int',
        outcome: 'text',
        http_status: 'int',
        error: 'text',
      } as const,
      changes.map(({ attempt }) => ({
        message: attempt.messageId,
        part: attempt.partId,
        kind: attempt.kind,
        at_ms: attempt.at.getTime(),
        duration_ms: Math.round(attempt.durationMs),
        outcome: attempt.outcome,
        http_status: attempt.httpStatus,
        error: attempt.error,
      })),
    )} where true`.execute(trx);
}
