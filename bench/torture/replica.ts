import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { post } from '../../sandbox/post.ts';
import { freePort } from '../../test/free-port.ts';

/** How long it may take to listen on a busy machine. */
const START_MS = 60_000;
/** Whoever starts it again after it ended by itself waits as long, as Docker does at least. */
const AGAIN_MS = 300;
const LOOK_MS = 60;
const SHIFTED_CLOCK = join(import.meta.dirname, 'shifted-clock.mjs');

export interface ReplicaParts {
  /** The built `main.js`. */
  readonly script: string;
  /** Empty: where it finds no `.env`. Its log lies here. */
  readonly folder: string;
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The bridge as a process that is started again whenever it ends, as a supervisor does it. */
export class Replica {
  readonly url: string;
  readonly name: string;
  /** Times it was started after the first. */
  restarts = 0;
  /** How it ended where nobody had killed it: while it started, and while it worked. */
  readonly failedStarts: string[] = [];
  readonly crashes: string[] = [];
  readonly #parts: ReplicaParts;
  #child: ChildProcess | undefined;
  #wantedDead: ChildProcess | undefined;
  #isOver = false;
  #aheadMs = 0;

  private constructor(parts: ReplicaParts, port: number) {
    this.#parts = parts;
    this.name = parts.name;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(parts: ReplicaParts): Promise<Replica> {
    const replica = new Replica(parts, await freePort());
    replica.#launch();
    await replica.isUp();
    return replica;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends it at once and starts it again after a while. @returns false where it was dead already */
  kill(downMs: number): boolean {
    const child = this.#child;
    if (!child || this.#isOver || hasEnded(child) || this.#wantedDead === child) return false;
    this.#wantedDead = child;
    child.once('exit', () => setTimeout(() => this.#again(child), downMs));
    child.kill('SIGKILL');
    return true;
  }

  /**
   * Sets its wall clock, and that of the processes that follow it: nothing else of it.
   * @returns whether that was a change
   */
  jump(aheadMs: number): boolean {
    const isNews = this.#aheadMs !== aheadMs;
    this.#aheadMs = aheadMs;
    if (this.#child?.connected) this.#child.send({ aheadMs }, () => undefined);
    return isNews;
  }

  /** Waits until it takes requests. @throws {Error} where it does not come up */
  async isUp(): Promise<void> {
    const until = performance.now() + START_MS;
    while (performance.now() < until) {
      const { status } = await post(`${this.url}/health`, { method: 'GET', timeoutMs: 1000 });
      if (status === 200) return;
      await pause(LOOK_MS);
    }
    throw new Error(`${this.name} did not come up; its log is ${this.#log}`);
  }

  /** Ends it for good. */
  async end(): Promise<void> {
    this.#isOver = true;
    const child = this.#child;
    if (!child || hasEnded(child)) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  get #log(): string {
    return join(this.#parts.folder, `${this.name}.log`);
  }

  #launch(): void {
    const { script, folder, environment } = this.#parts;
    const log = openSync(this.#log, 'a');
    const began = fstatSync(log).size;
    const child = spawn(process.execPath, ['--import', SHIFTED_CLOCK, script], {
      cwd: folder,
      stdio: ['ignore', log, log, 'ipc'],
      env: {
        PATH: process.env.PATH,
        ...environment,
        HOST: '127.0.0.1',
        PORT: new URL(this.url).port,
        TORTURE_AHEAD_MS: String(this.#aheadMs),
      },
    });
    closeSync(log);
    this.#child = child;
    const takeAlong = (): void => void child.kill('SIGKILL');
    process.once('exit', takeAlong);
    child.once('exit', (code, signal) => {
      process.off('exit', takeAlong);
      if (this.#isOver || this.#wantedDead === child) return;
      const hasWorked = readFileSync(this.#log).subarray(began).includes('"msg":"listening"');
      const ends = hasWorked ? this.crashes : this.failedStarts;
      ends.push(`${this.name} ended by itself: ${code ?? signal}`);
      setTimeout(() => this.#again(child), AGAIN_MS);
    });
  }

  #again(last: ChildProcess): void {
    if (this.#isOver || this.#child !== last) return;
    this.restarts += 1;
    this.#launch();
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
