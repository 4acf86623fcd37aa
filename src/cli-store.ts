import { asFarAsGiven, ConfigError } from './config.js';
import { backUp } from './infrastructure/journal/backup.js';
import { isPostgres } from './infrastructure/journal/database.js';
import { cancelMove, moveStore } from './infrastructure/journal/move-store.js';
import { restore } from './infrastructure/journal/restore.js';

/* Commands about the journal as a whole. They need no more of the settings than where it is. */

/** @throws {ConfigError} where it is not on SQLite */
async function sqliteUrl(): Promise<string> {
  const { DATABASE_URL: url } = (await asFarAsGiven()).env;
  if (!isPostgres(url)) return url;
  throw new ConfigError([
    'DATABASE_URL is PostgreSQL: it is saved, restored and moved by pg_dump and psql',
  ]);
}

export async function backUpJournal(file: string, json = false): Promise<string> {
  const saved = backUp(await sqliteUrl(), file);
  if (json) return JSON.stringify(saved);
  return `${saved.file}: ${saved.messages} messages, ${saved.waiting} of them waiting, ${saved.sizeBytes} bytes`;
}

export async function restoreJournal(file: string, json = false): Promise<string> {
  const { former, ...found } = restore(await sqliteUrl(), file, new Date());
  if (json) return JSON.stringify({ ...found, former });
  const before = former === undefined ? '' : `\nthe former one is ${former}`;
  return `${found.file}: ${found.messages} messages, ${found.waiting} of them waiting${before}`;
}

export async function moveJournal(to: string, json = false): Promise<string> {
  const from = await sqliteUrl();
  if (!isPostgres(to)) throw new ConfigError(['--to expects postgres://…']);
  const { rows } = await moveStore(
    from,
    to,
    (progress) => void process.stderr.write(`${progress}\n`),
  );
  if (json) return JSON.stringify({ rows });
  const lines = Object.entries(rows).map(([table, count]) => `${table}\t${count}`);
  return [...lines, 'moved: set DATABASE_URL to it before the next start'].join('\n');
}

export async function cancelJournalMove(json = false): Promise<string> {
  await cancelMove(await sqliteUrl());
  return json ? JSON.stringify({ cancelled: true }) : 'the journal is used here again';
}
