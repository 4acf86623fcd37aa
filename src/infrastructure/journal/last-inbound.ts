import { sql, type Kysely } from 'kysely';
import { isFromApi } from '../../domain/ids.js';
import type { Dialect } from './dialect.js';
import type { Placed } from './file-messages.js';
import type { Schema } from './schema.js';

/** A conversation in full flow is not written at every message. */
const GRAIN_MS = 60_000;

/**
 * Keeps when clients wrote last, by our clock: edna calls within a second, and a clock of its own that is behind, or a
 * zone it got wrong, would close the window early; one that is ahead would keep it open for another day. What was found
 * out later counts from when it was written: the messenger's own window does. Never goes back.
 */
export async function keepLastInbound(
  trx: Kysely<Schema>,
  dialect: Dialect,
  fresh: readonly Placed[],
): Promise<void> {
  const last = new Map<number, { ms: number; late: number; waited_ms: number }>();
  for (const { event, conversation, waitedMs = 0 } of fresh) {
    // What another program puts into the chat opens no window at the messenger.
    if (event.type !== 'inbound' || isFromApi(event.message.sourceId)) continue;
    const before = last.get(conversation);
    last.set(conversation, {
      ms: Math.max(event.message.sentAt.getTime(), before?.ms ?? 0),
      late: event.lateMs !== undefined && before?.late !== 0 ? 1 : 0,
      waited_ms: Math.min(Math.floor(waitedMs), before?.waited_ms ?? Infinity),
    });
  }
  if (last.size === 0) return;
  const rows = [...last].sort(([a], [b]) => a - b).map(([id, when]) => ({ id, ...when }));
  const at = sql`case when r.late = 1 and r.ms < ${dialect.now()} then r.ms else ${dialect.now()} - r.waited_ms end`;
  await sql`
    update conversation set last_inbound_ms = ${at}
    from ${dialect.rows('r', { id: 'int', ms: 'int', late: 'int', waited_ms: 'int' } as const, rows)}
    where conversation.id = r.id
      and (last_inbound_ms is null
        or last_inbound_ms + ${sql.lit(GRAIN_MS)} < ${at})`.execute(trx);
}
