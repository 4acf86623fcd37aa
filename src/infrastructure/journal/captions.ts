import { createHash } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { requestId, scopeOf, type SourceId } from '../../domain/ids.js';
import { toParts, type Content, type Message } from '../../domain/message.js';
import type { Dialect } from './dialect.js';
import type { Placed } from './file-messages.js';
import { toContent, toMessage } from './rows.js';
import type { Schema } from './schema.js';
import type { Placed as SettledChange } from './settlement.js';

type File = Extract<Content, { readonly attachment: unknown }>;

const CAPTION = {
  n: 'int',
  conversation: 'int',
  digest: 'text',
  source_id: 'text',
} as const;

/**
 * Takes the caption away from files of a group whose hooks repeat it. The first message of the group that is filed
 * keeps it: whose it is is committed with the message, so neither a crash nor a redelivery changes it.
 */
export async function captionedOnce(
  trx: Kysely<Schema>,
  dialect: Dialect,
  placed: readonly Placed[],
): Promise<readonly Placed[]> {
  const rows = placed.flatMap(({ n, event, conversation }) => {
    if (event.type !== 'outbound' || event.groupId === undefined) return [];
    const { content, sourceId } = event.message;
    if (!('attachment' in content) || content.caption === '') return [];
    const digest = digestOf(event.groupId, content.caption);
    return { n, conversation, digest, source_id: sourceId as string };
  });
  if (rows.length === 0) return placed;
  const values = dialect.rows('r', CAPTION, rows);
  await sql`
    insert into media_caption (conversation, digest, source_id, kept_at)
    select conversation, digest, source_id, ${dialect.now()} from ${values}
    where true order by n
    on conflict (conversation, digest) do nothing`.execute(trx);
  const { rows: repeated } = await sql<{ n: number; holder: SourceId }>`
    select r.n, c.source_id as holder from ${values}
    join media_caption as c on c.conversation = r.conversation and c.digest = r.digest
    where c.source_id <> r.source_id`.execute(trx);
  const holders = new Map(repeated.map(({ n, holder }) => [n, holder]));
  return placed.map((one) => {
    const holder = holders.get(one.n);
    return holder === undefined ? one : withoutCaption(one, holder);
  });
}

function withoutCaption(placed: Placed, captionWith: SourceId): Placed {
  const { event } = placed;
  const { content } = event.message;
  if (event.type !== 'outbound' || !('attachment' in content)) return placed;
  const bare = { ...content, caption: '', captionWith };
  return {
    ...placed,
    event: {
      ...event,
      message: { ...event.message, content: bare },
      requestIds: event.requestIds.slice(0, toParts(bare).length),
    },
  };
}

/**
 * A file that failed holds back its caption, which is about the whole group: the next file that waits takes it over,
 * else the next that comes.
 */
export async function passCaptionsOn(
  trx: Kysely<Schema>,
  changes: readonly SettledChange<'outbound-failed'>[],
): Promise<void> {
  for (const { messageId, lane } of changes) {
    const shared = await trx
      .selectFrom('message')
      .innerJoin('media_caption', (join) =>
        join
          .onRef('media_caption.source_id', '=', 'message.source_id')
          .onRef('media_caption.conversation', '=', 'message.conversation'),
      )
      .innerJoin('part', (join) =>
        join.onRef('part.message', '=', 'message.id').on('part.number', '=', 1),
      )
      .select(['message.source_id', 'message.content', 'message.source_ms'])
      .where('message.id', '=', messageId)
      .where('message.content', 'is not', null)
      .where('part.status', '=', 'failed')
      // Words that may have gone, though their file did not, are not said again.
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('attempt')
              .innerJoin('part as words', 'words.id', 'attempt.part')
              .select('attempt.id')
              .whereRef('words.message', '=', 'message.id')
              .where('words.number', '=', 2)
              .where('attempt.outcome', 'in', ['open', 'unknown']),
          ),
        ),
      )
      .executeTakeFirst();
    const content = shared && toMessage(shared).content;
    if (!content || !('attachment' in content) || content.caption === '') continue;
    const heir = await bequeath(trx, lane.conversation, shared.source_id as SourceId, content);
    const { conversation } = lane;
    const query = heir
      ? sql`update media_caption set source_id = ${heir}`
      : sql`delete from media_caption`;
    await sql`${query} where conversation = ${conversation} and source_id = ${shared.source_id}`.execute(
      trx,
    );
  }
}

/** @returns the message that has the caption now; none where no other one of the group waits */
async function bequeath(
  trx: Kysely<Schema>,
  conversation: number,
  holder: SourceId,
  { caption, keyboard }: Pick<File, 'caption' | 'keyboard'>,
): Promise<SourceId | undefined> {
  const waiting = await trx
    .selectFrom('message')
    .select(['id', 'source_id', 'content', 'source_ms'])
    .where('conversation', '=', conversation)
    .where('direction', '=', 'outbound')
    .where('state', '=', 'waiting')
    .where('content', 'is not', null)
    .orderBy('seq')
    .execute();
  const group = waiting.flatMap((row) => {
    const message = toMessage(row);
    const { content } = message;
    const isOfGroup = 'attachment' in content && content.captionWith === holder;
    return isOfGroup ? [{ id: row.id, message, content }] : [];
  });
  const [heir, ...rest] = group;
  const scope = heir && scopeOf(heir.message.sourceId);
  if (!heir || !scope) return undefined;
  const { sourceId } = heir.message;
  const set = (id: number, message: Message, content: File) =>
    trx
      .updateTable('message')
      .set({ content: toContent({ ...message, content }) })
      .where('id', '=', id)
      .execute();
  const { captionWith: _, ...own } = heir.content;
  await set(heir.id, heir.message, { ...own, caption, ...(keyboard && { keyboard }) });
  const request_id = requestId(scope, sourceId, 2, 0);
  const part = { message: heir.id, number: 2, generation: 0, request_id, state: 'waiting' };
  await trx.insertInto('part').values(part).execute();
  for (const { id, message, content } of rest) {
    await set(id, message, { ...content, captionWith: sourceId });
  }
  return sourceId;
}

function digestOf(groupId: string, caption: string): string {
  return createHash('sha256').update(`${groupId}\n${caption}`).digest('hex').slice(0, 32);
}
