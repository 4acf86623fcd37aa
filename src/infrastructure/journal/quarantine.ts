import { sql, type Kysely } from 'kysely';
import type { ScopeId } from '../../domain/ids.js';
import type { Arrival, Origin, Quarantined } from '../../domain/journal.js';
import type { Schema } from './schema.js';

/** The most bodies it holds; the oldest give way. With 1 MiB a body at worst, and about 1 KiB as a rule. */
const QUARANTINE_ENTRIES = 10_000;

/** Rows a statement: SQLite takes 32,766 values in one. */
const ROWS = 500;

/** Keeps those of the arrivals that could not be filed. */
export async function keepQuarantined(
  trx: Kysely<Schema>,
  arrivals: readonly Arrival[],
): Promise<void> {
  const entries = arrivals.flatMap(({ event, origin, raw }) =>
    event.type === 'quarantine'
      ? [
          {
            at_ms: Date.now(),
            reason: event.reason,
            webhook: origin.webhook,
            scope_id: origin.scopeId ?? null,
            opened: origin.opened ? JSON.stringify(origin.opened) : null,
            raw,
          },
        ]
      : [],
  );
  if (entries.length === 0) return;
  for (let i = 0; i < entries.length; i += ROWS) {
    await trx
      .insertInto('quarantine')
      .values(entries.slice(i, i + ROWS))
      .execute();
  }
  await sql`
    delete from quarantine
    where id <= (select max(id) from quarantine) - ${sql.lit(QUARANTINE_ENTRIES)}`.execute(trx);
}

/** Entries, newest first, or those older than `before`. */
export async function listQuarantined(
  db: Kysely<Schema>,
  most: number,
  before?: number,
): Promise<Quarantined[]> {
  const rows = await db
    .selectFrom('quarantine')
    .selectAll()
    .$if(before !== undefined, (query) => query.where('id', '<', before as number))
    .orderBy('id', 'desc')
    .limit(most)
    .execute();
  return rows.map(toQuarantined);
}

export async function oneQuarantined(
  db: Kysely<Schema>,
  id: number,
): Promise<Quarantined | undefined> {
  const row = await db.selectFrom('quarantine').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toQuarantined(row);
}

function toQuarantined(row: {
  id: number;
  at_ms: number;
  reason: string;
  webhook: string;
  scope_id: string | null;
  opened: string | null;
  raw: Buffer;
}): Quarantined {
  const opened = row.opened === null ? undefined : (JSON.parse(row.opened) as ScopeId[]);
  return {
    id: row.id,
    at: new Date(row.at_ms),
    reason: row.reason,
    origin: {
      webhook: row.webhook as Origin['webhook'],
      scopeId: row.scope_id ?? undefined,
      ...(opened && { opened }),
    },
    raw: row.raw,
  };
}
