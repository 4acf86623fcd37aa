import { sql, type Kysely } from 'kysely';
import type { Dialect } from './database.js';
import type { Placed } from './file-messages.js';
import type { Schema } from './schema.js';

/** A conversation in full flow is not written at every message. */
const GRAIN_MS = 60_000;

/**
 * Keeps when clients wrote last, by our clock: edna calls within a second, and a clock of its own that is behind, or a
 * zone it got wrong, would close the window early; one that is ahead would keep it open for another day.
 */
export async function keepLastInbound(
  trx: Kysely<Schema>,
  dialect: Dialect,
  fresh: readonly Placed[],
): Promise<void> {
  const wrote = fresh.filter(({ event }) => event.type === 'inbound');
  const ids = new Set(wrote.map(({ conversation }) => conversation));
  if (ids.size === 0) return;
  const rows = [...ids].sort((a, b) => a - b).map((id) => ({ id }));
  await sql`
    update conversation set last_inbound_ms = ${dialect.now()}
    from ${dialect.rows('r', { id: 'int' } as const, rows)}
    where conversation.id = r.id
      and (last_inbound_ms is null
        or last_inbound_ms + ${sql.lit(GRAIN_MS)} < ${dialect.now()})`.execute(trx);
}
