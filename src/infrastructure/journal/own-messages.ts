import { sql, type Kysely } from 'kysely';
import { amoMessageIdOf } from '../../domain/ids.js';
import type { Arrival, Event, Filed, NoteEvent } from '../../domain/journal.js';
import type { Dialect } from './database.js';
import type { Schema } from './schema.js';

/* What amoCRM tells of messages that are in the journal already. */

/**
 * Hooks about messages that we put into the chat ourselves: amoCRM gave the client's message that id. Sent on, the
 * client would read his own words as the manager's.
 */
export async function findEchoes(
  trx: Kysely<Schema>,
  dialect: Dialect,
  arrivals: readonly Arrival[],
): Promise<ReadonlySet<Event>> {
  const hooks = arrivals.flatMap(({ event }) => {
    const id = event.type === 'outbound' ? amoMessageIdOf(event.message.sourceId) : undefined;
    return id === undefined ? [] : [{ id, event }];
  });
  if (hooks.length === 0) return new Set();
  const { rows } = await sql<{ peer_id: string }>`
    select peer_id from message where peer_id in (
      select r.id from ${dialect.rows(
        'r',
        { id: 'text' } as const,
        hooks.map(({ id }) => ({ id })),
      )})`.execute(trx);
  const own = new Set(rows.map(({ peer_id }) => peer_id));
  return new Set<Event>(hooks.filter(({ id }) => own.has(id)).map(({ event }) => event));
}

/** Puts a deed on the timeline of its message, once. Rare, so one by one. */
export async function note(
  trx: Kysely<Schema>,
  dialect: Dialect,
  { crmMessageId, sourceId, what, at }: NoteEvent,
): Promise<Filed> {
  const { rows } = await sql<{ id: number }>`
    select id from message where source_id = ${sourceId} and direction = 'outbound'
    union select id from message where peer_id = ${crmMessageId}`.execute(trx);
  const message = rows[0]?.id;
  if (message === undefined) return 'unknown';
  const { rows: written } = await sql`
    insert into attempt (message, kind, at_ms, outcome)
    select r.message, r.kind, r.at_ms, 'noted'
    from ${dialect.rows('r', { message: 'int', kind: 'text', at_ms: 'int' } as const, [
      { message, kind: what, at_ms: at.getTime() },
    ])}
    where not exists (select 1 from attempt as a
      where a.message = r.message and a.kind = r.kind and a.at_ms = r.at_ms)
    returning id`.execute(trx);
  return written.length > 0 ? 'new' : 'repeat';
}
