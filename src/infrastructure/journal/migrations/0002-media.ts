import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialect.js';

/** Files that are to be copied, and captions that stand once in a group of files. */
export function media({ int, text }: ColumnTypes): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const run = (statement: string) => sql.raw(statement).execute(db);
      await run(`create table media_copy (
        message ${int} not null primary key, until_ms ${int} not null, due_at ${int} not null,
        tries ${int} not null default 0)`);
      await run('create index media_copy_due on media_copy (due_at)');
      await run(`create table media_caption (
        conversation ${int} not null, digest ${text} not null, source_id ${text} not null,
        kept_at ${int} not null, primary key (conversation, digest))`);
    },
  };
}
