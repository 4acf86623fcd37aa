import { sql, type Kysely } from 'kysely';
import { amoMessageIdOf, type SourceId } from '../../domain/ids.js';
import type { Arrival, Event, Filed, NoteEvent } from '../../domain/journal.js';
import { wording } from '../../domain/message.js';
import type { Dialect } from './dialect.js';
import { toMessage } from './rows.js';
import type { Schema } from './schema.js';
import type { Placed } from './settlement.js';

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

/** An outbound message that may be one of those that other programs put into the chat. */
interface Suspect {
  readonly id: number;
  readonly conversation: number;
  readonly source_id: string;
  readonly source_ms: number;
  readonly content: string | null;
}

/**
 * Which of these amoCRM may only have sent because we put them into the chat in a manager's name: its hook may come
 * before its answer, and only the answer has the id. Certain where a message of ours has it, possible while one with the
 * same words has not been answered: whether it has left already nobody knows after a crash.
 */
export async function suspectEchoes(
  db: Kysely<Schema>,
  dialect: Dialect,
  rows: readonly Suspect[],
): Promise<ReadonlyMap<number, 'certain' | 'possible'>> {
  const echoes = new Map<number, 'certain' | 'possible'>();
  if (rows.length === 0) return echoes;
  const imports = await db
    .selectFrom('message')
    .select(['conversation', 'peer_id', 'state', 'source_id', 'source_ms', 'content'])
    .where('imported', '=', sql.lit(1))
    .where(
      dialect.oneOf(
        'conversation',
        'int',
        rows.map(({ conversation }) => conversation),
      ),
    )
    .where((eb) =>
      eb.or([
        eb('state', '=', 'waiting'),
        dialect.oneOf(
          'peer_id',
          'text',
          rows.map((row) => amoMessageIdOf(row.source_id as SourceId) ?? ''),
        ),
      ]),
    )
    .execute();
  for (const row of rows) {
    const id = amoMessageIdOf(row.source_id as SourceId);
    const here = imports.filter(({ conversation }) => conversation === row.conversation);
    if (here.some(({ peer_id }) => peer_id !== null && peer_id === id)) {
      echoes.set(row.id, 'certain');
    } else if (here.some((one) => one.state === 'waiting' && saysTheSame(one, row))) {
      echoes.set(row.id, 'possible');
    }
  }
  return echoes;
}

/** amoCRM may give a file another address and name. */
function saysTheSame(one: Omit<Suspect, 'id' | 'conversation'>, other: Suspect): boolean {
  if (one.content === null || other.content === null) return false;
  const [ours, theirs] = [toMessage(one).content, toMessage(other).content];
  return ours.kind === theirs.kind && wording(ours) === wording(theirs);
}

/** What turned out to be ours leaves no trace: a hook that comes again is known by amoCRM's id. */
export async function dropEchoes(
  trx: Kysely<Schema>,
  changes: readonly Placed<'outbound-was-echo'>[],
): Promise<void> {
  const ids = changes.map(({ messageId }) => messageId);
  if (ids.length === 0) return;
  await trx.deleteFrom('attempt').where('message', 'in', ids).execute();
  await trx.deleteFrom('part').where('message', 'in', ids).execute();
  await trx.deleteFrom('message').where('id', 'in', ids).execute();
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
