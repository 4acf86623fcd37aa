import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What was written in a conversation at a time: what a platform's history shows is looked for there. */
export function writtenAt(): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await sql
        .raw('create index message_written on message (conversation, direction, source_ms)')
        .execute(db);
    },
  };
}
