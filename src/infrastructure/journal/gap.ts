import { sql, type Kysely } from 'kysely';
import { GAP_MS, MOST_GAP_MS } from '../../domain/filed-messages.js';
import { factOf, keepFact } from './memory.js';
import type { Schema } from './schema.js';

/*
 * Gaps: times in which nobody was there to take what the platforms sent. They are told by the wall clock, as the
 * platforms' histories are, and outlive the process: what is not made up for today is made up for after the next start.
 */

/** The last that was heard of a process that went in good order; on SQLite its row says it. */
const LAST_ALIVE = 'last-alive';
const SINCE = 'gap-since';
const UNTIL = 'gap-until';

/** Keeps a gap that ends now; where an older one is open, that one goes on until now. */
export async function noteGap(trx: Kysely<Schema>, aliveMs: readonly number[]): Promise<void> {
  const nowMs = Date.now();
  const lastMs = lastOf([...aliveMs, Number((await factOf(trx, LAST_ALIVE)) ?? 0)], nowMs);
  if (lastMs === undefined || nowMs - lastMs <= GAP_MS) return;
  // In an empty journal nothing tells what is missing from what was there before the bridge.
  const { rows } = await sql<{ value: string }>`
    insert into memory (name, value)
    select ${SINCE}, ${String(lastMs)} where exists (select 1 from message)
    on conflict (name) do update set value = memory.value
    returning value`.execute(trx);
  if (rows.length > 0) await keepFact(trx, UNTIL, String(nowMs));
}

/** A sign of life from the future is of a clock that was set back since: where there is no other, nobody knows since when. */
function lastOf(aliveMs: readonly number[], nowMs: number): number | undefined {
  const all = aliveMs.filter((ms) => ms > 0);
  const believed = all.filter((ms) => ms <= nowMs + GAP_MS);
  if (believed.length > 0) return Math.max(...believed);
  return all.length > 0 ? nowMs - MOST_GAP_MS : undefined;
}

export function stillAlive(trx: Kysely<Schema>): Promise<void> {
  return keepFact(trx, LAST_ALIVE, String(Date.now()));
}

export async function openGap(db: Kysely<Schema>): Promise<Date | undefined> {
  const value = await factOf(db, SINCE);
  return value === undefined ? undefined : new Date(Number(value));
}

/** Only the gap that was made up for, as far as it went then: another one may have been kept meanwhile. */
export async function closeGap(trx: Kysely<Schema>, since: Date, until: Date): Promise<void> {
  const untilMs = Number((await factOf(trx, UNTIL)) ?? 0);
  const isFuture = untilMs > Date.now() + GAP_MS;
  if (untilMs > until.getTime() && !isFuture) return;
  await trx
    .deleteFrom('memory')
    .where('name', '=', SINCE)
    .where('value', '=', String(since.getTime()))
    .execute();
}
