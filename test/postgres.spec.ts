import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from './postgres.ts';

describe('a PostgreSQL server for specs', () => {
  it('is given up where it does not come up in time, and leaves no process', async () => {
    const within = mkdtempSync(join(tmpdir(), 'late-postgres-'));
    // PostgreSQL runs as somebody else where the specs are run by root.
    chmodSync(within, 0o755);
    try {
      await expect(startPostgres({ within, upWithinMs: 1 })).rejects.toThrow(
        'postgres did not come up within 1 ms',
      );

      expect(runningFrom(within)).toEqual([]);
    } finally {
      rmSync(within, { recursive: true, force: true });
    }
  });
});

/** What each process that was started with a path in this folder was started with. Only Linux tells. */
function runningFrom(folder: string): string[] {
  return (existsSync('/proc') ? readdirSync('/proc') : [])
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .filter((words) => words.includes(folder));
}
