import { sql, type Kysely } from 'kysely';
import { advance, type DeliveryStatus } from '../../domain/delivery-status.js';
import type { LineKey } from '../../domain/ids.js';
import type { MarkEvent } from '../../domain/journal.js';
import type { Dialect } from './dialect.js';
import { fromReason } from './rows.js';
import type { Schema } from './schema.js';

/* Statuses that other programs tell of, and those of messages that were put into the CRM in somebody's name. */

/** Where a marked message is. */
export interface Marked {
  readonly id: number;
  readonly conversation: number;
  readonly line: LineKey;
}

/** The messages that marks are about; their status lanes are to be locked before `applyMarks`. */
export async function findMarked(
  trx: Kysely<Schema>,
  marks: readonly MarkEvent[],
): Promise<readonly (Marked | undefined)[]> {
  if (marks.length === 0) return [];
  const rows = await trx
    .selectFrom('message')
    .select(['id', 'conversation', 'line'])
    .where(
      'id',
      'in',
      marks.map(({ messageId }) => messageId),
    )
    .execute();
  const found = new Map(rows.map((row) => [row.id, { ...row, line: row.line as LineKey }]));
  return marks.map(({ messageId }) => found.get(messageId));
}

/** Moves messages up to what they are said to be. Seldom any, so one by one. */
export async function applyMarks(
  trx: Kysely<Schema>,
  dialect: Dialect,
  marked: readonly (Marked | undefined)[],
  marks: readonly { readonly event: MarkEvent }[],
): Promise<void> {
  for (const [i, { event }] of marks.entries()) {
    const { id } = marked[i] ?? {};
    if (id === undefined) continue;
    const row = await trx
      .selectFrom('message')
      .select('status')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const { status, reason } = event.receipt;
    const before = (row.status as DeliveryStatus | null) ?? undefined;
    if (advance(before, status) === before) continue;
    await trx
      .updateTable('message')
      .set({ status, told: fromReason(reason) })
      .where('id', '=', id)
      .execute();
    await makeReportsDue(trx, dialect, [id]);
  }
}

/** Messages that were put into the CRM may be marked from now on, and what was said of them before is due. */
export async function openImports(
  trx: Kysely<Schema>,
  dialect: Dialect,
  ids: readonly number[],
): Promise<void> {
  if (ids.length === 0) return;
  await trx.updateTable('message').set({ reportable: 1 }).where('id', 'in', ids).execute();
  await makeReportsDue(trx, dialect, ids);
}

/** amoCRM has no code for "sent". The status lanes are locked, or have never been made. */
async function makeReportsDue(
  trx: Kysely<Schema>,
  dialect: Dialect,
  ids: readonly number[],
): Promise<void> {
  const { rows } = await sql<{ conversation: number }>`
    update message set report_due = 1
    where id in (${sql.join(ids)}) and reportable = 1 and status is not null
      and status <> 'sent' and (reported_status is null or status <> reported_status)
    returning conversation`.execute(trx);
  const lanes = [...new Set(rows.map(({ conversation }) => conversation))];
  if (lanes.length === 0) return;
  await trx
    .updateTable('lane')
    .set((eb) => ({
      accepted_seq: eb('accepted_seq', '+', 1),
      due_at: sql<number>`coalesce(due_at, ${dialect.now()})`,
    }))
    .where('conversation', 'in', lanes)
    .where('kind', '=', 'status')
    .execute();
}
