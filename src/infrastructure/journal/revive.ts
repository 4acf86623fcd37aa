import { sql, type Kysely } from 'kysely';
import type { Dialect } from './dialect.js';
import type { Schema } from './schema.js';

/** A client's message that had failed and comes again gets another turn, behind what came since. */
export async function revive(
  trx: Kysely<Schema>,
  dialect: Dialect,
  rows: readonly { n: number; line: string; source_id: string; seq: number; source_ms: number }[],
): Promise<Set<number>> {
  if (rows.length === 0) return new Set();
  const { rows: revived } = await sql<{ line: string; source_id: string }>`
    update message set state = 'waiting', seq = r.seq, source_ms = r.source_ms, accepted_at = ${dialect.now()}, tries = 0,
      reason = null, failing_at = null, unknown_at = null
    from ${dialect.rows('r', { line: 'text', source_id: 'text', seq: 'int', source_ms: 'int' } as const, rows)}
    where message.source_id = r.source_id and message.direction = 'inbound'
      and message.line = r.line and message.state = 'failed'
    returning message.line, message.source_id`.execute(trx);
  const keys = new Set(revived.map((row) => JSON.stringify([row.line, row.source_id])));
  return new Set(
    rows.filter((row) => keys.has(JSON.stringify([row.line, row.source_id]))).map(({ n }) => n),
  );
}
