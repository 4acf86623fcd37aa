import { sql, type Kysely } from 'kysely';
import type { Dialect } from './dialect.js';
import type { Schema } from './schema.js';
import type { Placed } from './settlement.js';

/** Adds to the timeline; the end of a try closes what was left open at its begin. */
export async function attempted(
  trx: Kysely<Schema>,
  dialect: Dialect,
  changes: readonly Placed<'attempt'>[],
): Promise<void> {
  if (changes.length === 0) return;
  await closeOpen(
    trx,
    dialect,
    changes.flatMap(({ attempt }) => attempt.partId ?? []),
  );
  await sql`
    insert into attempt (message, part, kind, at_ms, duration_ms, outcome, http_status, error)
    select message, part, kind, at_ms, duration_ms, outcome, http_status, error
    from ${dialect.rows(
      'r',
      {
        message: 'int',
        part: 'int',
        kind: 'text',
        at_ms: 'int',
        duration_ms: 'int',
        outcome: 'text',
        http_status: 'int',
        error: 'text',
      } as const,
      changes.map(({ attempt }) => ({
        message: attempt.messageId,
        part: attempt.partId,
        kind: attempt.kind,
        at_ms: attempt.at.getTime(),
        duration_ms: Math.round(attempt.durationMs),
        outcome: attempt.outcome,
        http_status: attempt.httpStatus,
        error: attempt.error,
      })),
    )} where true`.execute(trx);
}

/** Takes back the trace of sends that did not leave. */
export async function neverBegun(
  trx: Kysely<Schema>,
  dialect: Dialect,
  changes: readonly Placed<'part-not-begun'>[],
): Promise<void> {
  await closeOpen(
    trx,
    dialect,
    changes.map(({ partId }) => partId),
  );
}

async function closeOpen(
  trx: Kysely<Schema>,
  dialect: Dialect,
  parts: readonly number[],
): Promise<void> {
  if (parts.length === 0) return;
  await sql`
    delete from attempt where outcome = 'open' and part in (
      select r.id from ${dialect.rows(
        'r',
        { id: 'int' } as const,
        parts.map((id) => ({ id })),
      )})`.execute(trx);
}
