import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { post } from '../post.ts';

/** What a process needs from its surroundings; settings of a real bridge are none of it. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot'];
const TAIL_LINES = 20;
const START_MS = 20_000;
/** The bridge ends running attempts before it stops, up to 7 s. */
const STOP_MS = 10_000;

/** The bridge as a child process, with its journal in a folder that goes when it stops. */
export class BridgeProcess {
  readonly url: string;
  readonly #script: string;
  readonly #settings: Record<string, string>;
  readonly #folder: string;
  #child!: ChildProcess;
  #ended!: Promise<void>;
  #output = '';
  #isStopping = false;

  private constructor(
    script: string,
    settings: Record<string, string>,
    folder: string,
    port: number,
  ) {
    this.#script = script;
    this.#settings = settings;
    this.#folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    this.#launch();
  }

  /**
   * Starts it in an empty folder, where it finds no `.env`.
   * @param script the built `main.js`
   * @param port 0 for a free one
   */
  static async start(
    script: string,
    settings: Record<string, string>,
    port: number,
  ): Promise<BridgeProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'edna-amocrm-demo-'));
    return new BridgeProcess(script, settings, folder, port === 0 ? await freePort() : port);
  }

  /** Ends it and starts it again on the same port and journal. */
  async restart(): Promise<void> {
    await this.end('SIGTERM');
    await this.begin();
  }

  /** The same, but it has no chance to tidy up. */
  async killAndRestart(): Promise<void> {
    await this.end('SIGKILL');
    await this.begin();
  }

  /** Starts it after `end`. @throws {Error} where it does not come up */
  async begin(): Promise<void> {
    this.#isStopping = false;
    this.#launch();
    if (!(await this.isUp())) throw new Error(`the bridge did not start:\n${this.tail()}`);
  }

  #launch(): void {
    const surroundings = PASSED_ON.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    const child = spawn(process.execPath, [this.#script], {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...Object.fromEntries(surroundings),
        LOG_LEVEL: 'warn',
        ...this.#settings,
        HOST: '127.0.0.1',
        PORT: new URL(this.url).port,
        DATABASE_URL: `file:${join(this.#folder, 'bridge.db')}`,
      },
    });
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString('utf8')).slice(-20_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.#child = child;
    // Whatever ends this process takes the bridge along.
    const takeAlong = (): void => void child.kill('SIGKILL');
    process.once('exit', takeAlong);
    child.once('close', () => process.off('exit', takeAlong));
    this.#ended = new Promise((resolve) => {
      child.once('close', () => resolve());
      child.once('error', (error) => {
        keep(Buffer.from(error.message));
        resolve();
      });
    });
  }

  /** Whether it has ended without being told to. */
  get isDead(): boolean {
    const { exitCode, signalCode, pid } = this.#child;
    return !this.#isStopping && (pid === undefined || exitCode !== null || signalCode !== null);
  }

  /** Resolves when it has ended without being told to; never otherwise. */
  async dies(): Promise<void> {
    await this.#ended;
    if (this.#isStopping) await new Promise<never>(() => undefined);
  }

  /** Waits for `GET /health`. @returns whether it came up */
  async isUp(): Promise<boolean> {
    const deadline = performance.now() + START_MS;
    while (!this.isDead && performance.now() < deadline) {
      const { status } = await post(`${this.url}/health`, { method: 'GET', timeoutMs: 1000 });
      if (status === 200) return true;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return false;
  }

  /** The last it had to say. */
  tail(): string {
    return this.#output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  }

  /** Ends it; its journal stays. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const wasDead = this.isDead;
    this.#isStopping = true;
    if (wasDead) return;
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Ends it and removes its folder; may be called twice. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Below the range from which the system gives ports to whoever asks for any. */
const LOWEST_PORT = 20_000;
const PORTS = 12_000;
/** So many bridges of one process have ports that no other process tries first. */
const PORTS_EACH = 31;

let started = 0;

/**
 * A free port. One drawn at random may be another bridge's that is just being started anew, and
 * its health would be taken for ours: processes that live at the same time begin at different ones.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST_PORT + ((process.pid * PORTS_EACH + started) % PORTS);
    started += 1;
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
