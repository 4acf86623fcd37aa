import type { CompiledQuery, Kysely } from 'kysely';
import { openDatabase, type Database } from '../src/infrastructure/journal/database.js';
import { JournalClock } from '../src/infrastructure/journal/clock.js';
import { SqlJournal } from '../src/infrastructure/journal/journal.js';
import type { Schema } from '../src/infrastructure/journal/schema.js';
import { HandAlarm } from './fakes/alarm.ts';
import { WatchedJournal } from './fakes/watched-journal.ts';

/** The real journal in memory, on time that the spec moves. */
export interface MemoryJournal {
  readonly alarm: HandAlarm;
  readonly journal: WatchedJournal;
  readonly database: Database;
}

export async function openMemoryJournal(): Promise<MemoryJournal> {
  let journal: WatchedJournal | undefined;
  const alarm = new HandAlarm(() => journal?.activity ?? 0);
  const clock = new JournalClock(
    () => alarm.date().getTime(),
    () => alarm.now(),
  );
  const database = await openDatabase('file::memory:', clock);
  const store = { losses: 0 };
  journal = new WatchedJournal(await SqlJournal.open(losing(database, store)), store);
  return { alarm, journal, database };
}

/**
 * A store whose connections break just after a commit: what was written is there, and nobody was told.
 * @param store of how many commits to come
 */
export function losing(database: Database, store: { losses: number }): Database {
  const { db } = database;
  const onConnection = (connection: Kysely<Schema>) =>
    changed(connection, 'executeQuery', async (query: CompiledQuery) => {
      const result = await connection.executeQuery(query);
      if (query.sql !== 'commit' || store.losses === 0) return result;
      store.losses -= 1;
      throw new Error('the connection broke');
    });
  const lossy = changed(db, 'connection', () => ({
    execute: <T>(work: (connection: Kysely<Schema>) => Promise<T>) =>
      db.connection().execute((connection) => work(onConnection(connection))),
  }));
  return { ...database, db: lossy };
}

/** The same object with one method replaced. */
function changed<T extends object>(target: T, method: keyof T, by: unknown): T {
  return new Proxy(target, {
    get: (_, name) => {
      if (name === method) return by;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
