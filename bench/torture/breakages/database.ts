import type { Breakage } from '../breakage.ts';
import type { Stroke } from '../plan.ts';
import { pause } from '../replica.ts';
import type { Stage } from '../stage.ts';

/** SIGKILL of the PostgreSQL server with all its processes. */
export class DatabaseKills implements Breakage<'database'> {
  readonly failures: string[] = [];
  readonly #stage: Stage;
  #kills = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get counts() {
    return { 'database kills': this.#kills };
  }

  strike({ downMs }: Stroke<'database'>): void {
    this.#running = this.#running
      .then(async () => {
        await this.#stage.postgres?.kill();
        this.#kills += 1;
        await pause(downMs);
        await this.#stage.postgres?.start();
      })
      // Started on a disk that is full: heal() starts it on one that is not.
      .catch((error: unknown) => this.#stage.say(`database: ${String(error)}`));
  }

  async heal(): Promise<void> {
    await this.#running;
    await this.#stage.postgres?.start();
  }
}
