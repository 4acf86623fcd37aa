import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialect.js';

/** What was received and is still to be filed: written at its end, and emptied from its beginning. */
export function inbox({ id, int, bytes }: ColumnTypes): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      // The bytes come last: what is to be filed is chosen by what stands before them.
      await sql
        .raw(
          `create table inbox (id ${id}, received_at ${int} not null, size ${int} not null,
            size_bytes ${int} not null, arrivals ${bytes} not null)`,
        )
        .execute(db);
    },
  };
}
