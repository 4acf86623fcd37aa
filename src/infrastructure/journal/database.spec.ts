import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import BetterSqlite3 from 'better-sqlite3';
import { sql } from 'kysely';
import pg from 'pg';
import { emptyDatabase, freshFile, type FreshDatabase } from '../../../test/fresh-database.js';
import { AlreadyRunning, NotOpened, openDatabase, openStore } from './database.js';
import { MIGRATION_NAMES } from './migrations.js';

describe('a SQLite file that is opened', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bridge-opened-'));
    file = await freshFile(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is nobody’s after an error, so that the next one may mend it', async () => {
    writeFileSync(file, 'x'.repeat(5_000));
    await expect(openDatabase(`file:${file}`)).rejects.toThrow(NotOpened);
    rmSync(file);
    await (await openDatabase(`file:${file}`)).close();
  });

  it('is nobody’s either where its tables are not what they were', async () => {
    const sqlite = new BetterSqlite3(file);
    sqlite.exec('alter table memory rename to other');
    await expect(openDatabase(`file:${file}`)).rejects.toThrow(NotOpened);
    sqlite.exec('alter table other rename to memory');
    sqlite.close();
    const database = await openDatabase(`file:${file}`);
    await expect(openDatabase(`file:${file}`)).rejects.toThrow(AlreadyRunning);
    await database.close();
  });

  it('waits for a backup that reads it, and for nobody once it is open', async () => {
    const sqlite = new BetterSqlite3(file);
    sqlite.pragma('journal_mode = DELETE');
    sqlite.close();
    const wanted = new Int32Array(new SharedArrayBuffer(4));
    const backup = new Worker(READS_ON, { eval: true, workerData: { file, wanted } });
    await once(backup, 'message');
    const ended = once(backup, 'exit');
    Atomics.store(wanted, 0, 1);
    Atomics.notify(wanted, 0);
    const database = await openDatabase(`file:${file}`);
    await ended;
    const { rows } = await sql<{ timeout: number }>`pragma busy_timeout`.execute(database.db);
    expect(rows).toEqual([{ timeout: 0 }]);
    await database.close();
  });
});

/** Reads the file until it has been wanted for a while. */
const READS_ON = `
const BetterSqlite3 = require(${JSON.stringify(createRequire(import.meta.url).resolve('better-sqlite3'))});
const { parentPort, workerData } = require('node:worker_threads');
const sqlite = new BetterSqlite3(workerData.file);
sqlite.exec('begin; select count(*) from message');
sqlite.prepare('select count(*) from message').get();
parentPort.postMessage('reads');
Atomics.wait(workerData.wanted, 0, 0);
Atomics.wait(workerData.wanted, 0, 1, 200);
sqlite.exec('commit');
sqlite.close();
`;

describe('a PostgreSQL database that is opened', () => {
  let empty: FreshDatabase;
  let admin: pg.Client;
  beforeEach(async () => {
    empty = await emptyDatabase();
    admin = new pg.Client({ connectionString: empty.url });
    await admin.connect();
  });
  afterEach(async () => {
    await admin.end();
    await empty.drop();
  });

  it('by ten processes at once has its tables made once', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => openDatabase(empty.url)));
    const { rows } = await admin.query('select name from kysely_migration order by name');
    expect(rows.map(({ name }) => String(name))).toEqual(MIGRATION_NAMES);
    await Promise.all(all.map((database) => database.close()));
  });

  it('waits as long as others make its tables, and asks for nothing else so patiently', async () => {
    // Kysely's lock for migrations.
    await admin.query('select pg_advisory_lock(3853314791062309107)');
    const opening = openStore(empty.url, undefined, {
      connect: 5_000,
      statement: 50,
      answer: 5_000,
      idle: 5_000,
    });
    const isWaiting = async () => {
      const { rows } = await admin.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event = 'advisory'
           and clock_timestamp() - query_start > interval '200 ms'`,
      );
      return rows.length > 0;
    };
    await Promise.race([opening, until(isWaiting)]);
    await admin.query('select pg_advisory_unlock(3853314791062309107)');
    const database = await opening;
    await expect(sql`select pg_sleep(5)`.execute(database.db)).rejects.toMatchObject({
      code: '57014',
    });
    await database.close();
    // The server takes leave of a connection a moment after it was closed.
    const isAlone = async () => {
      const { rows } = await admin.query(
        'select 1 from pg_stat_activity where datname = current_database()',
      );
      return rows.length === 1;
    };
    await until(isAlone);
  });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}
