import { sql, type Kysely, type SqlBool } from 'kysely';
import { LEASE_MS } from '../../domain/journal.js';
import { isPostgres, MOVED_TO, openStore, type Database } from './database.js';
import { forget, remember } from './memory.js';
import type { Schema } from './schema.js';

/*
 * A journal on SQLite, carried to PostgreSQL: whole, or not at all. The file is marked as moved before the other side
 * commits, so that no two bridges go on by themselves, each with a journal of its own. The mark alone proves no move: a
 * process that dies between the two leaves it on a file whose rows are here only, and moving is to be repeated.
 */

/** It cannot be carried over as asked; no row has been. */
export class NotMoved extends Error {
  override readonly name = 'NotMoved';
}

export interface Moved {
  /** Rows by table, the same on both sides. */
  readonly rows: Readonly<Record<string, number>>;
}

type Table = keyof Schema;

/** Columns on the journal's clock, which is another one there. */
const TIMES: { readonly [T in Table]: readonly (keyof Schema[T] & string)[] } = {
  conversation: [],
  lane: ['due_at'],
  message: ['accepted_at', 'failing_at', 'unknown_at', 'report_failing_at'],
  part: ['unknown_at'],
  attempt: [],
  worker: ['heartbeat_at'],
  quarantine: [],
  parked_receipt: ['parked_at'],
  media_copy: ['due_at'],
  media_caption: ['kept_at'],
  oauth_token: ['refresh_at', 'expires_at', 'lease_until', 'retry_at'],
  api_call: ['begun_at', 'taken_at'],
  memory: [],
};
const TABLES = Object.keys(TIMES) as Table[];

/** What a bridge writes there by its mere start. */
const NOT_CONTENT: readonly Table[] = ['memory', 'worker'];

/** PostgreSQL takes 65,535 values in a statement; the widest table has 23 columns. */
const BATCH = 1_000;

/** SQLite's own number of a row, beside its columns. */
const PLACE = 'place_in_file';

/** For answers about whole tables. */
const PATIENT_MS = { connect: 10_000, statement: 600_000, answer: 610_000, idle: 600_000 };

/**
 * @param from a SQLite `DATABASE_URL` whose bridge is stopped
 * @param to of PostgreSQL; no bridge has worked there yet
 * @param tell what has been done so far
 * @throws {NotMoved} AlreadyRunning, NotOpened
 */
export async function moveStore(
  from: string,
  to: string,
  tell: (progress: string) => void = () => undefined,
): Promise<Moved> {
  if (isPostgres(from) || !isPostgres(to)) {
    throw new NotMoved('a journal is moved from SQLite (DATABASE_URL) to PostgreSQL (--to)');
  }
  const source = await openStore(from);
  try {
    const target = await openStore(to, undefined, PATIENT_MS);
    try {
      return await carry(source, target, withoutSecrets(to), tell);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** The SQLite journal may be used again. @throws AlreadyRunning, NotOpened */
export async function stayHere(url: string): Promise<void> {
  const source = await openStore(url);
  try {
    await forget(source, MOVED_TO);
  } finally {
    await source.close();
  }
}

function carry(
  source: Database,
  target: Database,
  name: string,
  tell: (progress: string) => void,
): Promise<Moved> {
  return target.db.transaction().execute(async (trx) => {
    // A bridge that starts there cannot write its row, and ends.
    await sql`lock table worker in exclusive mode`.execute(trx);
    await mustBeUnused(trx, target);
    for (const table of NOT_CONTENT) await trx.deleteFrom(table).execute();
    const offsetMs = await offset(source, target, trx);
    const rows: Record<string, number> = {};
    for (const table of TABLES) {
      rows[table] = await copy(source, trx, table, offsetMs, (count) => tell(`${table} ${count}`));
    }
    // Whoever had lanes is gone, and everything that waits is looked at after a start.
    const now = target.dialect.now();
    await sql`update lane set owner = null, token = token + 1 where owner is not null`.execute(trx);
    await sql`update lane set due_at = ${now} where due_at > ${now}`.execute(trx);
    for (const table of TABLES) {
      const there = await countOf(trx, table);
      const here = await countOf(source.db, table);
      if (there !== here || here !== rows[table]) {
        throw new NotMoved(`${table}: ${here} rows here, ${there} there`);
      }
    }
    // Of an earlier try that died before it was there.
    await trx.deleteFrom('memory').where('name', '=', MOVED_TO).execute();
    await remember(source, MOVED_TO, `${name} on ${new Date().toISOString()}`);
    return { rows };
  });
}

async function mustBeUnused(trx: Kysely<Schema>, { dialect }: Database): Promise<void> {
  const { rows } = await sql<{ lives: SqlBool }>`
    select exists (select 1 from worker where heartbeat_at > ${dialect.now()} - ${LEASE_MS}::bigint) as lives`.execute(
    trx,
  );
  if (rows[0]?.lives)
    throw new NotMoved('a bridge is at work there: end it, and drop what it wrote');
  for (const table of TABLES.filter((each) => !NOT_CONTENT.includes(each))) {
    const row = await trx
      .selectFrom(table)
      .select(sql`1`.as('one'))
      .limit(1)
      .executeTakeFirst();
    if (row) throw new NotMoved(`the journal there is not empty: it has rows in ${table}`);
  }
}

/** How far the clock there is ahead of the one here, which goes on from where its last bridge was. */
async function offset(source: Database, target: Database, trx: Kysely<Schema>): Promise<number> {
  for (const { heartbeat_at: journalMs, wall_ms: wallMs } of await source.db
    .selectFrom('worker')
    .selectAll()
    .execute()) {
    source.clock?.resume({ journalMs, wallMs });
  }
  const { rows } = await sql<{ ms: number }>`select ${target.dialect.now()} as ms`.execute(trx);
  return Number(rows[0]?.ms) - (source.clock?.now() ?? 0);
}

async function copy(
  { db }: Database,
  trx: Kysely<Schema>,
  table: Table,
  offsetMs: number,
  tell: (count: number) => void,
): Promise<number> {
  const times: readonly string[] = TIMES[table];
  let count = 0;
  for (let last = 0; ;) {
    const { rows } = await sql<Record<string, unknown>>`
      select rowid as ${sql.ref(PLACE)}, * from ${sql.table(table)}
      where rowid > ${last} order by rowid limit ${BATCH}`.execute(db);
    if (rows.length === 0) break;
    last = Number(rows.at(-1)?.[PLACE]);
    for (const row of rows) {
      delete row[PLACE];
      for (const time of times) {
        if (typeof row[time] === 'number' && row[time] !== 0) row[time] += offsetMs;
      }
    }
    await insert(trx, table, rows);
    count += rows.length;
    tell(count);
  }
  await goOnAfter(db, trx, table);
  return count;
}

/** Rows keep their ids: links, calls of programs and other tables name them. */
async function insert(
  trx: Kysely<Schema>,
  table: Table,
  rows: readonly Record<string, unknown>[],
): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  const values = rows.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`);
  await sql`
    insert into ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))})
    overriding system value values ${sql.join(values)}`.execute(trx);
}

/** New rows get ids that no row has had, as here. */
async function goOnAfter(db: Kysely<Schema>, trx: Kysely<Schema>, table: Table): Promise<void> {
  const { rows } = await sql<{ seq: number }>`
    select seq from sqlite_sequence where name = ${table}`.execute(db);
  const used = rows[0]?.seq ?? 0;
  if (used > 0) {
    await sql`select setval(pg_get_serial_sequence(${table}, 'id'), ${used})`.execute(trx);
  }
}

async function countOf(db: Kysely<Schema>, table: Table): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*) as count from ${sql.table(table)}`.execute(db);
  return Number(rows[0]?.count);
}

/** Where a database is, for the eyes of an operator. */
function withoutSecrets(url: string): string {
  const { host, pathname } = new URL(url);
  return `PostgreSQL ${host}${pathname}`;
}
