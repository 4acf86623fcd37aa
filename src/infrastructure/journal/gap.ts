import { sql, type Kysely } from 'kysely';
import { GAP_MS } from '../../domain/filed-messages.js';
import type { Schema } from './schema.js';

/*
 * Gaps: times in which nobody was there to take what the platforms sent. They are told by the wall clock, as the
 * platforms' histories are, and outlive the process: what is not made up for today is made up for after the next start.
 */

/** The last that was heard of a process that went in good order; on SQLite its row says it. */
const LAST_ALIVE = 'last-alive';
const SINCE = 'gap-since';

/** Keeps a gap that ends now, unless an older one is open: that one reaches further. */
export async function noteGap(trx: Kysely<Schema>, aliveMs: readonly number[]): Promise<void> {
  const lastMs = Math.max(...aliveMs, Number((await recall(trx, LAST_ALIVE)) ?? 0));
  if (lastMs === 0 || Date.now() - lastMs <= GAP_MS) return;
  // In an empty journal nothing tells what is missing from what was there before the bridge.
  await sql`
    insert into memory (name, value)
    select ${SINCE}, ${String(lastMs)} where exists (select 1 from message)
    on conflict (name) do nothing`.execute(trx);
}

export async function stillAlive(trx: Kysely<Schema>): Promise<void> {
  const value = String(Date.now());
  await trx
    .insertInto('memory')
    .values({ name: LAST_ALIVE, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

export async function openGap(db: Kysely<Schema>): Promise<Date | undefined> {
  const value = await recall(db, SINCE);
  return value === undefined ? undefined : new Date(Number(value));
}

/** Only the gap that was made up for: another one may have been kept meanwhile. */
export async function closeGap(trx: Kysely<Schema>, since: Date): Promise<void> {
  await trx
    .deleteFrom('memory')
    .where('name', '=', SINCE)
    .where('value', '=', String(since.getTime()))
    .execute();
}

async function recall(db: Kysely<Schema>, name: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('memory')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.value;
}
