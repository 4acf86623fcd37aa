import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { lockFile, sqliteFile } from './database.js';
import { codeOf } from './dialect.js';
import {
  BackupError,
  inspect,
  inWords,
  isDamage,
  movedTo,
  type Inventory,
} from './saved-journal.js';
import { addName, flush } from './whole-files.js';

/** What SQLite keeps beside a file. Left there, it would be taken together with the next one of that name. */
const BESIDE = ['-wal', '-shm', '-journal'];

const CANCEL = 'to stay on SQLite, drop what is there and call "bridge move-store --cancel" first';

/**
 * Puts a saved journal in the place of the one there is, which stays beside it: whole, or as damaged as it was.
 * @returns what it holds, and where the former journal is now, if there was one
 * @throws {AlreadyRunning} while the bridge runs
 * @throws {BackupError}
 */
export function restore(
  url: string,
  from: string,
  now: Date,
): Inventory & { readonly former?: string } {
  const named = resolve(sqliteFile(url));
  const file = existsSync(named) ? realpathSync(named) : named;
  const folder = dirname(file);
  if (!existsSync(folder)) throw new BackupError(`there is no folder ${folder}`);
  mustBeSaved(from, file);
  const lock = lockFile(`${named}.lock`);
  const half = `${file}.part`;
  try {
    copyFileSync(from, half);
    const { moved, sizeBytes, messages, waiting } = inspect(half);
    if (moved !== undefined) {
      throw new BackupError(
        `${from} was saved after its journal was moved to ${moved}: set DATABASE_URL to that; ${CANCEL}, with DATABASE_URL=file:${from}`,
      );
    }
    giveTo(half, existsSync(file) ? file : folder, existsSync(file));
    flush(half);
    const former = setAside(file, now);
    flush(folder);
    renameSync(half, file);
    flush(folder);
    const found = { file, sizeBytes, messages, waiting };
    return { ...found, ...(former !== undefined && { former }) };
  } catch (error) {
    throw error instanceof BackupError ? error : new BackupError(`not restored: ${inWords(error)}`);
  } finally {
    for (const left of ['', ...BESIDE]) rmSync(`${half}${left}`, { force: true });
    lock.close();
  }
}

/** @throws {BackupError} where it is the journal itself, by whatever name, or has writes that are not in it */
function mustBeSaved(from: string, file: string): void {
  if (!existsSync(from)) throw new BackupError(`there is no file ${from}`);
  const real = realpathSync(from);
  const { dev, ino } = statSync(real, { bigint: true });
  const there = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (there?.dev === dev && there.ino === ino) {
    throw new BackupError(`${from} is the journal itself`);
  }
  for (const writes of [`${real}-wal`, `${real}-journal`]) {
    if ((statSync(writes, { throwIfNoEntry: false })?.size ?? 0) > 0) {
      throw new BackupError(
        `${from} is in use, and has writes beside it: save it by "bridge backup"`,
      );
    }
  }
}

/** Whoever opened the former one opens it; where there was none, whose folder it is. */
function giveTo(half: string, like: string, isFormer: boolean): void {
  const { mode, uid, gid } = statSync(like);
  // What was kept from changes is going to be written to.
  chmodSync(half, isFormer ? mode : statSync(half).mode | 0o600);
  const mine = statSync(half);
  const isOthers = mine.uid !== uid || mine.gid !== gid;
  if (isOthers && (isFormer || process.getuid?.() === 0)) chownSync(half, uid, gid);
}

/**
 * Gives the journal a second name: its own is taken over in one step. What lies beside it goes along, also where the
 * journal itself is gone.
 */
function setAside(file: string, now: Date): string | undefined {
  if (existsSync(file)) endWrites(file);
  const beside = BESIDE.filter((rest) => existsSync(`${file}${rest}`));
  if (!existsSync(file) && beside.length === 0) return undefined;
  const former = freeName(file, now);
  if (existsSync(file)) addName(file, former);
  for (const rest of beside) renameSync(`${file}${rest}`, `${former}${rest}`);
  return former;
}

/** Everything written to a journal that is whole is in its one file then. @throws {BackupError} */
function endWrites(file: string): void {
  // SQLite forgets what lies beside an empty file, and that is all there is of it.
  if (statSync(file).size === 0) return;
  let sqlite: BetterSqlite3.Database | undefined;
  try {
    sqlite = new BetterSqlite3(file);
    const moved = movedTo(sqlite);
    if (moved !== undefined) {
      throw new BackupError(
        `the journal here was moved to ${moved}, which a restored one would not know: ${CANCEL}`,
      );
    }
    sqlite.pragma('wal_checkpoint(TRUNCATE)');
    // Away from WAL there is no second file that the new journal could be taken together with.
    sqlite.pragma('journal_mode = DELETE');
  } catch (error) {
    // The very case for which one restores: it stays as it is.
    if (isDamage(error)) return;
    throw codeOf(error).startsWith('SQLITE_BUSY') ? isUsed(file) : error;
  } finally {
    sqlite?.close();
  }
  if (existsSync(`${file}-wal`)) throw isUsed(file);
}

/** Several journals may be set aside within a second. */
function freeName(file: string, now: Date): string {
  const name = `${file}.before-${now.toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const isFree = (one: string) => ['', ...BESIDE].every((rest) => !existsSync(`${one}${rest}`));
  let free = name;
  for (let number = 2; !isFree(free); number += 1) free = `${name}-${number}`;
  return free;
}

const isUsed = (file: string) => new BackupError(`${file} is in use: end what uses it`);
