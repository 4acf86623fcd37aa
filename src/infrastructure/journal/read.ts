import { sql, type Kysely, type Selectable } from 'kysely';
import type { Conversation } from '../../domain/conversation.js';
import type { DeliveryStatus } from '../../domain/delivery-status.js';
import type { RequestId, SourceId } from '../../domain/ids.js';
import type { Lane, Part, Work } from '../../domain/journal.js';
import { toParts, type Content } from '../../domain/message.js';
import type { Route } from '../../domain/ports.js';
import { reasonOf } from '../../domain/session-window.js';
import type { Dialect } from './dialect.js';
import { suspectEchoes } from './own-messages.js';
import { linkQuotes } from './quotes.js';
import { toConversation, toMessage, toReason } from './rows.js';
import type { ConversationTable, MessageTable, Schema } from './schema.js';

/** A message and its conversation; besides their ids they have only the line in common. */
type Row = {
  n: number;
  lane_seq: number;
  now: number;
  /** Whether programs have put anything into the chat of this conversation. */
  has_imports: boolean | number;
  id: number | null;
} & Omit<Selectable<MessageTable>, 'id'> &
  Omit<Selectable<ConversationTable>, 'id' | 'menu'>;

/**
 * The first works of each lane, in order. How far a lane is filled is read in the same statement as its messages:
 * read apart, a message accepted between the two would count as seen.
 */
export async function readWorks(
  db: Kysely<Schema>,
  dialect: Dialect,
  lanes: readonly Lane[],
  most: number,
): Promise<Work[][]> {
  const works: Work[][] = lanes.map(() => []);
  const numbered = lanes.map((lane, n) => ({ lane, n }));
  const routed = await readMessages(
    db,
    dialect,
    numbered.filter(({ lane }) => lane.kind !== 'status'),
    sql`select w.id from message as w
      where w.conversation = r.conversation and w.direction = r.kind and w.state = 'waiting'
      order by w.seq limit ${sql.lit(most)}`,
  );
  const unreported = await readMessages(
    db,
    dialect,
    numbered.filter(({ lane }) => lane.kind === 'status'),
    sql`select w.id from message as w
      where w.conversation = r.conversation and w.report_due = 1
      order by w.id limit ${sql.lit(most)}`,
  );
  for (const row of [...routed, ...unreported]) {
    const lane = lanes[row.n];
    if (lane) lane.acceptedSeq = row.lane_seq;
  }
  const isThere = (row: Row): row is Row & { id: number } => row.id !== null;
  const messages = routed.filter(isThere);
  const reports = unreported.filter(isThere);
  for (const row of reports) works[row.n]?.push(toReport(row, row.id));

  const parts = await readParts(
    db,
    dialect,
    messages.filter((row) => row.direction === 'outbound'),
  );
  const echoes = await suspectEchoes(
    db,
    dialect,
    messages.filter((row) => row.direction === 'outbound' && Boolean(row.has_imports)),
  );
  const inbound = messages.filter((row) => row.direction === 'inbound');
  const quotes = await linkQuotes(db, inbound);
  for (const row of messages) {
    const quote = quotes.get(row.id);
    const message = toMessage(row);
    const echo = echoes.get(row.id);
    const work = {
      messageId: row.id,
      message: { ...message, ...(quote && { quote }) },
      conversation: conversationOf(row),
      tries: row.tries,
      age: {
        waitedMs: row.now - row.accepted_at,
        failingMs: since(row.now, row.failing_at),
        unknownMs: since(row.now, row.unknown_at),
      },
    };
    works[row.n]?.push(
      row.direction === 'inbound'
        ? { kind: 'inbound', ...work, isSuspect: row.reason !== null }
        : {
            kind: 'outbound',
            ...work,
            parts: parts.get(row.id) ?? [],
            ...(echo && { echo }),
          },
    );
  }
  return works;
}

async function readMessages(
  db: Kysely<Schema>,
  dialect: Dialect,
  lanes: readonly { lane: Lane; n: number }[],
  first: ReturnType<typeof sql>,
): Promise<Row[]> {
  if (lanes.length === 0) return [];
  const rows = dialect.rows(
    'r',
    { n: 'int', conversation: 'int', kind: 'text' } as const,
    lanes.map(({ lane, n }) => ({ n, conversation: lane.conversation, kind: lane.kind })),
  );
  const found = await sql<Row>`
    select r.n, lane.accepted_seq as lane_seq, ${dialect.now()} as now,
      r.kind = 'outbound' and exists (
        select 1 from message as i where i.conversation = r.conversation and i.imported = 1) as has_imports,
      m.*, c.channel, c.address,
      c.conversation_id, c.subject, c.chat_id, c.participant_id, c.to_be_linked, c.last_inbound_ms
    from ${rows}
    join lane on lane.conversation = r.conversation and lane.kind = r.kind
    join conversation as c on c.id = r.conversation
    ${dialect.forEachRow('m', first)}
    order by r.n, case when r.kind = 'status' then m.id else m.seq end`.execute(db);
  return found.rows;
}

function conversationOf(row: Row): Conversation {
  return toConversation({ ...row, id: row.conversation });
}

function toReport(row: Row, id: number): Work {
  const reason = toReason(row.told ?? row.reason);
  return {
    kind: 'status',
    messageId: id,
    sourceId: row.source_id as SourceId,
    status: row.status as DeliveryStatus,
    reason: row.content === null ? reason : reasonOf(reason, toMessage(row).content),
    ...(row.imported === 1 && {
      imported: {
        crmMessageId: row.peer_id ?? '',
        conversation: conversationOf(row),
        ...(row.content !== null && { message: toMessage(row) }),
      },
    }),
    tries: row.report_tries,
    age: { waitedMs: row.now - row.accepted_at, failingMs: since(row.now, row.report_failing_at) },
  };
}

async function readParts(
  db: Kysely<Schema>,
  dialect: Dialect,
  messages: readonly { id: number; now: number }[],
): Promise<Map<number, Part[]>> {
  const parts = new Map<number, Part[]>();
  if (messages.length === 0) return parts;
  const now = messages[0]?.now ?? 0;
  const found = await db
    .selectFrom('part')
    .selectAll('part')
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('attempt')
            .select('attempt.id')
            .whereRef('attempt.part', '=', 'part.id')
            .where('attempt.outcome', '=', sql.lit('open')),
        )
        .as('begun'),
    )
    .where(
      dialect.oneOf(
        'message',
        'int',
        messages.map(({ id }) => id),
      ),
    )
    .orderBy('message')
    .orderBy('number')
    .execute();
  for (const row of found) {
    const part: Part = {
      id: row.id,
      number: row.number,
      requestId: row.request_id as RequestId,
      route: row.route === null ? undefined : (JSON.parse(row.route) as Route),
      state: row.state as Part['state'],
      status: (row.status as DeliveryStatus | null) ?? undefined,
      reason: toReason(row.reason),
      lookups: row.lookups,
      begun: Boolean(row.begun),
      unknownMs: since(now, row.unknown_at),
    };
    parts.set(row.message, [...(parts.get(row.message) ?? []), part]);
  }
  return parts;
}

function since(now: number, at: number | null): number | undefined {
  return at === null ? undefined : Math.max(0, now - at);
}

/** Parts that went out without an id of the messenger's, and say what this one says. */
export async function countUnnamed(
  db: Kysely<Schema>,
  dialect: Dialect,
  part: { readonly partId: number; readonly conversation: number; readonly content: Content },
  withinMs: number,
): Promise<number> {
  const { rows } = await sql<{
    number: number;
    source_id: string;
    content: string | null;
    source_ms: number;
  }>`
    select part.number, message.source_id, message.content, message.source_ms
    from message join part on part.message = message.id
    where message.conversation = ${part.conversation} and message.direction = 'outbound'
      and part.id <> ${part.partId} and part.state = 'handed-over' and part.messenger_id is null
      and message.accepted_at >= ${dialect.now()} - ${sql.lit(Math.ceil(withinMs))}`.execute(db);
  const wanted = JSON.stringify(part.content);
  return rows.filter((row) => {
    const content = toParts(toMessage(row).content)[row.number - 1];
    return JSON.stringify(content) === wanted;
  }).length;
}
