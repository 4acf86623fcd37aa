import type { Kysely } from 'kysely';
import { editSourceId, isFromApi } from '../../domain/ids.js';
import type { Filed } from '../../domain/journal.js';
import { wording, type Content } from '../../domain/message.js';
import type { Dialect } from './dialect.js';
import type { MessageEvent } from './file-messages.js';
import { noteCopies } from './files.js';
import { toContent, toMessage } from './rows.js';
import { revive } from './revive.js';
import type { Schema } from './schema.js';

/** A message that came again. */
interface Again {
  readonly n: number;
  readonly event: MessageEvent;
  readonly conversation: number;
  readonly line: string;
  readonly seq: number;
  readonly source_ms: number;
}

/**
 * Files corrections: client messages that came again with other words. Each wording of a message is kept as a row of
 * its own, so one that was there before is a late redelivery, whatever has been said since. The rest is the lane's:
 * it goes after the message it corrects, once. Rare, so one by one.
 * @returns what became of those that were filed, by their `n`; a message that had failed has its new words, and is the
 * caller's to revive
 */
export async function fileEdits(
  trx: Kysely<Schema>,
  dialect: Dialect,
  again: readonly Again[],
): Promise<ReadonlyMap<number, Filed>> {
  const filed = new Map<number, Filed>();
  for (const one of again) {
    const become = await fileEdit(trx, dialect, one);
    if (become) filed.set(one.n, become);
  }
  return filed;
}

async function fileEdit(
  trx: Kysely<Schema>,
  dialect: Dialect,
  again: Again,
): Promise<Filed | undefined> {
  const { message } = again.event;
  const words = wording(message.content);
  // A key of another program that comes again with other words is a mistake of that program, and no correction.
  if (isFromApi(message.sourceId)) return undefined;
  const known = await find(trx, again);
  // What was forgotten may have said anything.
  if (words === undefined || !known || known.content === null) return undefined;
  if (known.conversation !== again.conversation) return undefined;
  const before = wordsOf(toMessage(known).content);
  if (before === undefined || before === words) return undefined;

  const sourceId = editSourceId(message.sourceId, words);
  // Nobody has it in hand, and no try of it may have been taken: it has not been said yet.
  const isUnsaid = known.state === 'waiting' && known.tries === 0 && known.owner === null;
  if (!isUnsaid && known.state !== 'failed') {
    const edit = toContent({ ...message, sourceId, edits: message.sourceId });
    const id = await keep(trx, dialect, again, words, edit);
    if (id !== undefined) {
      // A link of ours names the row it stands in, and so does its copy.
      await noteCopies(trx, dialect, [{ id, message }]);
      return 'new';
    }
    const { n, line, seq, source_ms } = again;
    const revived = await revive(trx, dialect, [{ n, line, source_id: sourceId, seq, source_ms }]);
    return revived.has(n) ? 'revived' : undefined;
  }
  if ((await keep(trx, dialect, again, words, null)) === undefined) return undefined;
  if (before !== UNSAYABLE) await keep(trx, dialect, again, before, null);
  const content = toContent(message);
  await trx.updateTable('message').set({ content }).where('id', '=', known.id).execute();
  return isUnsaid ? 'new' : undefined;
}

/** Of a line that stood for what could not be shown: any words are better. */
const UNSAYABLE = Symbol('unsayable');

function wordsOf(content: Content): string | typeof UNSAYABLE | undefined {
  return content.kind === 'unsupported' ? UNSAYABLE : wording(content);
}

function find(trx: Kysely<Schema>, { event: { message, line } }: Again) {
  return trx
    .selectFrom('message')
    .leftJoin('lane', (join) =>
      join.onRef('lane.conversation', '=', 'message.conversation').on('lane.kind', '=', 'inbound'),
    )
    .select(['message.id', 'message.source_id', 'message.content', 'message.source_ms'])
    .select(['message.state', 'message.tries', 'message.conversation', 'lane.owner'])
    .where('message.source_id', '=', message.sourceId)
    .where('message.direction', '=', 'inbound')
    .where('message.line', '=', line)
    .executeTakeFirst();
}

/**
 * Keeps a wording of a message.
 * @param content what is to be sent of it; null where nothing is
 * @returns its row, where it is new
 */
async function keep(
  trx: Kysely<Schema>,
  dialect: Dialect,
  { event: { message, line }, conversation, seq, source_ms }: Again,
  words: string,
  content: string | null,
): Promise<number | undefined> {
  const row = await trx
    .insertInto('message')
    .values({
      conversation,
      line,
      direction: 'inbound',
      source_id: editSourceId(message.sourceId, words),
      seq,
      content,
      source_ms,
      accepted_at: dialect.now(),
      state: content === null ? 'handed-over' : 'waiting',
      reportable: 0,
    })
    .onConflict((conflict) => conflict.columns(['source_id', 'direction', 'line']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}
