import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../test/free-port.ts';
import type { Variant } from './apps/app.ts';
import { APPS } from './bundle.ts';
import { environmentOf } from './company.ts';
import { Helper } from './errand.ts';
import { nowMs } from './one-clock.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** What a process has used since it began. */
export interface Usage {
  readonly cpuMs: number;
  readonly rssMb: number;
}

export interface BridgeOptions {
  readonly upstreamPort: number;
  /** Where what it writes lies: a file system that really syncs. */
  readonly folder: string;
  /** Absent: the bridge as it is built. */
  readonly variant?: Variant;
  /** Absent: a SQLite file of its own. */
  readonly databaseUrl?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** More for Node, such as a profiler. */
  readonly nodeOptions?: readonly string[];
}

/** The bridge, or an app beside it, as a process of its own. */
export class Bridge {
  readonly port: number;
  /** From the start of the process until it said that it was ready. */
  readonly readyMs: number;
  readonly #helper: Helper;
  readonly #folder: string;

  private constructor(port: number, readyMs: number, helper: Helper, folder: string) {
    this.port = port;
    this.readyMs = readyMs;
    this.#helper = helper;
    this.#folder = folder;
  }

  /** Resolves once it is ready. */
  static async start(options: BridgeOptions): Promise<Bridge> {
    const folder = mkdtempSync(join(options.folder, 'bench-'));
    const port = await freePort();
    const told = image();
    const beganAt = nowMs();
    const [file, words] = options.variant
      ? [join(APPS, 'app.js'), [options.variant]]
      : [join(ROOT, 'dist', 'main.js'), []];
    const helper = Helper.start(file, words, {
      cwd: folder,
      execArgv: [
        ...told.options,
        '--import',
        join(import.meta.dirname, 'probe.mjs'),
        ...(options.nodeOptions ?? []),
      ],
      env: {
        PATH: process.env['PATH'] ?? '',
        ...told.environment,
        HOST: '127.0.0.1',
        PORT: String(port),
        DATABASE_URL: `file:${join(folder, 'bridge.db')}`,
        ...(options.databaseUrl && { DATABASE_URL: options.databaseUrl }),
        ...environmentOf(`http://127.0.0.1:${options.upstreamPort}`),
        ...options.environment,
      },
    });
    while (!(await isReady(port))) {
      if (helper.process.exitCode !== null) throw new Error('the bridge did not start');
      await delay(2);
    }
    return new Bridge(port, nowMs() - beganAt, helper, folder);
  }

  usage(): Promise<Usage> {
    return this.#helper.ask('usage');
  }

  /** Ends it, and forgets what it wrote. */
  async remove(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.#helper.end(signal);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What the image tells Node, and the C library, of memory. */
function image(): {
  readonly options: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
} {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  const [, words] = /^CMD (\["node".*\])$/m.exec(dockerfile) ?? [];
  const [, arenas] = /^ENV MALLOC_ARENA_MAX=(\d+)$/m.exec(dockerfile) ?? [];
  if (!words || !arenas) throw new Error('the Dockerfile does not say how the bridge is started');
  return {
    options: (JSON.parse(words) as string[]).filter((word) => word.startsWith('--')),
    environment: { MALLOC_ARENA_MAX: arenas },
  };
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    request({ host: '127.0.0.1', port, path: '/health/ready', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    })
      .once('error', () => resolve(false))
      .end();
  });
}
