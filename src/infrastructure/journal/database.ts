import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import {
  Kysely,
  PostgresDialect,
  SqliteDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type SqliteStatement,
} from 'kysely';
import pg from 'pg';
import { JournalUnavailable } from '../../domain/errors.js';
import { Checkpoints } from './checkpoints.js';
import { JournalClock } from './clock.js';
import { codeOf, postgresDialect, sqliteDialect, type Dialect } from './dialect.js';
import { isUpToDate, migrate } from './migrations.js';
import { MovedAway, mustBeHere, MoveUnfinished } from './moved.js';
import type { Schema } from './schema.js';
import { Wal } from './wal.js';

/** An open store. */
export interface Database {
  readonly db: Kysely<Schema>;
  readonly dialect: Dialect;
  /** SQLite's own; PostgreSQL's time is the server's. */
  readonly clock?: JournalClock;
  /** SQLite's log; PostgreSQL answers a commit when it is on the disk. */
  readonly wal?: Wal;
  close(): Promise<void>;
}

/** A second process on the same SQLite file. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
}

/** The store of the settings cannot be used. */
export class NotOpened extends Error {
  override readonly name = 'NotOpened';

  constructor(cause: unknown) {
    const said = cause instanceof Error && cause.message ? cause.message : 'no reason was given';
    super(`DATABASE_URL cannot be opened: ${codeOf(cause) || said}`, { cause });
  }
}

/**
 * Opens the store of a `DATABASE_URL` and brings its tables up to date.
 * @throws {AlreadyRunning} where another process has the SQLite file
 * @throws {MovedAway} where its content is in another store
 * @throws {MoveUnfinished} where nobody knows whether it is
 * @throws {NotOpened}
 */
export async function openDatabase(url: string, clock = new JournalClock()): Promise<Database> {
  const database = await openStore(url, clock);
  try {
    if (database.clock) await mustBeHere(database);
    return database;
  } catch (error) {
    await database.close();
    throw error instanceof MovedAway || error instanceof MoveUnfinished
      ? error
      : new NotOpened(error);
  }
}

/**
 * Like `openDatabase`, for those who carry it elsewhere: also one that was moved.
 * @param wait how long PostgreSQL may take for what is asked of it
 * @throws {AlreadyRunning}
 * @throws {NotOpened}
 */
export async function openStore(
  url: string,
  clock = new JournalClock(),
  wait = POSTGRES_WAIT_MS,
): Promise<Database> {
  let database: Database | undefined;
  try {
    database = isPostgres(url) ? openPostgres(url, wait) : openSqlite(url, clock);
    if (!(await isUpToDate(database.db))) await bringUpToDate(database, url, wait);
    return database;
  } catch (error) {
    await database?.close();
    throw error instanceof AlreadyRunning ? error : new NotOpened(error);
  }
}

/** An index over millions of rows takes minutes, and as long do the other processes wait that are started at once. */
async function bringUpToDate(
  database: Database,
  url: string,
  wait: typeof POSTGRES_WAIT_MS,
): Promise<void> {
  if (!isPostgres(url)) return migrate(database);
  const patient = openPostgres(url, { ...PATIENT_MS, connect: wait.connect });
  try {
    await migrate(patient);
  } finally {
    await patient.close();
  }
}

export const isPostgres = (url: string) => /^postgres(ql)?:/.test(url);

/** Of a `DATABASE_URL` that names one. */
export const sqliteFile = (url: string) => url.replace(/^file:(\/\/(?=\/))?/, '');

/* SQLite --------------------------------------------------------------------------------------------------- */

function openSqlite(url: string, clock: JournalClock): Database {
  const file = sqliteFile(url);
  const inMemory = file === ':memory:';
  if (!inMemory) mkdirSync(dirname(file), { recursive: true });
  const lock = inMemory ? undefined : lockFile(`${file}.lock`);
  try {
    const sqlite = openFile(file);
    const wal = inMemory ? undefined : new Wal(`${file}-wal`, () => emptyLog(sqlite, 'TRUNCATE'));
    const checkpoints = inMemory
      ? undefined
      : new Checkpoints(file, () => emptyLog(sqlite, 'RESTART'));
    const db = new Kysely<Schema>({
      dialect: new SqliteDialect({ database: preparedOnce(sqlite) }),
    });
    return {
      db,
      dialect: sqliteDialect(clock),
      clock,
      wal,
      close: async () => {
        await checkpoints?.close();
        await wal?.close();
        await db.destroy();
        if (sqlite.open) sqlite.close();
        lock?.close();
      },
    };
  } catch (error) {
    lock?.close();
    throw error;
  }
}

/** A backup that is being made reads a restored journal, which is not in WAL yet, or ends with a checkpoint. */
const OPENING_MS = 10_000;

function openFile(file: string): BetterSqlite3.Database {
  const sqlite = new BetterSqlite3(file, { timeout: OPENING_MS });
  try {
    // Some file systems cannot have it, and SQLite says so by the mode that it stays in.
    const mode = sqlite.pragma('journal_mode = WAL', { simple: true });
    if (mode !== 'wal' && mode !== 'memory')
      throw new Error(`no write-ahead log here (${String(mode)})`);
    // With FULL the event loop would wait for the disk: see `Wal`, which each transaction is told to wait for.
    sqlite.pragma('synchronous = NORMAL');
    // By itself SQLite empties the log in the middle of a commit; `Checkpoints` does it beside them.
    sqlite.pragma('wal_autocheckpoint = 0');
    // From now on nobody else writes to it, so nothing is worth waiting for; a waiting driver would stop the event loop.
    sqlite.pragma('busy_timeout = 0');
    return sqlite;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}

/** @throws where not all of it could be brought into the file */
function emptyLog(sqlite: BetterSqlite3.Database, how: 'TRUNCATE' | 'RESTART'): void {
  const [done] = sqlite.pragma(`wal_checkpoint(${how})`) as { busy: number }[];
  if (done?.busy !== 0) throw new Error('the log of the journal is in use');
}

/** Held by the file system until the process ends, however it ends. */
export function lockFile(path: string): BetterSqlite3.Database {
  closeSync(openSync(path, 'a'));
  const lock = new BetterSqlite3(path, { timeout: 0 });
  try {
    lock.pragma('journal_mode = DELETE');
    lock.exec('begin exclusive');
    return lock;
  } catch (error) {
    lock.close();
    if (codeOf(error).startsWith('SQLITE_BUSY')) {
      throw new AlreadyRunning(
        'another process uses this journal: end it, or give this one a DATABASE_URL of its own',
      );
    }
    throw error;
  }
}

/** Kysely prepares each query anew; the statements of the hot path are always the same. */
function preparedOnce(sqlite: BetterSqlite3.Database): {
  close(): void;
  prepare(text: string): SqliteStatement;
} {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => sqlite.close(),
    prepare: (text) => {
      let statement = statements.get(text);
      if (!statement) {
        statement = sqlite.prepare(text) as unknown as SqliteStatement;
        if (statements.size < 256) statements.set(text, statement);
      }
      return statement;
    },
  };
}

/* PostgreSQL ------------------------------------------------------------------------------------------------ */

/**
 * amoCRM waits 5 s for an answer. A webhook waits for the group in flight and for its own, so two waits for the store
 * have to end before that.
 */
const POSTGRES_WAIT_MS = { connect: 1_500, statement: 2_000, answer: 2_250, idle: 5_000 };

/** For what is done to whole tables, while no webhook waits for it. */
export const PATIENT_MS = {
  connect: 10_000,
  statement: 3_600_000,
  answer: 3_610_000,
  idle: 3_600_000,
};

function openPostgres(url: string, wait: typeof POSTGRES_WAIT_MS): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    connectionTimeoutMillis: wait.connect,
    query_timeout: wait.answer,
    statement_timeout: wait.statement,
    idle_in_transaction_session_timeout: wait.idle,
    keepAlive: true,
    // Whatever the server's default is: what was answered with 200 is on its disk.
    options: '-c synchronous_commit=on',
    types: {
      // int8 comes as text by default; all of ours stay far below 2^53.
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
    },
  });
  // A connection that breaks is replaced by the pool; without listeners it would end the process, idle or not.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: soundPool(pool) }) });
  return { db, dialect: postgresDialect(), close: () => db.destroy() };
}

/**
 * The pool, without connections that once did not answer: nobody knows what goes on in them, or in which transaction
 * they are. They take no further query and are closed when they are given back.
 */
function soundPool(pool: pg.Pool): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect();
      let isSound = true;
      const query = async (text: string, values: readonly unknown[]) => {
        if (!isSound)
          throw new JournalUnavailable(new Error('the connection did not answer before'));
        try {
          return await client.query(text, [...values]);
        } catch (error) {
          // What the server refuses, it has answered.
          isSound = /^[0-9A-Z]{5}$/.test(codeOf(error));
          throw error;
        }
      };
      return { query, release: () => client.release(!isSound) } as unknown as PostgresPoolClient;
    },
  };
}
