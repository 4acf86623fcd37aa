import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from './free-port.js';

/** Undefined where it is not installed. */
export const caddyPath = process.env['CADDY_PATH'] || onPath('caddy');

/** As a shell finds it. */
function onPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

export const NO_CADDY =
  'No Caddy, so restarts behind it are not tested. Install it: apt-get install -y --no-install-recommends caddy (or name it in CADDY_PATH)';

const FILE = join(import.meta.dirname, '..', 'deploy', 'Caddyfile');
/** How long a webhook waits there for the bridge, which a busy machine may need longer to start than any other. */
export const WAIT = 'lb_try_duration 4s';

/** Caddy with the file that is deployed, on loopback and without a certificate, before bridges. */
export class HttpsFront {
  private said = '';
  private heard: () => void = () => undefined;

  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {
    child.stderr?.on('data', (chunk: Buffer) => {
      this.said += chunk.toString();
      this.heard();
    });
  }

  /** Resolves once it knows that the bridge is gone: it says so just before it acts upon it, so it is heard twice. */
  async missesIt(): Promise<void> {
    this.said = '';
    while (this.said.split('HTTP request failed').length <= 2) {
      await new Promise<void>((resolve) => {
        this.heard = resolve;
      });
    }
  }

  /** @param wait in the place of `WAIT` */
  static async start(
    caddy: string,
    bridgeUrls: readonly string[],
    wait = WAIT,
  ): Promise<HttpsFront> {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-front-'));
    const file = join(folder, 'Caddyfile');
    const text = readFileSync(FILE, 'utf8');
    if (!text.includes(WAIT)) throw new Error(`the file does not say: ${WAIT}`);
    writeFileSync(file, text.replace(WAIT, wait));
    const url = `http://127.0.0.1:${await freePort()}`;
    const child = spawn(caddy, ['run', '--config', file, '--adapter', 'caddyfile'], {
      env: {
        HOME: folder,
        BRIDGE_DOMAIN: url,
        BRIDGE_UPSTREAMS: bridgeUrls.map((bridge) => new URL(bridge).host).join(' '),
        // The Caddy that Debian 12 has (2.6) loses and mixes up bodies that it keeps: it keeps none here.
        CADDY_BUFFERS: '',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('serving initial configuration')) resolve();
      });
      child.once('exit', () => reject(new Error(`Caddy did not start: ${said}`)));
    });
    return new HttpsFront(url, child, folder);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
