import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialect.js';

/** Whose token or secret a body in the quarantine came with. */
export function quarantineOpened({ text }: ColumnTypes): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await sql.raw(`alter table quarantine add column opened ${text}`).execute(db);
    },
  };
}
