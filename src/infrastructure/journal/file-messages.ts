import { sql, type Kysely } from 'kysely';
import { amoMessageIdOf, type LineKey } from '../../domain/ids.js';
import type { Filed, InboundEvent, OutboundEvent } from '../../domain/journal.js';
import { captionedOnce } from './captions.js';
import { freeTimes } from './free-times.js';
import type { Dialect } from './dialect.js';
import { fileEdits } from './edits.js';
import { noteCopies } from './files.js';
import { keyOf, type LaneId } from './lanes.js';
import { revive } from './revive.js';
import { toContent } from './rows.js';
import type { Schema } from './schema.js';

export type MessageEvent = InboundEvent | OutboundEvent;

/** A message, and the conversation it belongs to. */
export interface Placed {
  readonly n: number;
  readonly event: MessageEvent;
  readonly conversation: number;
  /** How long it lay in the inbox. */
  readonly waitedMs?: number;
}

function laneOf({ event, conversation }: Placed): LaneId {
  return { conversation, kind: event.type };
}

/** One entry a lane, before lanes that receipts lock: what fills a lane counts, not what merely locks it. */
export function countPerLane(
  placed: readonly Placed[],
): (LaneId & { line: LineKey; adds: number })[] {
  const counts = new Map<string, LaneId & { line: LineKey; adds: number }>();
  for (const message of placed) {
    const lane = laneOf(message);
    const adds = (counts.get(keyOf(lane))?.adds ?? 0) + 1;
    counts.set(keyOf(lane), { ...lane, line: message.event.line, adds });
  }
  return [...counts.values()];
}

const MESSAGE = {
  n: 'int',
  conversation: 'int',
  line: 'text',
  direction: 'text',
  source_id: 'text',
  seq: 'int',
  content: 'text',
  source_ms: 'int',
  late_ms: 'int',
  reportable: 'int',
  imported: 'int',
} as const;

/** Gives each message its place in its lane and stores those that are new. */
export async function fileMessages(
  trx: Kysely<Schema>,
  dialect: Dialect,
  arrived: readonly Placed[],
  lanes: ReadonlyMap<string, { acceptedSeq: number; lastMs: number }>,
): Promise<{ n: number; filed: Filed }[]> {
  if (arrived.length === 0) return [];
  const placed = await captionedOnce(trx, dialect, arrived);
  const left = new Map(countPerLane(placed).map((lane) => [keyOf(lane), lane.adds]));
  const last = new Map([...lanes].map(([key, { lastMs }]) => [key, lastMs]));
  const ownTimes = await freeTimes(trx, dialect, placed);
  const once = new Set<string>();
  const rows = placed.map((message) => {
    const { n, event, conversation, waitedMs = 0 } = message;
    const key = keyOf(laneOf(message));
    const toCome = (left.get(key) ?? 1) - 1;
    left.set(key, toCome);
    const sourceId = event.message.sourceId;
    const repeated = once.has(idOf(event.line, event.type, sourceId));
    once.add(idOf(event.line, event.type, sourceId));
    // edna's times are whole seconds; amoCRM shows messages of one moment in any order.
    const sentMs = event.message.sentAt.getTime();
    const lastMs = last.get(key) ?? 0;
    const keepsTime = event.type === 'inbound' && event.keepsTime === true && sentMs < lastMs;
    const sourceMs = ownTimes.get(n) ?? (keepsTime ? sentMs : Math.max(sentMs, lastMs + 1));
    if (!repeated) last.set(key, Math.max(sourceMs, lastMs));
    return {
      n,
      event,
      repeated,
      conversation,
      line: event.line,
      direction: event.type,
      source_id: sourceId,
      seq: (lanes.get(key)?.acceptedSeq ?? 0) - toCome,
      content: toContent(event.message, sourceMs),
      source_ms: sourceMs,
      late_ms: Math.floor(waitedMs + (event.type === 'outbound' ? (event.lateMs ?? 0) : 0)),
      last_ms: Math.max(sourceMs, lastMs),
      imported: event.message.author === undefined ? 0 : 1,
      reportable: event.type === 'outbound' && amoMessageIdOf(sourceId) !== undefined ? 1 : 0,
    };
  });
  const fresh = rows.filter(({ repeated }) => !repeated);
  const { rows: inserted } = await sql<{
    id: number;
    line: string;
    direction: string;
    source_id: string;
  }>`
    insert into message
      (conversation, line, direction, source_id, seq, content, source_ms, accepted_at, state, reportable, imported)
    select conversation, line, direction, source_id, seq, content, source_ms, ${dialect.now()} - late_ms, 'waiting', reportable, imported
    from ${dialect.rows('r', MESSAGE, fresh)} where true order by n
    on conflict (source_id, direction, line) do nothing
    returning id, line, direction, source_id`.execute(trx);
  const ids = new Map(
    inserted.map((row) => [idOf(row.line, row.direction, row.source_id), row.id]),
  );
  const idOfRow = (row: (typeof rows)[number]) =>
    row.repeated ? undefined : ids.get(idOf(row.line, row.direction, row.source_id));

  await insertParts(
    trx,
    dialect,
    rows.flatMap((row) => {
      const message = idOfRow(row);
      return message !== undefined && row.event.type === 'outbound'
        ? row.event.requestIds.map((request_id, i) => ({ message, number: i + 1, request_id }))
        : [];
    }),
  );
  await noteCopies(
    trx,
    dialect,
    rows.flatMap((row) => {
      const id = idOfRow(row);
      return id === undefined || row.direction !== 'inbound'
        ? []
        : { id, message: row.event.message };
    }),
  );
  const again = rows.filter((row) => idOfRow(row) === undefined && row.event.type === 'inbound');
  const corrected = await fileEdits(trx, dialect, again);
  const revived = await revive(
    trx,
    dialect,
    again.filter((row) => !row.repeated && !corrected.has(row.n)),
  );
  const become = (row: (typeof rows)[number]): Filed => {
    if (idOfRow(row) !== undefined) return 'new';
    return corrected.get(row.n) ?? (revived.has(row.n) ? 'revived' : 'repeat');
  };
  await keepTimes(
    trx,
    dialect,
    rows.filter((row) => become(row) !== 'repeat'),
  );
  return rows.map((row) => ({ n: row.n, filed: become(row) }));
}

function idOf(line: string, direction: string, sourceId: string): string {
  return JSON.stringify([line, direction, sourceId]);
}

async function keepTimes(
  trx: Kysely<Schema>,
  dialect: Dialect,
  rows: readonly { conversation: number; direction: string; last_ms: number }[],
): Promise<void> {
  const times = new Map<string, { conversation: number; kind: string; last_ms: number }>();
  for (const { conversation, direction: kind, last_ms } of rows) {
    const key = `${conversation}/${kind}`;
    const latest = Math.max(last_ms, times.get(key)?.last_ms ?? 0);
    times.set(key, { conversation, kind, last_ms: latest });
  }
  if (times.size === 0) return;
  await sql`
    update lane set last_ms = r.last_ms
    from ${dialect.rows('r', { conversation: 'int', kind: 'text', last_ms: 'int' } as const, [...times.values()])}
    where lane.conversation = r.conversation and lane.kind = r.kind and lane.last_ms < r.last_ms`.execute(
    trx,
  );
}

async function insertParts(
  trx: Kysely<Schema>,
  dialect: Dialect,
  parts: readonly { message: number; number: number; request_id: string }[],
): Promise<void> {
  if (parts.length === 0) return;
  await sql`
    insert into part (message, number, generation, request_id, state)
    select message, number, 0, request_id, 'waiting'
    from ${dialect.rows('r', { message: 'int', number: 'int', request_id: 'text' } as const, parts)}
    where true order by message, number`.execute(trx);
}
