import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../../test/free-port.ts';

const MAIN = resolve(import.meta.dirname, '..', '..', 'dist', 'main.js');
/** Those of the image. */
const FLAGS = ['--max-old-space-size=256'];
const COLLECT = ['--expose-gc', '--import', join(import.meta.dirname, 'collect.mjs')];
const START_MS = 30_000;
/** The bridge ends running attempts before it stops, up to 7 s. */
const STOP_MS = 15_000;
/** The bridge may be busy when it is asked. */
const TELL_MS = 10_000;

/** The built bridge under fire. */
export class FuzzedBridge {
  /** What it logged as errors. */
  readonly errors: string[] = [];
  readonly url: string;
  private readonly child: ChildProcess;
  private readonly folder: string;
  private isStopping = false;
  private rest = '';

  private constructor(port: number, environment: Readonly<Record<string, string>>) {
    this.url = `http://127.0.0.1:${port}`;
    // An empty folder, where it finds no `.env`.
    this.folder = mkdtempSync(join(tmpdir(), 'bridge-fuzzed-'));
    const { PATH = '', TMPDIR = '' } = process.env;
    this.child = spawn(process.execPath, [...FLAGS, ...COLLECT, MAIN], {
      cwd: this.folder,
      env: { ...environment, PATH, ...(TMPDIR && { TMPDIR }), HOST: '127.0.0.1', PORT: `${port}` },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => this.hear(chunk.toString()));
    }
    process.once('exit', () => this.child.kill('SIGKILL'));
  }

  static async start(environment: Readonly<Record<string, string>>): Promise<FuzzedBridge> {
    const bridge = new FuzzedBridge(await freePort(), environment);
    for (const until = performance.now() + START_MS; performance.now() < until;) {
      if (bridge.isDead) break;
      const answer = await fetch(`${bridge.url}/health/ready`).catch(() => undefined);
      if (answer?.ok) return bridge;
      await pause(50);
    }
    throw new Error(`the bridge did not start: ${bridge.errors.join('\n')}`);
  }

  /** It has ended, and nobody told it to. */
  get isDead(): boolean {
    return !this.isStopping && this.hasEnded;
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** What it keeps once its garbage is thrown away, in bytes; nothing where it does not say. */
  async memory(): Promise<{ readonly heap: number; readonly resident: number } | undefined> {
    if (this.hasEnded) return undefined;
    const told = new Promise<NodeJS.MemoryUsage>((resolve) => {
      this.child.once('message', (message) => resolve(message as NodeJS.MemoryUsage));
    });
    this.child.kill('SIGUSR2');
    const usage = await Promise.race([told, pause(TELL_MS)]);
    return usage ? { heap: usage.heapUsed, resident: usage.rss } : undefined;
  }

  /** The sum of each of its counters, by name and labels. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))] as const;
      }),
    );
  }

  /** May be called twice. @returns whether it ended in good order */
  async stop(): Promise<boolean> {
    const wasDead = this.isDead;
    this.isStopping = true;
    if (!this.hasEnded) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGTERM');
      const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    }
    rmSync(this.folder, { recursive: true, force: true });
    return !wasDead && this.child.exitCode === 0;
  }

  private hear(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    this.errors.push(...lines.filter(Boolean));
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
