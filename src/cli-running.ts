import type { Config } from './config.js';

/** Where the bridge listens on this machine; undefined where none does. */
export async function runningAt({ host, port }: Config): Promise<string | undefined> {
  const own = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  const base = `http://${own.includes(':') ? `[${own}]` : own}:${port}`;
  try {
    await fetch(`${base}/health`);
    return base;
  } catch {
    return undefined;
  }
}
