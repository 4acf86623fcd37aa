import { sql, type Kysely } from 'kysely';
import {
  advance,
  overall,
  type DeliveryStatus,
  type Receipt,
} from '../../domain/delivery-status.js';
import type { LineKey } from '../../domain/ids.js';
import type { ReceiptEvent } from '../../domain/journal.js';
import type { Reason } from '../../domain/reasons.js';
import type { Dialect } from './dialect.js';
import { wakeLanes, type LaneId } from './lanes.js';
import { fromReason, toMessage, toReason } from './rows.js';
import type { Schema } from './schema.js';

/** The part of a manager's message that a receipt is about. */
export interface Subject {
  readonly part: number;
  readonly message: number;
  readonly conversation: number;
  readonly line: LineKey;
}

/** The lanes a receipt may move; they are to be locked before `applyReceipts`. */
export function lanesOf(subject: Subject): LaneId[] {
  return [
    { conversation: subject.conversation, kind: 'outbound' },
    { conversation: subject.conversation, kind: 'status' },
  ];
}

/** For each receipt the part it is about: by request id, else by the messenger's id, else by its comment. */
export async function findSubjects(
  trx: Kysely<Schema>,
  dialect: Dialect,
  events: readonly ReceiptEvent[],
): Promise<(Subject | undefined)[]> {
  const byRequest = await find(
    trx,
    dialect,
    // A request id is ours alone, and legacy receipts name no channel to tell the line by.
    sql`part.request_id = r.value`,
    events.map(({ line, requestId: value }) => ({ line, value })),
  );
  for (const [n, found] of byRequest) {
    const { closed = [] } = events[n] ?? {};
    if (found.some(({ line }) => closed.includes(line))) byRequest.delete(n);
  }
  const byMessenger = await find(
    trx,
    dialect,
    sql`part.messenger_id = r.value and message.line = r.line`,
    events.map(({ line, messengerId: value }, n) => ({
      line,
      value: byRequest.has(n) ? undefined : value,
    })),
  );
  const byComment = await find(
    trx,
    dialect,
    sql`message.source_id = r.value and message.direction = 'outbound' and message.line = r.line`,
    events.map(({ line, messageId: value }, n) => ({
      line,
      value: byRequest.has(n) || byMessenger.has(n) ? undefined : value,
    })),
  );
  return events.map((_, n) => {
    const found = byRequest.get(n) ?? byMessenger.get(n) ?? byComment.get(n) ?? [];
    // A comment names the message; which of two parts it means cannot be told.
    return found.length === 1 ? found[0] : undefined;
  });
}

async function find(
  trx: Kysely<Schema>,
  dialect: Dialect,
  matches: ReturnType<typeof sql>,
  keys: readonly { line: LineKey; value: string | undefined }[],
): Promise<Map<number, Subject[]>> {
  const result = new Map<number, Subject[]>();
  const wanted = keys.map(({ line, value }, n) => ({ n, line, value })).filter((key) => key.value);
  if (wanted.length === 0) return result;
  const { rows } = await sql<Subject & { n: number }>`
    select r.n, part.id as part, message.id as message, message.conversation, message.line
    from ${dialect.rows('r', { n: 'int', line: 'text', value: 'text' } as const, wanted)}
    join part on true join message on message.id = part.message
    where ${matches}`.execute(trx);
  for (const { n, ...subject } of rows) result.set(n, [...(result.get(n) ?? []), subject]);
  return result;
}

/**
 * Moves parts and their messages up to what receipts say. Any receipt proves that the messenger took the part.
 * A message whose status is news for the manager becomes due in its status lane.
 */
export async function applyReceipts(
  trx: Kysely<Schema>,
  dialect: Dialect,
  receipts: readonly {
    readonly subject: Subject;
    readonly receipt: Receipt;
    readonly messengerId?: string;
  }[],
): Promise<void> {
  if (receipts.length === 0) return;
  await nameParts(trx, dialect, receipts);
  const messages = await readStatuses(trx, dialect, [
    ...new Set(receipts.map((r) => r.subject.message)),
  ]);
  const withFiles = await filesAmong(trx, receipts);
  for (const { subject, receipt } of receipts) {
    const part = messages.get(subject.message)?.parts.find((row) => row.id === subject.part);
    if (!part) continue;
    if (part.state === 'waiting') part.state = 'handed-over';
    const status = advance(part.status, receipt.status);
    if (status !== part.status && status === 'failed') {
      const isFile = part.number === 1 && withFiles.has(subject.message);
      part.reason =
        isFile && isAboutContent(receipt.reason) ? { key: 'file-failed' } : receipt.reason;
    }
    part.status = status;
  }
  await writeStatuses(trx, dialect, messages);
  await wakeLanes(trx, dialect, await moving(trx, dialect, receipts));
}

/** What edna says of a file it could not fetch, and of a text it does not like. */
function isAboutContent(reason: Reason | undefined): boolean {
  const { code = '' } = reason?.args ?? {};
  return reason?.key === 'not-accepted' && /error-content-format/i.test(code);
}

/** Which of the messages that receipts complain of begin with a file; seldom any, so nothing else is read for it. */
async function filesAmong(
  trx: Kysely<Schema>,
  receipts: readonly { readonly subject: Subject; readonly receipt: Receipt }[],
): Promise<ReadonlySet<number>> {
  const ids = receipts.flatMap(({ subject, receipt }) =>
    isAboutContent(receipt.reason) ? subject.message : [],
  );
  if (ids.length === 0) return new Set();
  const rows = await trx
    .selectFrom('message')
    .select(['id', 'content', 'source_id', 'source_ms'])
    .where('id', 'in', ids)
    .where('content', 'is not', null)
    .execute();
  return new Set(rows.flatMap((row) => ('attachment' in toMessage(row).content ? row.id : [])));
}

/** A receipt that gives the messenger's id of a part makes it ours, whatever the answer to the send said. */
async function nameParts(
  trx: Kysely<Schema>,
  dialect: Dialect,
  receipts: readonly { readonly subject: Subject; readonly messengerId?: string }[],
): Promise<void> {
  const named = receipts.filter(({ messengerId }) => messengerId !== undefined);
  if (named.length === 0) return;
  await sql`
    update part set messenger_id = r.messenger
    from ${dialect.rows(
      'r',
      { id: 'int', messenger: 'text' } as const,
      named.map(({ subject, messengerId }) => ({ id: subject.part, messenger: messengerId })),
    )} where part.id = r.id and part.messenger_id is null`.execute(trx);
}

/** Lanes in which something waits for just these parts: for the receipt of a file, or for the end of a try. */
async function moving(
  trx: Kysely<Schema>,
  dialect: Dialect,
  receipts: readonly { readonly subject: Subject }[],
): Promise<LaneId[]> {
  const rows = await trx
    .selectFrom('message')
    .innerJoin('lane', (join) =>
      join.onRef('lane.conversation', '=', 'message.conversation').on('lane.kind', '=', 'outbound'),
    )
    .select('message.conversation')
    .where(
      dialect.oneOf(
        'message.id',
        'int',
        receipts.map(({ subject }) => subject.message),
      ),
    )
    .where((eb) =>
      eb.or([
        eb('message.state', '=', 'waiting'),
        dialect.oneOf(
          'lane.held_by',
          'int',
          receipts.map(({ subject }) => subject.part),
        ),
      ]),
    )
    .execute();
  return rows.map(({ conversation }) => ({ conversation, kind: 'outbound' }));
}

export interface MessageStatus {
  readonly id: number;
  readonly conversation: number;
  readonly reportable: boolean;
  status: DeliveryStatus | undefined;
  readonly reported: string | null;
  reason: Reason | undefined;
  readonly parts: PartStatus[];
}

interface PartStatus {
  readonly id: number;
  readonly number: number;
  state: string;
  status: DeliveryStatus | undefined;
  reason: Reason | undefined;
}

/** Messages with their parts, as they are now that their lanes are locked. */
export async function readStatuses(
  trx: Kysely<Schema>,
  dialect: Dialect,
  ids: readonly number[],
): Promise<Map<number, MessageStatus>> {
  const rows = await trx
    .selectFrom('message')
    .innerJoin('part', 'part.message', 'message.id')
    .select([
      'message.id as id',
      'message.conversation',
      'message.reportable',
      'message.status as message_status',
      'message.reported_status',
      'message.reason as message_reason',
      'part.id as part_id',
      'part.number',
      'part.state',
      'part.status',
      'part.reason',
    ])
    .where(dialect.oneOf('message.id', 'int', ids))
    .orderBy('message.id')
    .orderBy('part.number')
    .execute();
  const messages = new Map<number, MessageStatus>();
  for (const row of rows) {
    const message = messages.get(row.id) ?? {
      id: row.id,
      conversation: row.conversation,
      reportable: row.reportable === 1,
      status: (row.message_status as DeliveryStatus | null) ?? undefined,
      reported: row.reported_status,
      reason: toReason(row.message_reason),
      parts: [],
    };
    messages.set(row.id, message);
    message.parts.push({
      id: row.part_id,
      number: row.number,
      state: row.state,
      status: (row.status as DeliveryStatus | null) ?? undefined,
      reason: toReason(row.reason),
    });
  }
  return messages;
}

/** Writes parts back, and with them what they make of their message. */
export async function writeStatuses(
  trx: Kysely<Schema>,
  dialect: Dialect,
  messages: ReadonlyMap<number, MessageStatus>,
): Promise<void> {
  const all = [...messages.values()];
  const due: LaneId[] = [];
  for (const message of all) {
    const status = overall(
      message.status,
      message.parts.map((part) => part.status),
    );
    if (status !== message.status && status === 'failed') message.reason = reasonOf(message.parts);
    message.status = status;
    if (isNews(message)) due.push({ conversation: message.conversation, kind: 'status' });
  }
  await sql`
    update part set state = r.state, status = r.status, reason = r.reason
    from ${dialect.rows(
      'r',
      { id: 'int', state: 'text', status: 'text', reason: 'text' } as const,
      all.flatMap(({ parts }) =>
        parts.map((part) => ({ ...part, reason: fromReason(part.reason) })),
      ),
    )} where part.id = r.id`.execute(trx);
  await sql`
    update message set status = r.status, reason = r.reason, report_due = r.report_due
    from ${dialect.rows(
      'r',
      { id: 'int', status: 'text', reason: 'text', report_due: 'int' } as const,
      all.map((message) => ({
        id: message.id,
        status: message.status,
        reason: fromReason(message.reason),
        report_due: isNews(message) ? 1 : 0,
      })),
    )} where message.id = r.id`.execute(trx);
  await sql`
    update lane set accepted_seq = lane.accepted_seq + 1,
      due_at = coalesce(lane.due_at, ${dialect.now()})
    from ${dialect.rows('r', { conversation: 'int' } as const, onceEach(due))}
    where lane.conversation = r.conversation and lane.kind = 'status'`.execute(trx);
}

/** amoCRM has no code for "sent", so the manager is told of nothing below an answer about the arrival. */
function isNews({ reportable, status, reported }: MessageStatus): boolean {
  return reportable && status !== undefined && status !== 'sent' && status !== reported;
}

/** Why a message failed: the reason of the part that did, and that a file which did go out needs no repeat. */
function reasonOf(parts: readonly PartStatus[]): Reason | undefined {
  const failed = parts.find((part) => part.status === 'failed');
  const before = parts.filter((part) => failed && part.number < failed.number);
  const fileWent = before.some((part) => part.state === 'handed-over');
  return failed?.reason && fileWent
    ? { key: 'half-sent', args: { ...failed.reason.args, reason: failed.reason.key } }
    : failed?.reason;
}

function onceEach(lanes: readonly LaneId[]): { conversation: number }[] {
  return [...new Set(lanes.map(({ conversation }) => conversation))].map((conversation) => ({
    conversation,
  }));
}
