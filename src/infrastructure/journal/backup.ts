import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { lockFile, sqliteFile } from './database.js';
import { MIGRATION_NAMES } from './migrations.js';

/*
 * A SQLite journal as one file beside it, and back. Either is whole or not there: it is made under another name and
 * takes its own once it is on the disk. One backup to a file and one restore at a time: nothing tells two apart.
 */

/** What a file of a journal holds. */
export interface Inventory {
  readonly file: string;
  readonly sizeBytes: number;
  readonly messages: number;
  readonly waiting: number;
}

/** A journal cannot be saved or brought back as asked; nothing has changed. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/**
 * Writes the journal as it is at this moment to a new file, while the bridge goes on writing to its own.
 * @throws {BackupError}
 */
export function backUp(url: string, to: string): Inventory {
  const from = sqliteFile(url);
  const file = resolve(to);
  if (!existsSync(from)) throw new BackupError(`there is no journal at ${from}`);
  if (existsSync(file)) throw new BackupError(`${file} is there already: name a new file`);
  if (!existsSync(dirname(file))) throw new BackupError(`there is no folder ${dirname(file)}`);
  const half = `${file}.part`;
  rmSync(half, { force: true });
  try {
    // One snapshot, however much is written meanwhile: readers and the writer do not wait for each other in WAL.
    const sqlite = new BetterSqlite3(from, { fileMustExist: true });
    try {
      sqlite.prepare('vacuum into ?').run(half);
    } finally {
      sqlite.close();
    }
    const found = inspect(half);
    flush(half);
    renameSync(half, file);
    flush(dirname(file));
    return { ...found, file };
  } catch (error) {
    throw error instanceof BackupError ? error : new BackupError(`not saved: ${inWords(error)}`);
  } finally {
    rmSync(half, { force: true });
  }
}

/**
 * Puts a saved journal in the place of the one there is, which stays beside it.
 * @returns what it holds, and where the former journal is now, if there was one
 * @throws {AlreadyRunning} while the bridge runs
 * @throws {BackupError}
 */
export function restore(
  url: string,
  from: string,
  now: Date,
): Inventory & { readonly former?: string } {
  const file = resolve(sqliteFile(url));
  if (!existsSync(from)) throw new BackupError(`there is no file ${from}`);
  if (!existsSync(dirname(file))) throw new BackupError(`there is no folder ${dirname(file)}`);
  if (resolve(from) === file) throw new BackupError(`${from} is the journal itself`);
  if (existsSync(`${from}-wal`) && statSync(`${from}-wal`).size > 0) {
    throw new BackupError(
      `${from} is in use, and has writes beside it: save it by "bridge backup"`,
    );
  }
  const lock = lockFile(`${file}.lock`);
  const half = `${file}.part`;
  try {
    copyFileSync(from, half);
    const found = inspect(half);
    flush(half);
    const former = existsSync(file) ? setAside(file, now) : undefined;
    renameSync(half, file);
    flush(dirname(file));
    return { ...found, file, ...(former !== undefined && { former }) };
  } catch (error) {
    throw error instanceof BackupError ? error : new BackupError(`not restored: ${inWords(error)}`);
  } finally {
    for (const left of [half, `${half}-wal`, `${half}-shm`]) rmSync(left, { force: true });
    lock.close();
  }
}

/** Gives the journal a second name, with all that was written to it: its own name is taken over in one step. */
function setAside(file: string, now: Date): string {
  const sqlite = new BetterSqlite3(file);
  try {
    sqlite.pragma('wal_checkpoint(TRUNCATE)');
    // Away from WAL there is no second file that the new journal could be taken together with.
    sqlite.pragma('journal_mode = DELETE');
  } finally {
    sqlite.close();
  }
  if (existsSync(`${file}-wal`)) throw new BackupError(`${file} is in use: end what uses it`);
  const former = `${file}.before-${now.toISOString().replace(/[-:]|\.\d+/g, '')}`;
  try {
    linkSync(file, former);
  } catch {
    // Not every file system gives a file two names.
    copyFileSync(file, former);
    flush(former);
  }
  return former;
}

/** @throws {BackupError} where it is no journal of this bridge, is damaged, or is of a newer bridge */
function inspect(file: string): Omit<Inventory, 'file'> {
  let sqlite: BetterSqlite3.Database | undefined;
  try {
    sqlite = new BetterSqlite3(file, { readonly: true, fileMustExist: true });
    const [health] = sqlite.pragma('quick_check') as { quick_check: string }[];
    if (health?.quick_check !== 'ok') throw new BackupError(`damaged: ${health?.quick_check}`);
    const known = new Set(MIGRATION_NAMES);
    const done = sqlite.prepare('select name from kysely_migration').pluck().all() as string[];
    const strange = done.filter((name) => !known.has(name));
    if (strange.length > 0)
      throw new BackupError(`of a newer bridge: it has ${strange.join(', ')}`);
    const count = (where: string) =>
      sqlite?.prepare(`select count(*) from message ${where}`).pluck().get() as number;
    return {
      sizeBytes: statSync(file).size,
      messages: count(''),
      waiting: count(`where state = 'waiting'`),
    };
  } catch (error) {
    if (error instanceof BackupError) throw error;
    throw new BackupError(`no journal of this bridge: ${inWords(error)}`);
  } finally {
    sqlite?.close();
  }
}

/** Onto the disk: a file, or the names in a folder. */
function flush(path: string): void {
  const opened = openSync(path, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
