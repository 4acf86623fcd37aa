import type { Kysely } from 'kysely';
import { editSourceId } from '../../domain/ids.js';
import { wording } from '../../domain/message.js';
import type { Dialect } from './database.js';
import type { MessageEvent } from './file-messages.js';
import { noteCopies } from './files.js';
import { toContent, toMessage } from './rows.js';
import type { Schema } from './schema.js';

/** A message that came again. */
interface Again {
  readonly n: number;
  readonly event: MessageEvent;
  readonly conversation: number;
  readonly seq: number;
  readonly source_ms: number;
}

/**
 * Files corrections: client messages that came again with other words. Each wording of a message is kept as a row of
 * its own, so one that was there before is a late redelivery, whatever has been said since. The rest is the lane's:
 * it goes after the message it corrects, once. Rare, so one by one.
 * @returns the `n` of those that were filed
 */
export async function fileEdits(
  trx: Kysely<Schema>,
  dialect: Dialect,
  again: readonly Again[],
): Promise<ReadonlySet<number>> {
  const filed = new Set<number>();
  for (const one of again) if (await fileEdit(trx, dialect, one)) filed.add(one.n);
  return filed;
}

async function fileEdit(trx: Kysely<Schema>, dialect: Dialect, again: Again): Promise<boolean> {
  const { message, line } = { message: again.event.message, line: again.event.line };
  const words = wording(message.content);
  if (again.event.type !== 'inbound' || words === undefined) return false;
  const known = await trx
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
  // What was forgotten may have said anything.
  if (!known || known.content === null || known.conversation !== again.conversation) return false;
  const before = wording(toMessage(known).content);
  if (before === undefined || before === words) return false;

  const keep = async (of: string, content: string | null) => {
    const row = await trx
      .insertInto('message')
      .values({
        conversation: again.conversation,
        line,
        direction: 'inbound',
        source_id: editSourceId(message.sourceId, of),
        seq: again.seq,
        content,
        source_ms: again.source_ms,
        accepted_at: dialect.now(),
        state: content === null ? 'handed-over' : 'waiting',
        reportable: 0,
      })
      .onConflict((conflict) => conflict.columns(['source_id', 'direction', 'line']).doNothing())
      .returning('id')
      .executeTakeFirst();
    return row?.id;
  };
  // Nobody has it in hand, and no try of it may have been taken: it has not been said yet.
  const isUnsaid = known.state === 'waiting' && known.tries === 0 && known.owner === null;
  const sourceId = editSourceId(message.sourceId, words);
  if (!isUnsaid) {
    const id = await keep(words, toContent({ ...message, sourceId, edits: message.sourceId }));
    // A link of ours names the row it stands in, and so does its copy.
    if (id !== undefined) await noteCopies(trx, dialect, [{ id, message }]);
    return id !== undefined;
  }
  if ((await keep(words, null)) === undefined) return false;
  await keep(before, null);
  const content = toContent(message);
  await trx.updateTable('message').set({ content }).where('id', '=', known.id).execute();
  return true;
}
