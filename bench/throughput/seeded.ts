import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { multiply } from './seed.ts';
import type { Stage } from './stage.ts';

/** Ten messages of each of a hundred clients. */
const TEMPLATE = { count: 1_000, clients: 100 };

/**
 * A SQLite journal with so many messages, all of them gone out or all of them waiting. They are what a bridge wrote and
 * did, a thousand of them, copied.
 * @returns its path
 */
export async function seeded(
  stage: Stage,
  name: string,
  messages: number,
  state: 'handed over' | 'waiting',
): Promise<string> {
  const path = join(stage.folder, `${name}.db`);
  const options = {
    databaseUrl: `file:${path}`,
    ...(state === 'waiting' && { variant: 'at rest' as const }),
  };
  const bridge = await stage.start(options);
  await stage.behave({});
  // What clients write waits as long as it has to; a manager's message is given up after an hour.
  const side = state === 'waiting' ? 'client' : 'manager';
  await stage.post({ side, ...TEMPLATE }, { connections: 16 }, bridge);
  if (state === 'handed over') await stage.arrived(TEMPLATE.count);
  await stage.remove(bridge, 'SIGTERM');
  // What was received is filed at the start, whoever is at rest afterwards.
  if (state === 'waiting') await stage.remove(await stage.start(options), 'SIGTERM');
  multiply(path, messages);
  return path;
}

/** A copy of it to be used up. */
export function copyOf(path: string, name: string): string {
  const copy = path.replace(/[^/]+$/, `${name}.db`);
  copyFileSync(path, copy);
  return copy;
}
