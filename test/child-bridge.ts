import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { openDatabase } from '../src/infrastructure/journal/database.js';
import { freshDatabase, type FreshDatabase } from './fresh-database.js';
import { STORE } from './spec-store.js';
import { freePort } from './free-port.js';

const ROOT = resolve(import.meta.dirname, '..');
const MAIN = join(ROOT, 'dist', 'main.js');

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The built bridge as a process of its own, which can be killed and started again on the same journal. */
export class ChildBridge {
  readonly url: string;
  /** What it has logged since it was started last. */
  private said = '';
  private heard: () => void = () => undefined;
  private child: ChildProcess | undefined;
  private ending: Promise<Ending> | undefined;

  private constructor(
    private readonly folder: string,
    private readonly environment: Readonly<Record<string, string>>,
    port: number,
    private readonly database?: FreshDatabase,
  ) {
    this.url = `http://127.0.0.1:${port}`;
  }

  /**
   * Between the twins of a sandbox, which then post to it.
   * @param store a `DATABASE_URL`, else a file of its own
   */
  static async start(
    sandbox: Sandbox,
    settings: Readonly<Record<string, string>> = sandbox.environment(),
    store?: string,
  ): Promise<ChildBridge> {
    build();
    const folder = mkdtempSync(join(tmpdir(), 'bridge-child-'));
    const port = await freePort();
    const database =
      store === undefined && STORE === 'postgres' ? await freshDatabase() : undefined;
    const bridge = new ChildBridge(
      folder,
      {
        ...settings,
        PATH: process.env['PATH'] ?? '',
        HOST: '127.0.0.1',
        PORT: String(port),
        DATABASE_URL: store ?? database?.url ?? `file:${join(folder, 'bridge.db')}`,
        LOG_LEVEL: 'info',
        EDNA_RATE_PER_SECOND: '0',
        AMOJO_RATE_PER_SECOND: '0',
      },
      port,
      database,
    );
    sandbox.pointAt(bridge.url);
    await bridge.again();
    return bridge;
  }

  /** Starts it once more; resolves when it listens. */
  async again(): Promise<void> {
    // In an empty folder, where it finds no `.env`.
    const child = spawn(process.execPath, [MAIN], {
      cwd: this.folder,
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.ending = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    await new Promise<void>((resolve, reject) => {
      this.said = '';
      const read = (chunk: Buffer): void => {
        this.said += chunk.toString();
        if (this.said.includes('"msg":"listening"')) resolve();
        this.heard();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', () => reject(new Error(`it did not start: ${this.said}`)));
    });
  }

  /** Resolves with the first line of its log that contains this, and forgets what was before it. */
  async says(text: string): Promise<string> {
    for (;;) {
      const lines = this.said.split('\n');
      const at = lines.slice(0, -1).findIndex((line) => line.includes(text));
      if (at >= 0) {
        this.said = lines.slice(at + 1).join('\n');
        return lines[at] ?? '';
      }
      await new Promise<void>((resolve) => {
        this.heard = resolve;
      });
    }
  }

  /** Has it read its file of lines again. */
  hangUp(): void {
    this.child?.kill('SIGHUP');
  }

  /** It stands still: takes no connection, answers nothing. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** Sends a signal; resolves when the process has ended. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<Ending> {
    if (!this.child) throw new Error('it does not run');
    this.child.kill(signal);
    return this.ended();
  }

  /** Resolves when it has ended, by whatever. */
  async ended(): Promise<Ending> {
    if (!this.ending) throw new Error('it does not run');
    return this.ending;
  }

  /** As if it had been killed just before it could remember the answer to a call. */
  async forgetAnswer(key: string): Promise<void> {
    const { DATABASE_URL = '' } = this.environment;
    const database = await openDatabase(DATABASE_URL);
    await database.db
      .updateTable('api_call')
      .set({ status: null, body: null, owner: 'killed', taken_at: 0 })
      .where('key', '=', key)
      .execute();
    await database.close();
  }

  /** Ends what still runs, and forgets its journal. */
  async remove(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
    await this.database?.drop();
  }
}

/** `npm test` builds before; a single spec may come first. */
function build(): void {
  if (existsSync(MAIN)) return;
  const nest = join(ROOT, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  for (const words of [[nest, 'build'], ['bundle.js']]) {
    execFileSync(process.execPath, words, { cwd: ROOT, stdio: 'ignore' });
  }
}
