import { execFile } from 'node:child_process';
import { join } from 'node:path';

const CLI = join(import.meta.dirname, '..', 'dist', 'cli.js');

/** A command is a process of its own, and a busy machine takes seconds for one. */
export const START_MS = 30_000;

/** How a command ended, and what it printed. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/**
 * A command of the built bridge as an operator types it, with these settings and nothing of this process.
 * @param cwd a folder without a `.env`
 */
export function type(
  words: string,
  environment: Readonly<Record<string, string>> = {},
  cwd: string = import.meta.dirname,
): Promise<Ended> {
  const env = { PATH: process.env['PATH'], ...environment };
  const all = [CLI, ...words.split(' ').filter(Boolean)];
  return new Promise((resolve) => {
    execFile(process.execPath, all, { env, cwd }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}
