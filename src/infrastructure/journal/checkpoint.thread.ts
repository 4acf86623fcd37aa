import { parentPort, workerData } from 'node:worker_threads';
import BetterSqlite3 from 'better-sqlite3';

/*
 * The thread of `Checkpoints`: puts pages of the log into the file, each time it is asked, and tells how many there are
 * and how many of them are there. Writers go on meanwhile.
 */
const sqlite = new BetterSqlite3(workerData as string, { timeout: 0, fileMustExist: true });
// Log and file are on the disk before the log is written over.
sqlite.pragma('synchronous = NORMAL');

parentPort?.on('message', (wish: 'checkpoint' | 'end') => {
  if (wish === 'end') {
    sqlite.close();
    parentPort?.close();
    return;
  }
  try {
    const [done] = sqlite.pragma('wal_checkpoint(PASSIVE)') as { log: number }[];
    parentPort?.postMessage(done);
  } catch {
    // The disk is full or gone; the next one may find it there.
    parentPort?.postMessage(undefined);
  }
});
