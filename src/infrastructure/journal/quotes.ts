import { sql, type Kysely } from 'kysely';
import { amoMessageIdOf, type SourceId } from '../../domain/ids.js';
import { inQuote, quoting, type Quote } from '../../domain/message.js';
import type { Placed } from './file-messages.js';
import { toMessage } from './rows.js';
import type { Schema } from './schema.js';

/** A message that may be the quoted one. */
interface Candidate {
  /** The id it was found by. */
  readonly key: string | null;
  readonly conversation: number;
  readonly line: string;
  readonly address: string;
  readonly direction: string;
  readonly source_id: string;
  readonly state: string;
  readonly content: string | null;
  readonly source_ms: number;
}

type Quoting = Parameters<typeof toMessage>[0] & {
  readonly id: number;
  readonly conversation: number;
  readonly line: string;
  /** The client's. */
  readonly address: string;
};

/**
 * The quotes of client messages, as far as the journal knows what they quote: linked where that stands in the same
 * chat, and in words for where it does not. Asked for when the work is read, since an answer may overtake the news of
 * what it answers.
 * @returns by the id of the quoting message; those that quote nothing are not in it
 */
export async function linkQuotes(
  db: Kysely<Schema>,
  rows: readonly Quoting[],
): Promise<Map<number, Quote>> {
  const quoting = rows.flatMap((row) => {
    // Most messages quote nothing, and their content is read once more elsewhere.
    const quote = row.content?.includes('"quote"') ? toMessage(row).quote : undefined;
    return quote ? [{ row, quote }] : [];
  });
  const asked = quoting.map(({ quote }) => quote);
  const [byRequest, byMessenger, bySource] = [
    await ofParts(
      db,
      'request_id',
      asked.map(({ requestId }) => requestId),
    ),
    await ofParts(
      db,
      'messenger_id',
      asked.map(({ messageId }) => messageId),
    ),
    await ofClients(
      db,
      asked.map(({ sourceId }) => sourceId),
    ),
  ];
  return new Map(
    quoting.map(({ row, quote }) => {
      const on = (candidates: readonly Candidate[], key: string | undefined) =>
        candidates.find((one) => one.key === key && one.line === row.line);
      const found =
        on(byRequest, quote.requestId) ??
        on(byMessenger, quote.messageId) ??
        on(bySource, quote.sourceId);
      return [row.id, found ? resolved(quote, found, row) : quote];
    }),
  );
}

/** What the client wrote or read in another of his channels is quoted in words; what another client did, not at all. */
function resolved(quote: Quote, found: Candidate, { conversation, address }: Quoting): Quote {
  if (found.address !== address) return quote;
  const text = quote.text ?? textOf(found);
  const isHere = found.conversation === conversation;
  const linked = isHere && isInChat(found) ? (found.source_id as SourceId) : undefined;
  return { ...quote, ...(text && { text }), ...(linked && { linked }) };
}

/** A client's message that amojo refused is not there; a manager's is, if we know it by amoCRM's id. */
function isInChat({ direction, source_id, state }: Candidate): boolean {
  return direction === 'inbound'
    ? state !== 'failed'
    : amoMessageIdOf(source_id as SourceId) !== undefined;
}

function textOf(row: Candidate): string | undefined {
  return row.content === null ? undefined : inQuote(toMessage(row).content);
}

const COLUMNS = [
  'message.conversation',
  'message.line',
  'message.direction',
  'message.source_id',
  'message.state',
  'message.content',
  'message.source_ms',
  'conversation.address',
] as const;

async function ofParts(
  db: Kysely<Schema>,
  column: 'request_id' | 'messenger_id',
  keys: readonly (string | undefined)[],
): Promise<readonly Candidate[]> {
  const known = keys.filter((key) => key !== undefined);
  if (known.length === 0) return [];
  return db
    .selectFrom('part')
    .innerJoin('message', 'message.id', 'part.message')
    .innerJoin('conversation', 'conversation.id', 'message.conversation')
    .select([...COLUMNS, `part.${column} as key`])
    .where(`part.${column}`, 'in', known)
    .execute();
}

async function ofClients(
  db: Kysely<Schema>,
  keys: readonly (string | undefined)[],
): Promise<readonly Candidate[]> {
  const known = keys.filter((key) => key !== undefined);
  if (known.length === 0) return [];
  return db
    .selectFrom('message')
    .innerJoin('conversation', 'conversation.id', 'message.conversation')
    .select([...COLUMNS, 'message.source_id as key'])
    .where('message.source_id', 'in', known)
    .where('message.direction', '=', 'inbound')
    .execute();
}

/**
 * Managers' messages under what they quote, where the hook named it without its words. Done before they are stored:
 * what a message says may not change between two tries.
 */
export async function quoteInWords(
  trx: Kysely<Schema>,
  placed: readonly Placed[],
): Promise<readonly Placed[]> {
  const wordless = placed.filter(({ event }) => {
    const quote = event.type === 'outbound' ? event.message.quote : undefined;
    return quote && quote.text === undefined;
  });
  if (wordless.length === 0) return placed;
  const words = new Map<number, string>();
  for (const { n, event, conversation } of wordless) {
    const { sourceId, messageId } = event.message.quote ?? {};
    const { rows } = await sql<Parameters<typeof toMessage>[0]>`
      select source_id, content, source_ms from message
      where conversation = ${conversation} and content is not null and (
        source_id = ${sourceId ?? null} or id in (
          select id from message where peer_id = ${messageId ?? null}))`.execute(trx);
    if (rows[0]) words.set(n, inQuote(toMessage(rows[0]).content));
  }
  return placed.map((one) => {
    const { message } = one.event;
    const content = quoting(message.content, words.get(one.n));
    if (!words.has(one.n) || one.event.type !== 'outbound') return one;
    return { ...one, event: { ...one.event, message: { ...message, content } } };
  });
}
