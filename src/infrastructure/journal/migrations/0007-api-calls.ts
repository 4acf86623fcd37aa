import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialect.js';

/** Calls of other programs, and messages that they put into amoCRM in somebody's name. */
export function apiCalls({ int, text }: ColumnTypes): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const run = (statement: string) => sql.raw(statement).execute(db);
      await run(`create table api_call (
        key ${text} not null primary key, fingerprint ${text} not null, owner ${text},
        status ${int}, body ${text}, begun_at ${int} not null, taken_at ${int} not null,
        since_ms ${int} not null)`);
      await run('create index api_call_begun on api_call (begun_at)');
      await run(`alter table message add column imported ${int} not null default 0`);
      await run(`alter table message add column told ${text}`);
      await run('create index message_imported on message (conversation) where imported = 1');
    },
  };
}
