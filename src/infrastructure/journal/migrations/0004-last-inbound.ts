import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialect.js';

/** When the client of a conversation wrote last; of those from before nobody knows. */
export function lastInbound({ int }: ColumnTypes): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await sql.raw(`alter table conversation add column last_inbound_ms ${int}`).execute(db);
    },
  };
}
