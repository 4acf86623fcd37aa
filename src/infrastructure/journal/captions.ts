import { createHash } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { toParts } from '../../domain/message.js';
import type { Dialect } from './database.js';
import type { Placed } from './file-messages.js';
import type { Schema } from './schema.js';

const CAPTION = {
  n: 'int',
  conversation: 'int',
  digest: 'text',
  source_id: 'text',
} as const;

/**
 * Takes the caption away from files of a group whose hooks repeat it. The first message of the group that is filed
 * keeps it, for good: whose it is is committed with the message, so neither a crash nor a redelivery changes it.
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
  const { rows: repeated } = await sql<{ n: number }>`
    select r.n from ${values}
    join media_caption as c on c.conversation = r.conversation and c.digest = r.digest
    where c.source_id <> r.source_id`.execute(trx);
  const bare = new Set(repeated.map(({ n }) => n));
  return placed.map((one) => (bare.has(one.n) ? withoutCaption(one) : one));
}

function withoutCaption(placed: Placed): Placed {
  const { event } = placed;
  const { content } = event.message;
  if (event.type !== 'outbound' || !('attachment' in content)) return placed;
  const bare = { ...content, caption: '' };
  return {
    ...placed,
    event: {
      ...event,
      message: { ...event.message, content: bare },
      requestIds: event.requestIds.slice(0, toParts(bare).length),
    },
  };
}

function digestOf(groupId: string, caption: string): string {
  return createHash('sha256').update(`${groupId}\n${caption}`).digest('hex').slice(0, 32);
}
