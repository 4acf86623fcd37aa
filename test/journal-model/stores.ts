import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { JournalClock } from '../../src/infrastructure/journal/clock.js';
import { openDatabase, type Database } from '../../src/infrastructure/journal/database.js';
import { SqlJournal } from '../../src/infrastructure/journal/journal.js';
import { WatchedJournal } from '../fakes/watched-journal.ts';
import { freshDatabase, freshFile } from '../fresh-database.js';
import { losing } from '../memory-journal.ts';

/** One process on a store. */
export interface Process {
  readonly journal: WatchedJournal;
  /** It is dead to the others from here on, though what it had sent may still be written. */
  die(): Promise<void>;
}

/** A store that the model moves through time, with processes that come and go. */
export interface ModelStore {
  readonly database: Database;
  /** So many processes may live on it at once. */
  readonly mostProcesses: number;
  /** The first process, or another one: on SQLite the successor of one that died. */
  open(): Promise<Process>;
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Goes on through all processes: no time passes between two of them. */
class OneClock extends JournalClock {
  override resume(): void {
    // Where it was.
  }
}

/** One process at a time; the next one knows that whoever was there before is gone. */
async function sqliteAt(url: string): Promise<ModelStore> {
  let passedMs = 0;
  const clock = new OneClock(
    () => 1_770_000_000_000,
    () => passedMs,
  );
  const database = await openDatabase(url, clock);
  return {
    database,
    mostProcesses: 1,
    open: async () => {
      const store = { losses: 0 };
      const journal = await SqlJournal.open(losing(database, store));
      return { journal: new WatchedJournal(journal, store), die: () => Promise.resolve() };
    },
    pass: (ms) => {
      passedMs += ms;
      return Promise.resolve();
    },
    close: () => database.close(),
  };
}

export function inMemory(): Promise<ModelStore> {
  return sqliteAt('file::memory:');
}

export async function inFile(): Promise<ModelStore> {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-model-'));
  const store = await sqliteAt(`file:${await freshFile(folder)}`);
  return {
    ...store,
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export async function inPostgres(): Promise<ModelStore> {
  const { url, drop } = await freshDatabase();
  const database = await openDatabase(url);
  const opened: Database[] = [];
  const workers = async () => {
    const rows = await database.db.selectFrom('worker').select('id').execute();
    return rows.map(({ id }) => id);
  };
  return {
    database,
    mostProcesses: 2,
    open: async () => {
      const store = { losses: 0 };
      const before = await workers();
      const own = await openDatabase(url);
      opened.push(own);
      // On a host of its own: two with one process id would be one that came back.
      await sql`update worker set host = id`.execute(database.db);
      const journal = await SqlJournal.open(losing(own, store));
      const id = (await workers()).find((one) => !before.includes(one));
      return {
        journal: new WatchedJournal(journal, store),
        die: async () => {
          await sql`update worker set heartbeat_at = heartbeat_at - 20000 where id = ${id}`.execute(
            database.db,
          );
        },
      };
    },
    pass: async (ms) => {
      const by = sql.lit(ms);
      await sql`update lane set due_at = due_at - ${by} where due_at is not null`.execute(
        database.db,
      );
      await sql`update message set accepted_at = accepted_at - ${by}`.execute(database.db);
      await sql`update inbox set received_at = received_at - ${by}`.execute(database.db);
    },
    close: async () => {
      await Promise.all([database, ...opened].map((one) => one.close()));
      await drop();
    },
  };
}
