import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Breakage } from '../breakage.ts';
import type { DiskFault, Stroke } from '../plan.ts';
import { pause } from '../replica.ts';
import type { Stage } from '../stage.ts';
import { Turns } from '../turns.ts';

/** Of a process that was killed, strace may wait for ever for a thread that waits for strace. */
const DETACH_MS = 1_000;
/** Far more than a run of ten minutes writes. */
const ROOM_BYTES = 512 * 1024 * 1024;
/** How often a disk that is being written to is measured, to be made no larger than it is full. */
const FILL_TRIES = 5;
/** How soon after its disk is well again the bridge must take webhooks, without a restart. */
const RECOVERY_MS = 10_000;

/** A file system of its own in memory, for as long as this process. @returns whether the machine lets us mount one */
export function mountStore(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${ROOM_BYTES}`, 'tmpfs', folder], {
      stdio: 'ignore',
    });
    process.once('exit', () => unmountStore(folder));
    return true;
  } catch {
    return false;
  }
}

/** Also while somebody has files open there. May be called twice. */
export function unmountStore(folder: string): void {
  try {
    execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' });
  } catch {
    // It was unmounted before.
  }
}

/** What SQLite writes and flushes with, and what it is told under the driver. */
const INJECTED: Record<DiskFault, readonly [calls: string, error: string]> = {
  full: ['pwrite64,ftruncate,fallocate', 'ENOSPC'],
  'read-only': ['pwrite64,ftruncate,fallocate,fsync,fdatasync', 'EROFS'],
  unflushed: ['fsync,fdatasync', 'EIO'],
};

/**
 * A full disk is a real one where a small file system could be mounted. One that has files open for writing cannot be
 * remounted read-only, so that, and a flush that fails, are told to the bridge by strace: what its own system calls on
 * the journal's files answer is changed while strace is attached.
 */
export class DiskFaults implements Breakage<'disk'> {
  readonly failures: string[] = [];
  readonly #stage: Stage;
  readonly #isMounted: boolean;
  readonly #hasStrace: boolean;
  readonly #struck: Record<DiskFault, number> = { full: 0, 'read-only': 0, unflushed: 0 };
  readonly #healedAt: number[] = [];
  readonly #turns = new Turns();
  #skipped = 0;
  #kills = 0;

  constructor(stage: Stage, isMounted: boolean) {
    this.#stage = stage;
    this.#isMounted = isMounted;
    this.#hasStrace = hasStrace();
  }

  get counts() {
    const { full, unflushed } = this.#struck;
    return {
      'disks full': full,
      'read-only': this.#struck['read-only'],
      'flushes failing': unflushed,
      'killed meanwhile': this.#kills,
      ...(this.#skipped > 0 && { 'not possible here': this.#skipped }),
      ...(this.#turns.leftOut > 0 && { 'disk faults left out': this.#turns.leftOut }),
    };
  }

  /** What this machine does not let us try. */
  tellLimits(): void {
    const { say, postgres } = this.#stage;
    if (!this.#isMounted) say('disk: no file system can be mounted here, so none is really full');
    if (!this.#hasStrace) say('disk: there is no strace, so only a full disk is tried');
    else if (postgres) say('disk: of PostgreSQL only a full one is tried');
  }

  strike({ fault, forMs, isKilled }: Stroke<'disk'>): void {
    this.#turns.take(
      () => this.#breakFor(fault, forMs, isKilled),
      // A server that cannot start meanwhile: heal() starts it.
      (error) => this.#stage.say(`disk: ${String(error)}`),
    );
  }

  /** When it was well again, in milliseconds of `performance.now()`. */
  get healedAt(): readonly number[] {
    return this.#healedAt;
  }

  get recoveryMs(): number {
    return RECOVERY_MS;
  }

  async heal(): Promise<void> {
    await this.#turns.ended();
    if (this.#isMounted) this.#resize(ROOM_BYTES);
    await this.#stage.postgres?.start();
  }

  async #breakFor(fault: DiskFault, forMs: number, isKilled: boolean): Promise<void> {
    const mend = this.#break(fault);
    if (!mend) {
      this.#skipped += 1;
      return;
    }
    this.#struck[this.#stage.postgres ? 'full' : fault] += 1;
    await pause(forMs);
    const [replica] = this.#stage.replicas;
    // Only SQLite is in the bridge's own process.
    const kills = isKilled && !this.#stage.postgres && replica?.kill(0);
    if (kills) this.#kills += 1;
    await mend();
    if (!kills) this.#healedAt.push(performance.now());
    await this.#stage.postgres?.start();
  }

  /** @returns what mends it; undefined where it cannot be done on this machine */
  #break(fault: DiskFault): (() => Promise<void>) | undefined {
    if (this.#isMounted && (fault === 'full' || this.#stage.postgres)) return this.#fill();
    const [replica] = this.#stage.replicas;
    if (!this.#hasStrace || this.#stage.postgres || !replica?.pid) return undefined;
    return this.#inject(replica.pid, ...INJECTED[fault]);
  }

  /** @throws {Error} where it cannot be done */
  #fill(): () => Promise<void> {
    for (let left = FILL_TRIES; ; left -= 1) {
      const { blocks, bfree, bsize } = statfsSync(this.#stage.storeFolder);
      try {
        // One page too few has no room for anything, and is refused: so is a size that was passed meanwhile.
        this.#resize((blocks - bfree) * bsize);
        return async () => this.#resize(ROOM_BYTES);
      } catch (error) {
        if (left === 1) throw error;
      }
    }
  }

  #resize(bytes: number): void {
    execFileSync('mount', ['-o', `remount,size=${bytes}`, this.#stage.storeFolder], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  #inject(pid: number, calls: string, error: string): () => Promise<void> {
    const files = ['', '-wal', '-shm'].flatMap((rest) => [
      '-P',
      join(this.#stage.storeFolder, `bridge.db${rest}`),
    ]);
    const words = ['-qq', '-f', '-p', String(pid), '-o', '/dev/null', ...files];
    const strace = spawn('strace', [...words, '-e', `inject=${calls}:error=${error}`], {
      stdio: 'ignore',
    });
    return () => detach(strace);
  }
}

export function hasStrace(): boolean {
  try {
    execFileSync('strace', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function detach(strace: ChildProcess): Promise<void> {
  if (strace.exitCode !== null || strace.signalCode !== null) return;
  const ended = new Promise((resolve) => strace.once('exit', resolve));
  strace.kill('SIGINT');
  const timer = setTimeout(() => strace.kill('SIGKILL'), DETACH_MS);
  await ended;
  clearTimeout(timer);
}

/** Counts flushes of these processes while `act` runs. @returns how often they flushed */
export async function countFlushes(
  pids: readonly number[],
  act: () => Promise<void>,
): Promise<number> {
  const targets = pids.flatMap((pid) => ['-p', String(pid)]);
  const { promise, resolve } = Promise.withResolvers<string>();
  const strace = execFile(
    'strace',
    ['-f', '-c', '-e', 'trace=fsync,fdatasync', ...targets],
    (_error, _stdout, stderr) => resolve(stderr),
  );
  let said = '';
  await new Promise<void>((attached) => {
    strace.stderr?.on('data', (chunk: string) => {
      said += chunk;
      if (said.includes('attached')) attached();
    });
    strace.once('exit', () => attached());
  });
  // It says so of the first thread; the others follow at once.
  await pause(300);
  await act();
  strace.kill('SIGINT');
  return flushesIn(await promise);
}

/** Sums the column of calls in the table that `strace -c` prints. */
export function flushesIn(table: string): number {
  const rows = table.matchAll(
    /^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(?:fsync|fdatasync)$/gm,
  );
  return [...rows].reduce((sum, [, calls]) => sum + Number(calls), 0);
}
