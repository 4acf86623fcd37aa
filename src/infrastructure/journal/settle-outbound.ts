import { sql, type Kysely } from 'kysely';
import { advance, type DeliveryStatus } from '../../domain/delivery-status.js';
import type { Lane } from '../../domain/journal.js';
import type { Dialect } from './dialect.js';
import { applyReceipts, readStatuses, writeStatuses } from './receipts.js';
import { toReason } from './rows.js';
import type { Schema } from './schema.js';
import type { Placed } from './settlement.js';

/* What is written down about managers' messages and their parts. */

export async function partsHandedOver(
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
export async function unpark(
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

export async function outboundHandedOver(
  trx: Kysely<Schema>,
  dialect: Dialect,
  changes: readonly { readonly messageId: number }[],
): Promise<void> {
  if (changes.length === 0) return;
  await trx
    .updateTable('message')
    .set({ state: 'handed-over' })
    .where(
      dialect.oneOf(
        'id',
        'int',
        changes.map(({ messageId }) => messageId),
      ),
    )
    .where('state', '=', 'waiting')
    .execute();
}

/**
 * What is given up has failed, unless it has turned out meanwhile that the messenger took it: by a receipt, or by the
 * word of a process that was taken for dead.
 * @returns those that have failed
 */
export async function outboundFailed(
  trx: Kysely<Schema>,
  dialect: Dialect,
  changes: readonly Placed<'outbound-failed'>[],
): Promise<readonly Placed<'outbound-failed'>[]> {
  if (changes.length === 0) return [];
  await makeStatusLanes(trx, changes);
  const messages = await readStatuses(
    trx,
    dialect,
    changes.map(({ messageId }) => messageId),
  );
  const partOf = ({ messageId, partId }: Placed<'outbound-failed'>) =>
    messages.get(messageId)?.parts.find(({ id }) => id === partId);
  const isTaken = (change: Placed<'outbound-failed'>) => partOf(change)?.state === 'handed-over';
  const failed = changes.filter((change) => !isTaken(change));
  for (const change of failed) {
    const part = partOf(change);
    if (!part) continue;
    const status = advance(part.status, 'failed');
    if (status !== part.status) part.reason = change.reason;
    part.status = status;
    for (const one of messages.get(change.messageId)?.parts ?? []) {
      if (one.state === 'waiting') one.state = 'failed';
    }
  }
  await goOn(trx, dialect, changes.filter(isTaken), messages);
  if (failed.length === 0) return [];
  await trx
    .updateTable('message')
    .set({ state: 'failed' })
    .where(
      dialect.oneOf(
        'id',
        'int',
        failed.map(({ messageId }) => messageId),
      ),
    )
    .where('state', '=', 'waiting')
    .execute();
  await writeStatuses(trx, dialect, messages);
  return failed;
}

/** Messages whose part was taken after all: they are handed over, or what is left of them is to be read again. */
async function goOn(
  trx: Kysely<Schema>,
  dialect: Dialect,
  taken: readonly Placed<'outbound-failed'>[],
  messages: Awaited<ReturnType<typeof readStatuses>>,
): Promise<void> {
  const isLeft = ({ messageId }: Placed<'outbound-failed'>) =>
    messages.get(messageId)?.parts.some(({ state }) => state === 'waiting') === true;
  await outboundHandedOver(
    trx,
    dialect,
    taken.filter((change) => !isLeft(change)),
  );
  for (const { lane } of taken.filter(isLeft)) {
    await trx
      .updateTable('lane')
      .set((eb) => ({ accepted_seq: eb('accepted_seq', '+', 1) }))
      .where('conversation', '=', lane.conversation)
      .where('kind', '=', lane.kind)
      .execute();
  }
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

export async function lookedUp(
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
