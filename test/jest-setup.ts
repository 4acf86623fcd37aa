import { chmodSync, mkdtempSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres, type PostgresServer } from './postgres.ts';

declare global {
  var specPostgres: PostgresServer | undefined;
  var specFolder: string | undefined;
}

/** Where Linux keeps files in memory, and what the stores of all specs together stay far below. */
const MEMORY = '/dev/shm';
const ROOM_BYTES = 2 * 1024 ** 3;

/**
 * One PostgreSQL for the whole run, unless TEST_DATABASE_URL names one; and a folder for temporary files in which no
 * commit waits for a disk, where there is such a place: whether it would wait is read from the store's own settings.
 */
export default async function setup(): Promise<void> {
  if (!process.env['TMPDIR'] && hasRoom(MEMORY)) {
    globalThis.specFolder = mkdtempSync(join(MEMORY, 'bridge-specs-'));
    // PostgreSQL runs as somebody else where the specs are run by root.
    chmodSync(globalThis.specFolder, 0o755);
    process.env['TMPDIR'] = globalThis.specFolder;
  }
  if (process.env['TEST_DATABASE_URL']) return;
  globalThis.specPostgres = await startPostgres();
  process.env['TEST_DATABASE_URL'] = globalThis.specPostgres.url;
}

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > ROOM_BYTES;
  } catch {
    return false;
  }
}
