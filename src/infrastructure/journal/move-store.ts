import { randomUUID } from 'node:crypto';
import { AbortedTransactionError, sql, type Kysely, type SqlBool } from 'kysely';
import { LEASE_MS } from '../../domain/journal.js';
import { openStore, PATIENT_MS, type Database } from './database.js';
import { codeOf } from './dialect.js';
import { factOf, keepFact } from './memory.js';
import { copyRows, countRows, goOnAfter, NotStorable, TABLES, type Table } from './move-rows.js';
import { markMoved, markMoving, MOVE_ID, MOVED_TO, MOVING_TO, unmark } from './moved.js';
import type { Schema } from './schema.js';

/** It cannot be carried over as asked; no row has been. */
export class NotMoved extends Error {
  override readonly name = 'NotMoved';
}

/** It is not known to be there, or not known here to be: the next call tells, and finishes it. */
export class MoveUnknown extends Error {
  override readonly name = 'MoveUnknown';

  constructor(what: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${what} (${why}): call the same once more`, { cause });
  }
}

export interface Moved {
  /** Rows by table, the same on both sides. */
  readonly rows: Readonly<Record<string, number>>;
}

/** What a bridge writes there by its mere start. */
const NOT_CONTENT: readonly Table[] = ['memory', 'worker'];

/**
 * Carries a journal on SQLite to PostgreSQL: whole, or not at all. What was broken off is finished by the same call, or
 * begun anew, whichever it takes.
 * @param from a SQLite `DATABASE_URL` whose bridge is stopped
 * @param to of PostgreSQL; no bridge has worked there yet
 * @param tell what has been done so far
 * @throws {NotMoved}
 * @throws {MoveUnknown}
 * @throws {AlreadyRunning}
 * @throws {NotOpened}
 */
export async function moveStore(
  from: string,
  to: string,
  tell: (progress: string) => void = () => undefined,
): Promise<Moved> {
  const source = await openStore(from);
  try {
    const target = await openStore(to, undefined, PATIENT_MS);
    try {
      return await move(source, target, withoutSecrets(to), tell);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/**
 * The SQLite journal may be used again.
 * @throws {AlreadyRunning}
 * @throws {NotOpened}
 */
export async function cancelMove(url: string): Promise<void> {
  const source = await openStore(url);
  try {
    await unmark(source);
  } finally {
    await source.close();
  }
}

/**
 * Between two stores that are open.
 * @param name of the target, for the eyes of an operator
 * @throws {NotMoved}
 * @throws {MoveUnknown}
 */
export async function move(
  source: Database,
  target: Database,
  name: string,
  tell: (progress: string) => void = () => undefined,
): Promise<Moved> {
  await mustNotBeElsewhere(source, name);
  let isMarked = false;
  const rows = await target.db
    .transaction()
    .execute(async (trx) => {
      // A bridge that starts there cannot write its row, and ends; a move that was broken off has ended after this.
      await sql`lock table worker in exclusive mode`.execute(trx);
      if (await isThere(source, trx)) return countAll(source.db);
      if ((await factOf(source.db, MOVED_TO)) !== undefined) {
        throw new NotMoved(`it was moved before, and is not there any more: ${CANCEL}`);
      }
      const copied = await carry(source, target, trx, tell);
      const id = randomUUID();
      await keepFact(trx, MOVE_ID, id);
      await markMoving(source, name, id);
      isMarked = true;
      return copied;
    })
    .catch(async (error: unknown) => {
      if (!isMarked) throw error instanceof NotStorable ? new NotMoved(error.message) : error;
      if (!isRefused(error))
        throw new MoveUnknown(`${name} did not say whether the journal is there`, error);
      await unmark(source);
      throw error;
    });
  await markMoved(source, name).catch((error: unknown) => {
    throw new MoveUnknown(
      `the journal is in ${name}, and the file here does not say so yet`,
      error,
    );
  });
  return { rows };
}

const CANCEL = 'to move it again, call "bridge move-store --cancel" first';

/** One journal is carried to one place. @throws {NotMoved} */
async function mustNotBeElsewhere({ db }: Database, name: string): Promise<void> {
  const moving = await factOf(db, MOVING_TO);
  if (moving !== undefined && moving !== name) {
    throw new NotMoved(`a move to ${moving} was broken off: finish that one; ${CANCEL}`);
  }
  const moved = await factOf(db, MOVED_TO);
  if (moved !== undefined && !moved.startsWith(`${name} on `)) {
    throw new NotMoved(`it was moved to ${moved}: ${CANCEL}`);
  }
}

/** The rows of a move and its number are committed as one, so the number alone proves the rows. */
async function isThere(source: Database, trx: Kysely<Schema>): Promise<boolean> {
  const id = await factOf(source.db, MOVE_ID);
  return id !== undefined && id === (await factOf(trx, MOVE_ID));
}

async function carry(
  source: Database,
  target: Database,
  trx: Kysely<Schema>,
  tell: (progress: string) => void,
): Promise<Record<string, number>> {
  await mustBeUnused(trx, target);
  for (const table of NOT_CONTENT) await trx.deleteFrom(table).execute();
  const offsetMs = await offset(source, target, trx);
  const rows: Record<string, number> = {};
  for (const table of TABLES) {
    rows[table] = await copyRows(source, target, trx, table, offsetMs, (count) =>
      tell(`${table} ${count}`),
    );
  }
  await settleThere(trx, target);
  const [here, there] = [await countAll(source.db), await countAll(trx)];
  for (const table of TABLES) {
    if (there[table] !== here[table] || here[table] !== rows[table]) {
      throw new NotMoved(`${table}: ${here[table]} rows here, ${there[table]} there`);
    }
  }
  for (const table of TABLES) await goOnAfter(source, trx, table);
  return rows;
}

/** Whoever had something in hand is gone, everything that waits is looked at after a start, and nothing lies ahead. */
async function settleThere(trx: Kysely<Schema>, { dialect }: Database): Promise<void> {
  const now = dialect.now();
  await sql`update lane set owner = null, token = token + 1 where owner is not null`.execute(trx);
  await sql`update lane set due_at = ${now} where due_at > ${now}`.execute(trx);
  await sql`update api_call set owner = null where owner is not null`.execute(trx);
  await sql`update conversation set last_inbound_ms = ${now} where last_inbound_ms > ${now}`.execute(
    trx,
  );
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

async function countAll(db: Kysely<Schema>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of TABLES) counts[table] = await countRows(db, table);
  return counts;
}

/**
 * The server said that it did not commit. One that was told to end, and a connection that broke, may have committed
 * before they said so.
 */
function isRefused(error: unknown): boolean {
  if (error instanceof AbortedTransactionError) return true;
  const code = codeOf(error);
  return /^[0-9A-Z]{5}$/.test(code) && !/^(08|57)|^40003$/.test(code);
}

/** Where a database is, for the eyes of an operator. */
function withoutSecrets(url: string): string {
  const { host, pathname } = new URL(url);
  return `PostgreSQL ${host}${pathname}`;
}
