import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialect.js';

/** Access that administrators of amoCRM accounts have given; the tokens encrypted. */
export function oauthTokens({ int, text }: ColumnTypes): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const run = (statement: string) => sql.raw(statement).execute(db);
      await run(`create table oauth_token (
        account ${text} not null primary key, number ${text} not null, host ${text} not null,
        access ${text} not null, refresh ${text} not null, refresh_at ${int} not null,
        expires_at ${int} not null, fault ${text}, version ${int} not null default 0,
        lease_until ${int} not null default 0, retry_at ${int} not null default 0)`);
    },
  };
}
