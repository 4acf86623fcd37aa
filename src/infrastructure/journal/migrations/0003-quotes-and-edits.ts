import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialect.js';

/** Messages are found by the ids amoCRM gave them, and a conversation remembers what it offered last. */
export function quotesAndEdits({ text }: ColumnTypes): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const run = (statement: string) => sql.raw(statement).execute(db);
      await run('create index message_peer on message (peer_id) where peer_id is not null');
      await run(`alter table conversation add column menu ${text}`);
    },
  };
}
