import { sql, type Kysely } from 'kysely';
import type { Dialect } from './database.js';
import type { Placed } from './file-messages.js';
import type { Schema } from './schema.js';

/** A conversation in full flow is not written at every message. */
const GRAIN_MS = 60_000;

/**
 * Keeps when clients wrote last: as edna says, or when it was accepted, whichever is later, so that a clock of
 * edna's that is behind, or a zone it got wrong, closes no window early. Never goes back.
 */
export async function keepLastInbound(
  trx: Kysely<Schema>,
  dialect: Dialect,
  fresh: readonly Placed[],
): Promise<void> {
  const last = new Map<number, number>();
  for (const { event, conversation } of fresh) {
    if (event.type !== 'inbound') continue;
    const at = event.message.sentAt.getTime();
    last.set(conversation, Math.max(at, last.get(conversation) ?? 0));
  }
  if (last.size === 0) return;
  const rows = [...last].sort(([a], [b]) => a - b).map(([id, ms]) => ({ id, ms }));
  const at = sql`case when r.ms > ${dialect.now()} then r.ms else ${dialect.now()} end`;
  await sql`
    update conversation set last_inbound_ms = ${at}
    from ${dialect.rows('r', { id: 'int', ms: 'int' } as const, rows)}
    where conversation.id = r.id
      and (last_inbound_ms is null or last_inbound_ms + ${sql.lit(GRAIN_MS)} < ${at})`.execute(trx);
}
