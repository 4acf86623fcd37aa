import { readFileSync } from 'node:fs';
import { sql, type Kysely } from 'kysely';
import type { JournalClock } from './clock.js';
import { factOf, keepFact } from './memory.js';
import type { Schema } from './schema.js';

/*
 * The time between two processes on SQLite. The wall clock bridges it, but it can be set meanwhile, or since the last
 * heartbeat. Where the machine has not been started anew, its monotonic clock, which all its processes share, says how
 * long it really was.
 */

const ALIVE = 'alive-at-uptime';

/** What the wall clock may differ by without having been set: it is slewed, and read at another moment. */
const SET_MS = 1_000;

interface Alive {
  readonly boot: string;
  readonly uptimeMs: number;
  readonly journalMs: number;
}

/** To be called with every heartbeat. */
export async function noteUptime(trx: Kysely<Schema>, clock: JournalClock): Promise<void> {
  const alive: Alive = { boot: thisBoot(), uptimeMs: uptimeMs(), journalMs: clock.now() };
  await keepFact(trx, ALIVE, JSON.stringify(alive));
}

/** Has what waits wait no longer than it did, where the journal's clock has gone on by more than the time that passed. */
export async function skipJump(trx: Kysely<Schema>, clock: JournalClock): Promise<void> {
  const kept = await factOf(trx, ALIVE);
  const last = kept === undefined ? undefined : (JSON.parse(kept) as Alive);
  if (!last || last.boot === '' || last.boot !== thisBoot()) return;
  const passedMs = Math.max(0, uptimeMs() - last.uptimeMs);
  const jumpMs = Math.floor(clock.now() - last.journalMs - passedMs);
  if (jumpMs < SET_MS) return;
  const by = sql.lit(jumpMs);
  await sql`update message set accepted_at = accepted_at + ${by}, failing_at = failing_at + ${by},
    unknown_at = unknown_at + ${by} where state = 'waiting'`.execute(trx);
  await sql`update message set report_failing_at = report_failing_at + ${by}
    where report_failing_at is not null`.execute(trx);
  await sql`update inbox set received_at = received_at + ${by}`.execute(trx);
  await sql`update part set unknown_at = unknown_at + ${by} where unknown_at is not null`.execute(
    trx,
  );
}

function uptimeMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/** Empty where the system does not say: then no two processes are known to be of one. */
function thisBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
