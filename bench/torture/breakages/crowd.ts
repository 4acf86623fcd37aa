import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Breakage } from '../breakage.ts';
import type { Stroke } from '../plan.ts';
import type { Stage } from '../stage.ts';

const SCRIPT = join(import.meta.dirname, '..', 'crowd-process.ts');

/** A time in which strangers stood before the door, in milliseconds since 1970. */
export interface Siege {
  readonly fromAt: number;
  toAt: number;
}

/** Slow and idle connections and bad signatures, from a process of their own. */
export class Crowds implements Breakage<'crowd'> {
  readonly failures: string[] = [];
  readonly sieges: Siege[] = [];
  readonly #stage: Stage;
  readonly #running = new Set<ChildProcess>();
  #connections = 0;
  #bad = 0;
  #refused = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get counts() {
    return {
      'idle connections': this.#connections,
      'bad signatures': this.#bad,
      'of them refused': this.#refused,
    };
  }

  strike({ forMs }: Stroke<'crowd'>): void {
    const url = this.#stage.replicas[this.sieges.length % this.#stage.replicas.length]?.url ?? '';
    const siege: Siege = { fromAt: Date.now(), toAt: Infinity };
    this.sieges.push(siege);
    const crowd = spawn(process.execPath, [SCRIPT, url, String(forMs / 1000)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#running.add(crowd);
    let said = '';
    crowd.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    crowd.once('close', () => {
      siege.toAt = Date.now();
      this.#running.delete(crowd);
      if (said === '') return;
      const { opened, bad, refused } = JSON.parse(said) as Record<string, number>;
      this.#connections += opened ?? 0;
      this.#bad += bad ?? 0;
      this.#refused += refused ?? 0;
    });
  }

  async heal(): Promise<void> {
    const ended = [...this.#running].map(
      (crowd) => new Promise((resolve) => crowd.once('close', resolve)),
    );
    await Promise.all(ended);
  }
}
