import { sql, type Kysely } from 'kysely';
import type { LineKey } from '../../domain/ids.js';
import {
  UPSTREAM,
  type Lane,
  type LaneKind,
  type Release,
  type Released,
} from '../../domain/journal.js';
import type { Dialect } from './dialect.js';
import type { Schema } from './schema.js';

/*
 * Lanes: what waits of one conversation in one direction. Every transaction that writes locks the lanes it is about
 * before it touches a message, in the order of `inOrder`, so that two of them never wait for each other.
 */

export interface LaneId {
  readonly conversation: number;
  readonly kind: LaneKind;
}

const LANE = { n: 'int', conversation: 'int', kind: 'text' } as const;

export function keyOf(lane: LaneId): string {
  return `${lane.conversation}/${lane.kind}`;
}

/** Each lane once (the first of its entries), in the one order in which lanes are locked. */
function inOrder<T extends LaneId>(lanes: readonly T[]): T[] {
  const once = new Map<string, T>();
  for (const lane of lanes) if (!once.has(keyOf(lane))) once.set(keyOf(lane), lane);
  return [...once.values()].sort(
    (a, b) => a.conversation - b.conversation || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0),
  );
}

/**
 * Locks lanes, making those that are new, and fills them by `adds` messages each.
 * A lane that gets something and had nothing becomes due at once; one that waits for a time goes on waiting.
 * @returns by `keyOf`: how far each is filled now, and the time of its last message
 */
export async function fillLanes(
  trx: Kysely<Schema>,
  dialect: Dialect,
  lanes: readonly (LaneId & { readonly line: LineKey; readonly adds: number })[],
): Promise<Map<string, { acceptedSeq: number; lastMs: number }>> {
  if (lanes.length === 0) return new Map();
  const values = inOrder(lanes).map((lane, n) => ({
    n,
    conversation: lane.conversation,
    kind: lane.kind,
    line: lane.line,
    upstream: UPSTREAM[lane.kind],
    adds: lane.adds,
  }));
  const rows = dialect.rows(
    'r',
    { ...LANE, line: 'text', upstream: 'text', adds: 'int' } as const,
    values,
  );
  const { rows: filled } = await sql<{
    conversation: number;
    kind: string;
    accepted_seq: number;
    last_ms: number;
  }>`
    insert into lane (conversation, kind, line, upstream, accepted_seq, due_at)
    select r.conversation, r.kind, r.line, r.upstream, r.adds,
      case when r.adds > 0 then ${dialect.now()} end
    from ${rows} where true order by r.n
    on conflict (conversation, kind) do update set
      accepted_seq = lane.accepted_seq + excluded.accepted_seq,
      due_at = coalesce(lane.due_at, excluded.due_at)
    returning conversation, kind, accepted_seq, last_ms`.execute(trx);
  return new Map(
    filled.map((row) => [
      keyOf({ conversation: row.conversation, kind: row.kind as LaneKind }),
      { acceptedSeq: row.accepted_seq, lastMs: row.last_ms },
    ]),
  );
}

/** Waits for everybody else who is writing about these lanes. */
export async function lockLanes(
  trx: Kysely<Schema>,
  dialect: Dialect,
  lanes: readonly LaneId[],
): Promise<void> {
  // One transaction at a time writes to SQLite anyway.
  if (dialect.name === 'sqlite') return;
  const values = inOrder(lanes).map(({ conversation, kind }, n) => ({ n, conversation, kind }));
  await sql`
    select lane.conversation from lane
    join ${dialect.rows('r', LANE, values)} on lane.conversation = r.conversation and lane.kind = r.kind
    order by r.n ${dialect.forUpdate('lane')}`.execute(trx);
}

/**
 * Waits for everybody else who is filing under these names, where no row stands for them yet.
 * To be called before any lane is locked.
 */
export async function lockNames(
  trx: Kysely<Schema>,
  dialect: Dialect,
  names: readonly string[],
): Promise<void> {
  if (dialect.name === 'sqlite' || names.length === 0) return;
  const values = [...new Set(names)].sort().map((name, n) => ({ n, name }));
  await sql`
    select pg_advisory_xact_lock(hashtextextended(name, 0)) from (
      select name from ${dialect.rows('r', { n: 'int', name: 'text' } as const, values)} order by n) as names`.execute(
    trx,
  );
}

/** Makes lanes due now: something in them may move that could not before. */
export async function wakeLanes(
  trx: Kysely<Schema>,
  dialect: Dialect,
  lanes: readonly LaneId[],
): Promise<void> {
  if (lanes.length === 0) return;
  const values = lanes.map(({ conversation, kind }, n) => ({ n, conversation, kind }));
  await sql`
    update lane set due_at = ${dialect.now()}, held_by = null
    from ${dialect.rows('r', LANE, values)}
    where lane.conversation = r.conversation and lane.kind = r.kind and lane.due_at is not null`.execute(
    trx,
  );
}

/**
 * Gives lanes back. A lane is idle only if nothing was accepted since its work was read: compared and set in one
 * statement on the row itself, never through a subquery, which on PostgreSQL would see an older state of it.
 */
export async function releaseLanes(
  trx: Kysely<Schema>,
  dialect: Dialect,
  owner: string,
  releases: readonly { readonly lane: Lane; readonly release: Release }[],
): Promise<Map<string, Released>> {
  const result = new Map<string, Released>();
  if (releases.length === 0) return result;
  const rows = dialect.rows(
    'r',
    { ...LANE, token: 'int', seq: 'int', after_ms: 'int', held_by: 'int' } as const,
    releases.map(({ lane, release }, n) => ({
      n,
      conversation: lane.conversation,
      kind: lane.kind,
      token: lane.token,
      seq: 'until' in release ? lane.acceptedSeq : null,
      after_ms: 'afterMs' in release ? Math.ceil(release.afterMs) : null,
      held_by: 'forReceiptOf' in release ? release.forReceiptOf : null,
    })),
  );
  const now = dialect.now();
  const { rows: given } = await sql<{ conversation: number; kind: string }>`
    update lane set owner = null,
      held_by = r.held_by,
      due_at = case
        when r.after_ms is null then null
        when r.held_by is not null
          and exists (select 1 from part where part.id = r.held_by and part.status is not null)
          then ${now}
        else ${now} + r.after_ms end
    from ${rows}
    where lane.conversation = r.conversation and lane.kind = r.kind and lane.token = r.token
      and coalesce(lane.owner, '') = ${owner} and (r.seq is null or lane.accepted_seq = r.seq)
    returning lane.conversation, lane.kind`.execute(trx);
  for (const row of given) {
    result.set(keyOf({ conversation: row.conversation, kind: row.kind as LaneKind }), 'released');
  }
  for (const { lane } of releases) {
    if (result.has(keyOf(lane))) continue;
    const current = await trx
      .selectFrom('lane')
      .select(['token', 'owner'])
      .where('conversation', '=', lane.conversation)
      .where('kind', '=', lane.kind)
      .executeTakeFirst();
    result.set(keyOf(lane), current?.token === lane.token ? ended(current.owner, owner) : 'lost');
  }
  return result;
}

/** A release that is repeated, because its answer was lost, finds the lane given back already. */
function ended(owner: string | null, us: string): Released {
  if (owner === null) return 'released';
  return owner === us ? 'more' : 'lost';
}

/**
 * A report that was under way when its process was killed may still be read by amoCRM, after one that is sent now: a mark
 * would fall. By then the call would have been given up: it has 6 s, and a second is for the way.
 */
const REPORT_UNDER_WAY_MS = 7_000;

/** Frees every lane of processes that were killed; their reports wait until none is under way any more. */
export async function freeKilledLanes(
  trx: Kysely<Schema>,
  dialect: Dialect,
  owned: ReturnType<typeof sql<boolean>>,
): Promise<void> {
  await sql`
    update lane set due_at = ${dialect.now()} + ${sql.lit(REPORT_UNDER_WAY_MS)}
    where kind = 'status' and due_at is not null and owner is not null and ${owned}`.execute(trx);
  await freeLanes(trx, owned);
}

/** Makes what waits for a time due, but for reports that may be under way. */
export async function hurryLanes(trx: Kysely<Schema>, dialect: Dialect): Promise<void> {
  const now = dialect.now();
  const latest = sql`${now} + case when kind = 'status' then ${sql.lit(REPORT_UNDER_WAY_MS)} else 0 end`;
  await sql`update lane set due_at = ${latest} where due_at > ${latest}`.execute(trx);
}

/** Frees every lane of these owners. A former owner's word about them is void from here on. */
export async function freeLanes(
  trx: Kysely<Schema>,
  owned: ReturnType<typeof sql<boolean>>,
): Promise<number> {
  const { numAffectedRows } = await sql`
    update lane set owner = null, token = token + 1 where owner is not null and ${owned}`.execute(
    trx,
  );
  return Number(numAffectedRows ?? 0);
}
