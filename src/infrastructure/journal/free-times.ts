import { sql, type Kysely } from 'kysely';
import type { Dialect } from './dialect.js';
import type { Placed } from './file-messages.js';
import type { Schema } from './schema.js';

const SECOND_MS = 1_000;

/**
 * The times of messages that were found out later, by their place in the group: their own, or the first one after it
 * that no message of their conversation has, so that two of one second keep their order.
 */
export async function freeTimes(
  trx: Kysely<Schema>,
  dialect: Dialect,
  placed: readonly Placed[],
): Promise<ReadonlyMap<number, number>> {
  const late = placed.filter(({ event }) => event.lateMs !== undefined);
  const times = new Map<number, number>();
  if (late.length === 0) return times;
  const rows = late.map(({ conversation, event }) => ({
    conversation,
    kind: event.type,
    ms: event.message.sentAt.getTime(),
  }));
  const { rows: there } = await sql<{ conversation: number; direction: string; ms: number }>`
    select distinct m.conversation, m.direction, m.source_ms as ms
    from ${dialect.rows('r', { conversation: 'int', kind: 'text', ms: 'int' } as const, rows)}
    join message as m on m.conversation = r.conversation and m.direction = r.kind
      and m.source_ms >= r.ms and m.source_ms < r.ms + ${sql.lit(SECOND_MS)}`.execute(trx);
  const taken = new Set(there.map((row) => keyOf(row.conversation, row.direction, row.ms)));
  for (const { n, conversation, event } of late) {
    let ms = event.message.sentAt.getTime();
    while (taken.has(keyOf(conversation, event.type, ms))) ms += 1;
    taken.add(keyOf(conversation, event.type, ms));
    times.set(n, ms);
  }
  return times;
}

function keyOf(conversation: number, direction: string, ms: number): string {
  return `${conversation}/${direction}/${ms}`;
}
