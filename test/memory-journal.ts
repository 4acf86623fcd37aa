import { openDatabase, type Database } from '../src/infrastructure/journal/database.js';
import { JournalClock } from '../src/infrastructure/journal/clock.js';
import { SqlJournal } from '../src/infrastructure/journal/journal.js';
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
  journal = new WatchedJournal(await SqlJournal.open(database));
  return { alarm, journal, database };
}
