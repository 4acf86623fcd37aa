import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { LineKey } from '../../domain/ids.js';
import {
  UPSTREAM,
  type Gate,
  type Lane,
  type LaneKind,
  type OpenGate,
} from '../../domain/journal.js';
import type { Dialect } from './dialect.js';
import type { Schema } from './schema.js';

/**
 * Takes due lanes behind gates, each gate's longest due first. Where there are more than `most`, gates share evenly; of
 * those that are left over after that the first in the list have one each.
 */
export async function claimDue(
  trx: Kysely<Schema>,
  dialect: Dialect,
  gates: readonly OpenGate[],
  owner: string,
  most: number,
): Promise<Lane[]> {
  const claimed: Lane[] = [];
  // Mostly nothing is due behind most of them, and to see that costs a tenth of trying to take it.
  const busy = gates.length > 1 ? await whereDue(trx, dialect, gates) : gates;
  let wanting = busy.map((gate) => ({ ...gate, room: gate.room ?? most }));
  while (wanting.length > 0 && claimed.length < most) {
    const left = most - claimed.length;
    const share = Math.max(1, Math.floor(left / wanting.length));
    const round = wanting
      .slice(0, left)
      .map((gate) => ({ ...gate, asks: Math.min(gate.room, share) }));
    const lanes = await takeDue(trx, dialect, round, owner);
    claimed.push(...lanes);
    const taken = Map.groupBy(lanes, ({ line, kind }) => `${UPSTREAM[kind]}/${line}`);
    const full = round.flatMap(({ asks, ...gate }) => {
      const room = gate.room - asks;
      const isFull = taken.get(`${gate.upstream}/${gate.line}`)?.length === asks;
      return isFull && room > 0 ? [{ ...gate, room }] : [];
    });
    wanting = [...wanting.slice(left), ...full];
  }
  return claimed;
}

const GATE = { n: 'int', line: 'text', upstream: 'text' } as const;

function gateRows(dialect: Dialect, gates: readonly Gate[]) {
  return dialect.rows(
    'r',
    GATE,
    gates.map(({ line, upstream }, n) => ({ n, line, upstream })),
  );
}

const isDue = (dialect: Dialect) => sql`owner is null and due_at <= ${dialect.now()}`;

/** Of the lanes behind a gate of `gateRows`. */
function isDueThere(dialect: Dialect) {
  return sql`line = r.line and upstream = r.upstream and ${isDue(dialect)}`;
}

async function whereDue<G extends Gate>(
  trx: Kysely<Schema>,
  dialect: Dialect,
  gates: readonly G[],
): Promise<readonly G[]> {
  const { rows } = await sql<{ n: number }>`
    select r.n from ${gateRows(dialect, gates)}
    where exists (select 1 from lane where ${isDueThere(dialect)}) order by r.n`.execute(trx);
  return rows.flatMap(({ n }) => gates[n] ?? []);
}

async function takeDue(
  trx: Kysely<Schema>,
  dialect: Dialect,
  gates: readonly (Gate & { readonly asks: number })[],
  owner: string,
): Promise<Lane[]> {
  const [only] = gates;
  if (only && gates.length === 1) return takeBehind(trx, dialect, only, owner);
  const lanes: Lane[] = [];
  for (const [asks, some] of Map.groupBy(gates, (gate) => gate.asks)) {
    const due = sql`from lane where ${isDueThere(dialect)} order by due_at limit ${asks}`;
    // The CTE is worked out once, however the store would rather join it: another time it would take others.
    const { rows } = await sql<ClaimedRow>`
      with due as materialized (
        select l.conversation, l.kind from ${gateRows(dialect, some)} ${dialect.lanesOfEach('l', due)})
      update lane set owner = ${owner}, token = token + 1
      from due where lane.conversation = due.conversation and lane.kind = due.kind
      returning lane.conversation, lane.kind, lane.line, lane.token, lane.accepted_seq`.execute(
      trx,
    );
    lanes.push(...rows.map(toLane));
  }
  return lanes;
}

/** As with one line: without a table of gates it costs a quarter. */
function takeBehind(
  trx: Kysely<Schema>,
  dialect: Dialect,
  { line, upstream, asks }: Gate & { readonly asks: number },
  owner: string,
): Promise<Lane[]> {
  return takeThose(
    trx,
    owner,
    sql`select conversation, kind from lane
      where line = ${line} and upstream = ${upstream} and ${isDue(dialect)}
      order by due_at limit ${asks} ${dialect.skipLocked}`,
  );
}

/** Takes lanes in which a manager's message has waited too long, due or not. */
export function claimOverdue(
  trx: Kysely<Schema>,
  dialect: Dialect,
  line: LineKey,
  waitedMs: number,
  owner: string,
  most: number,
): Promise<Lane[]> {
  return takeThose(
    trx,
    owner,
    sql`select conversation, kind from lane
      where kind = 'outbound' and owner is null and due_at is not null and conversation in (
        select conversation from message
        where direction = 'outbound' and line = ${line} and state = 'waiting'
          and accepted_at <= ${dialect.now()} - ${sql.lit(Math.floor(waitedMs))}
        order by accepted_at limit ${most})
      ${dialect.skipLocked}`,
  );
}

/** @param found conversation and kind of lanes that are locked */
async function takeThose(
  trx: Kysely<Schema>,
  owner: string,
  found: RawBuilder<unknown>,
): Promise<Lane[]> {
  const { rows } = await sql<ClaimedRow>`
    update lane set owner = ${owner}, token = token + 1
    where (conversation, kind) in (${found})
    returning conversation, kind, line, token, accepted_seq`.execute(trx);
  return rows.map(toLane);
}

interface ClaimedRow {
  conversation: number;
  kind: string;
  line: string;
  token: number;
  accepted_seq: number;
}

function toLane(row: ClaimedRow): Lane {
  return {
    conversation: row.conversation,
    kind: row.kind as LaneKind,
    line: row.line as LineKey,
    token: row.token,
    acceptedSeq: row.accepted_seq,
  };
}
