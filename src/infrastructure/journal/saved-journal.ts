import { statSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { codeOf } from './dialect.js';
import { MIGRATION_NAMES } from './migrations.js';
import { MOVED_TO, MOVING_TO } from './moved.js';

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

/** @throws {BackupError} where it is no journal of this bridge, is damaged, or is of a newer bridge */
export function inspect(file: string): Omit<Inventory, 'file'> & { readonly moved?: string } {
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
    const moved = movedTo(sqlite);
    return {
      sizeBytes: statSync(file).size,
      messages: count(''),
      waiting: count(`where state = 'waiting'`) + received(sqlite),
      ...(moved !== undefined && { moved }),
    };
  } catch (error) {
    if (error instanceof BackupError) throw error;
    throw new BackupError(`no journal of this bridge: ${inWords(error)}`);
  } finally {
    sqlite?.close();
  }
}

/** What is not filed yet; a journal of an older bridge has no such table. */
function received(sqlite: BetterSqlite3.Database): number {
  const has = sqlite.prepare(`select 1 from sqlite_schema where name = 'inbox'`).get();
  if (!has) return 0;
  return sqlite.prepare('select coalesce(sum(size), 0) from inbox').pluck().get() as number;
}

/** Where its content was carried, or begun to be; undefined while it is here. */
export function movedTo(sqlite: BetterSqlite3.Database): string | undefined {
  const has = sqlite.prepare(`select 1 from sqlite_schema where name = 'memory'`).get();
  if (!has) return undefined;
  return sqlite
    .prepare('select value from memory where name in (?, ?)')
    .pluck()
    .get(MOVED_TO, MOVING_TO) as string | undefined;
}

/** What SQLite says of a file that is none of its own, or whose pages do not fit together. */
export const isDamage = (error: unknown) => /^SQLITE_(NOTADB|CORRUPT)/.test(codeOf(error));

export function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
