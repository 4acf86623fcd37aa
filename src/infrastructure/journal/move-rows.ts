import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Database } from './database.js';
import { MARKS } from './moved.js';
import type { Schema } from './schema.js';

/* The rows of a journal on SQLite, copied into tables of PostgreSQL within a transaction there. */

export type Table = keyof Schema;

/** Columns on the journal's clock, which is another one there. */
const TIMES: { readonly [T in Table]: readonly (keyof Schema[T] & string)[] } = {
  conversation: [],
  lane: ['due_at'],
  message: ['accepted_at', 'failing_at', 'unknown_at', 'report_failing_at'],
  part: ['unknown_at'],
  attempt: [],
  worker: ['heartbeat_at'],
  inbox: ['received_at'],
  quarantine: [],
  parked_receipt: ['parked_at'],
  media_copy: ['due_at'],
  media_caption: ['kept_at'],
  oauth_token: ['refresh_at', 'expires_at', 'lease_until', 'retry_at'],
  api_call: ['begun_at', 'taken_at'],
  memory: [],
};
export const TABLES = Object.keys(TIMES) as Table[];

/** A row cannot be stored there as it is here. */
export class NotStorable extends Error {
  override readonly name = 'NotStorable';
}

/** PostgreSQL takes 65,535 values in a statement; the widest table has 23 columns. */
const BATCH_ROWS = 1_000;

/** A body in the quarantine has up to 1 MiB, and a batch is in memory several times. One row may be more than that. */
export const BATCH_BYTES = 4 * 1024 * 1024;

/** SQLite's own number of a row, beside its columns. */
const PLACE = 'place_in_file';

/**
 * @param offsetMs how far the clock there is ahead of the one here
 * @param tell how many rows have been copied so far
 * @throws {NotStorable}
 */
export async function copyRows(
  { db }: Database,
  target: Pick<Database, 'dialect'>,
  trx: Kysely<Schema>,
  table: Table,
  offsetMs: number,
  tell: (count: number) => void,
): Promise<number> {
  const times: readonly string[] = TIMES[table];
  const size = await sizeOfRow(db, table);
  let count = 0;
  for (let last = 0; ;) {
    const end = await endOfBatch(db, table, size, last);
    if (end === undefined) return count;
    const { rows } = await sql<Record<string, unknown>>`
      select rowid as ${sql.ref(PLACE)}, * from ${sql.table(table)}
      where rowid > ${last} and rowid <= ${end} ${sql.raw(withoutMarks(table, 'and'))} order by rowid`.execute(
      db,
    );
    last = end;
    const places = rows.map((row) => Number(row[PLACE]));
    for (const row of rows) {
      delete row[PLACE];
      for (const time of times) {
        if (typeof row[time] === 'number' && row[time] !== 0) row[time] += offsetMs;
      }
    }
    await insert(target, trx, table, rows, places);
    count += rows.length;
    tell(count);
  }
}

/** New rows get ids that no row has had, as here. Sequences are in no transaction, so this is for the end. */
export async function goOnAfter(
  { db }: Database,
  trx: Kysely<Schema>,
  table: Table,
): Promise<void> {
  const { rows } = await sql<{ seq: number }>`
    select seq from sqlite_sequence where name = ${table}`.execute(db);
  const used = rows[0]?.seq ?? 0;
  if (used > 0) {
    await sql`select setval(pg_get_serial_sequence(${table}, 'id'), ${used})`.execute(trx);
  }
}

/** Without what is said about the move itself. */
export async function countRows(db: Kysely<Schema>, table: Table): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from ${sql.table(table)} ${sql.raw(withoutMarks(table, 'where'))}`.execute(
    db,
  );
  return Number(rows[0]?.count);
}

function withoutMarks(table: Table, word: 'and' | 'where'): string {
  return table === 'memory'
    ? `${word} name not in (${MARKS.map((mark) => `'${mark}'`).join()})`
    : '';
}

/** SQL for the bytes of a row here; SQLite knows them without reading what is long. */
async function sizeOfRow(db: Kysely<Schema>, table: Table): Promise<RawBuilder<number>> {
  const { rows } = await sql<{
    name: string;
  }>`select name from pragma_table_info(${table})`.execute(db);
  const sizes = rows.map(({ name }) => sql`coalesce(octet_length(${sql.ref(name)}), 0)`);
  return sql<number>`(${sql.join(sizes, sql` + `)})`;
}

/** The last row that fits into a batch after `last`, and at least one; undefined where there is none. */
async function endOfBatch(
  db: Kysely<Schema>,
  table: Table,
  size: RawBuilder<number>,
  last: number,
): Promise<number | undefined> {
  const { rows } = await sql<{ place: number; bytes: number }>`
    select rowid as place, sum(${size}) over (order by rowid) as bytes
    from ${sql.table(table)} where rowid > ${last} order by rowid limit ${BATCH_ROWS}`.execute(db);
  const fitting = rows.filter(({ bytes }, i) => i === 0 || bytes <= BATCH_BYTES);
  return fitting.at(-1)?.place;
}

/** Rows keep their ids: links, calls of programs and other tables name them. */
async function insert(
  { dialect }: Pick<Database, 'dialect'>,
  trx: Kysely<Schema>,
  table: Table,
  rows: readonly Record<string, unknown>[],
  places: readonly number[],
): Promise<void> {
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0] ?? {});
  const add = (some: readonly Record<string, unknown>[]) => {
    const values = some.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`);
    return sql`
      insert into ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))})
      overriding system value values ${sql.join(values)}`.execute(trx);
  };
  await sql`savepoint batch`.execute(trx);
  try {
    await add(rows);
  } catch (error) {
    if (!dialect.isRefusal(error)) throw error;
    // Such as a key that is longer than its index takes. One by one they tell which of them it is.
    await sql`rollback to savepoint batch`.execute(trx);
    for (const [i, row] of rows.entries()) {
      try {
        await add([row]);
      } catch (refused) {
        const why = refused instanceof Error ? refused.message : String(refused);
        throw new NotStorable(`${table}, row ${places[i]}: ${why}`, { cause: refused });
      }
    }
  }
  await sql`release savepoint batch`.execute(trx);
}
