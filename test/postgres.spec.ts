import { chmodSync, existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PATIENCE_MS } from '../sandbox/changes.ts';
import { startPostgres } from './postgres.ts';

describe('a PostgreSQL server for specs', () => {
  it('is given up where it does not come up in time, and leaves no process', async () => {
    const within = mkdtempSync(join(tmpdir(), 'late-postgres-'));
    // PostgreSQL runs as somebody else where the specs are run by root.
    chmodSync(within, 0o755);
    try {
      // It comes up, and never says so.
      const start = startPostgres({
        within,
        upWithinMs: 500,
        settings: ['log_min_messages=fatal'],
      });

      await expect(start).rejects.toThrow('postgres did not come up within 500 ms');
      for (const until = performance.now() + PATIENCE_MS; performance.now() < until;) {
        if (runningIn(within).length === 0) break;
        await pause(20);
      }
      expect(runningIn(within)).toEqual([]);
    } finally {
      rmSync(within, { recursive: true, force: true });
    }
  });
});

/** Processes that work somewhere in this folder. Only Linux tells. */
function runningIn(folder: string): string[] {
  const all = existsSync('/proc') ? readdirSync('/proc') : [];
  return all.filter((name) => {
    try {
      return readlinkSync(`/proc/${name}/cwd`).startsWith(folder);
    } catch {
      // No process, or one that has ended.
      return false;
    }
  });
}
