import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Of a scope: two UUIDs and what joins them. A source follows in a line's key, and means what it says to the letter. */
const SCOPE_CHARS = 36 + 1 + 36;

/**
 * Lines are filed under their ids in lower case; these are from settings that wrote them in capitals. Where there are
 * both, the client has a chat under each, and they stay as they are.
 */
export function idsInLowerCase(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const { rows } = await sql<{ line: string }>`
        select line from conversation union select line from parked_receipt
      `.execute(db);
      const keys = new Set(rows.map(({ line }) => line));
      for (const from of keys) {
        const scope = from.slice(0, SCOPE_CHARS);
        const to = scope.toLowerCase() + from.slice(SCOPE_CHARS);
        if (!keys.has(to)) await rename(db, { from, to, scope });
      }
      await sql`
        update memory set name = lower(name)
        where name like 'switched\\_off %' escape '\\' and name <> lower(name)
          and lower(name) not in (select name from memory)
      `.execute(db);
      await sql`update quarantine set opened = lower(opened) where opened <> lower(opened)`.execute(
        db,
      );
    },
  };
}

interface Renamed {
  readonly from: string;
  readonly to: string;
  readonly scope: string;
}

/** The ids of managers' messages hold the scope, and content names them where a caption is another message's. */
async function rename(db: Kysely<unknown>, { from, to, scope }: Renamed): Promise<void> {
  const was = `amo:${scope}:`;
  const is = was.toLowerCase();
  await sql`
    update media_caption set source_id = replace(source_id, ${was}, ${is})
    where conversation in (select id from conversation where line = ${from})
  `.execute(db);
  await sql`
    update message set line = ${to}, source_id = replace(source_id, ${was}, ${is}),
      content = replace(content, ${was}, ${is})
    where line = ${from}
  `.execute(db);
  for (const table of ['conversation', 'lane', 'parked_receipt']) {
    await sql`update ${sql.table(table)} set line = ${to} where line = ${from}`.execute(db);
  }
}
