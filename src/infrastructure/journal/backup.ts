import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { sqliteFile } from './database.js';
import { codeOf } from './dialect.js';
import { BackupError, inspect, inWords, type Inventory } from './saved-journal.js';
import { flush, takeNewName } from './whole-files.js';

/**
 * Writes the journal as it is at this moment to a new file, while the bridge goes on writing to its own. The file is
 * whole or not there: it is made under another name and takes its own once it is on the disk.
 * @throws {BackupError}
 */
export function backUp(url: string, to: string): Inventory {
  const from = sqliteFile(url);
  const file = resolve(to);
  if (!existsSync(from)) throw new BackupError(`there is no journal at ${from}`);
  if (existsSync(file)) throw isThere(file);
  if (!existsSync(dirname(file))) throw new BackupError(`there is no folder ${dirname(file)}`);
  const half = `${file}.${randomUUID().slice(0, 8)}.part`;
  try {
    // One snapshot, however much is written meanwhile: readers and the writer do not wait for each other in WAL.
    const sqlite = new BetterSqlite3(from, { fileMustExist: true });
    try {
      sqlite.prepare('vacuum into ?').run(half);
    } finally {
      sqlite.close();
    }
    const { sizeBytes, messages, waiting } = inspect(half);
    flush(half);
    takeNewName(half, file);
    flush(dirname(file));
    return { file, sizeBytes, messages, waiting };
  } catch (error) {
    if (error instanceof BackupError) throw error;
    throw codeOf(error) === 'EEXIST'
      ? isThere(file)
      : new BackupError(`not saved: ${inWords(error)}`);
  } finally {
    rmSync(half, { force: true });
  }
}

const isThere = (file: string) => new BackupError(`${file} is there already: name a new file`);
