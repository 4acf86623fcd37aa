import { sql, type Kysely } from 'kysely';
import type {
  Arrival,
  ChatEvent,
  Filed,
  MarkEvent,
  NoteEvent,
  ReceiptEvent,
} from '../../domain/journal.js';
import { Conversations } from './conversations.js';
import { type Database } from './database.js';
import { codeOf, type Dialect } from './dialect.js';
import { applyMarks, findMarked } from './marks.js';
import { findEchoes, note } from './own-messages.js';
import { inTransaction } from './transaction.js';
import { countPerLane, fileMessages, type MessageEvent } from './file-messages.js';
import { keepLastInbound } from './last-inbound.js';
import { fillLanes, lockNames } from './lanes.js';
import { picking } from './menu.js';
import { applyReceipts, findSubjects, lanesOf } from './receipts.js';
import { quoteInWords } from './quotes.js';
import { keepQuarantined } from './quarantine.js';
import { fromReason } from './rows.js';
import type { Schema } from './schema.js';

/**
 * Files a group of arrivals in one transaction. Where the store refuses the group, each is tried alone, and one
 * that is refused alone goes to the quarantine: a webhook that is answered with an error is lost on amoCRM's side.
 */
export async function acceptGroup(
  database: Database,
  arrivals: readonly Arrival[],
): Promise<readonly Filed[]> {
  const { dialect } = database;
  const whyNot = (error: unknown) => refusalOf(dialect, error);
  try {
    return await inTransaction(database, (trx) => file(trx, dialect, arrivals));
  } catch (error) {
    if (whyNot(error) === undefined) throw error;
    return inTransaction(database, (trx) => fileEach(trx, dialect, arrivals, whyNot));
  }
}

/**
 * Files one by one. One that cannot be filed for its own sake goes to the quarantine.
 * @param whyNot the reason for the quarantine; none for what is no arrival's own fault
 */
export async function fileEach(
  trx: Kysely<Schema>,
  dialect: Dialect,
  arrivals: readonly Arrived[],
  whyNot: (error: unknown) => string | undefined,
): Promise<Filed[]> {
  const each: Filed[] = [];
  for (const arrival of arrivals) {
    await sql`savepoint arrival`.execute(trx);
    try {
      each.push(...(await file(trx, dialect, [arrival])));
    } catch (error) {
      const reason = whyNot(error);
      if (reason === undefined) throw error;
      await sql`rollback to savepoint arrival`.execute(trx);
      await keepQuarantined(trx, [{ ...arrival, event: { type: 'quarantine', reason } }]);
      each.push('quarantined');
    }
    await sql`release savepoint arrival`.execute(trx);
  }
  return each;
}

/** Why the store does not take it, for the quarantine; undefined where it is not for the arrival's own sake. */
export function refusalOf(dialect: Dialect, error: unknown): string | undefined {
  return dialect.isRefusal(error) ? `not-storable: ${codeOf(error)}` : undefined;
}

/** An arrival that may have waited before it is filed. */
export interface Arrived extends Arrival {
  readonly waitedMs?: number;
}

/** @returns what became of each */
export async function file(
  trx: Kysely<Schema>,
  dialect: Dialect,
  arrivals: readonly Arrived[],
): Promise<Filed[]> {
  const result: Filed[] = Array.from(arrivals, () => 'quarantined');
  const messages: { n: number; event: MessageEvent }[] = [];
  const receipts: { n: number; event: ReceiptEvent }[] = [];
  const notes: { n: number; event: NoteEvent }[] = [];
  const chats: { n: number; event: ChatEvent }[] = [];
  const marks: { n: number; event: MarkEvent }[] = [];
  const echoes = await findEchoes(trx, dialect, arrivals);
  arrivals.forEach(({ event }, n) => {
    if (echoes.has(event)) result[n] = 'repeat';
    else if (event.type === 'receipt') receipts.push({ n, event });
    else if (event.type === 'note') notes.push({ n, event });
    else if (event.type === 'chat') chats.push({ n, event });
    else if (event.type === 'mark') marks.push({ n, event });
    else if (event.type !== 'quarantine') messages.push({ n, event });
  });

  const conversations = await Conversations.of(
    trx,
    dialect,
    [...messages, ...chats].map(({ event }) => event),
  );
  const filing = messages.map(({ n, event }) => {
    if (event.type === 'outbound') return { n, event, draft: conversations.ofOutbound(event) };
    const draft = conversations.ofInbound(event);
    return { n, event: picking(event, draft.menu), draft };
  });
  for (const { n, event } of chats) {
    conversations.ofChat(event);
    result[n] = 'new';
  }
  await conversations.save(trx, dialect);
  const placed = await quoteInWords(
    trx,
    filing.map(({ n, event, draft }) => ({
      n,
      event,
      waitedMs: arrivals[n]?.waitedMs,
      conversation: draft.id as number,
    })),
  );
  // A receipt that names its message by the messenger's id alone may meet the answer that gives the message that id.
  await lockNames(
    trx,
    dialect,
    receipts.flatMap(({ event }) => (isParked(event) ? (event.messengerId ?? []) : [])),
  );
  const subjects = await findSubjects(
    trx,
    dialect,
    receipts.map(({ event }) => event),
  );

  const marked = await findMarked(
    trx,
    marks.map(({ event }) => event),
  );

  const lanes = await fillLanes(trx, dialect, [
    ...countPerLane(placed),
    ...subjects.flatMap((subject) =>
      subject ? lanesOf(subject).map((lane) => ({ ...lane, line: subject.line, adds: 0 })) : [],
    ),
    ...marked.flatMap((one) => (one ? [{ ...one, kind: 'status' as const, adds: 0 }] : [])),
  ]);
  for (const { n, filed } of await fileMessages(trx, dialect, placed, lanes)) result[n] = filed;
  const fresh = placed.filter(({ n }) => result[n] === 'new');
  await keepLastInbound(trx, dialect, fresh);

  const known: Parameters<typeof applyReceipts>[2][number][] = [];
  const parked: ReceiptEvent[] = [];
  receipts.forEach(({ n, event }, i) => {
    const subject = subjects[i];
    if (subject) {
      known.push({ subject, receipt: event.receipt, messengerId: event.messengerId });
    } else if (isParked(event)) parked.push(event);
    result[n] = subject ? 'new' : isParked(event) ? 'parked' : 'unknown';
  });
  await applyReceipts(trx, dialect, known);
  await park(trx, dialect, parked);
  await applyMarks(trx, dialect, marked, marks);
  marks.forEach(({ n }, i) => (result[n] = marked[i] ? 'new' : 'unknown'));
  for (const { n, event } of notes) result[n] = await note(trx, dialect, event);

  await keepQuarantined(trx, arrivals);
  return result;
}

/** Only channels that answer a send with an id of their own send receipts without our request id. */
function isParked(event: ReceiptEvent): boolean {
  return event.requestId === undefined && event.messengerId !== undefined;
}

async function park(
  trx: Kysely<Schema>,
  dialect: Dialect,
  receipts: readonly ReceiptEvent[],
): Promise<void> {
  if (receipts.length === 0) return;
  await sql`
    insert into parked_receipt (line, messenger_id, status, reason, parked_at)
    select line, messenger_id, status, reason, ${dialect.now()}
    from ${dialect.rows(
      'r',
      { line: 'text', messenger_id: 'text', status: 'text', reason: 'text' } as const,
      receipts.map(({ line, messengerId, receipt }) => ({
        line,
        messenger_id: messengerId,
        status: receipt.status,
        reason: fromReason(receipt.reason),
      })),
    )} where true`.execute(trx);
}
