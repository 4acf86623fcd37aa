import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { median } from './rounds.ts';

/** What the figures were taken on, in one line. */
export function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `${cpus().length} × ${first?.model.trim()}, ${memory} GB, ${type()} ${release()}, Node ${process.versions.node}`;
}

/** What was going on there: a disk and processors that others use, too, tell nothing of the bridge. */
export interface Circumstances {
  /** Processes that wanted to run in the last minute. */
  readonly load: number;
  /** Until 4 KiB are on the disk, in the middle and at worst. */
  readonly syncMs: { readonly median: number; readonly worst: number };
}

const WRITES = 200;

export function circumstances(folder: string): Circumstances {
  const path = join(folder, 'synced');
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4_096);
  const took: number[] = [];
  for (let n = 0; n < WRITES; n += 1) {
    const beganAt = performance.now();
    writeSync(file, page, 0, page.length, n * page.length);
    fdatasyncSync(file);
    took.push(performance.now() - beganAt);
  }
  closeSync(file);
  rmSync(path);
  return { load: loadavg()[0] ?? 0, syncMs: { median: median(took), worst: Math.max(...took) } };
}

export function inWords({ load, syncMs }: Circumstances): string {
  return `load ${load.toFixed(1)}, a synced write takes ${syncMs.median.toFixed(2)} ms (at worst ${syncMs.worst.toFixed(1)})`;
}
