import type { Breakage } from '../breakage.ts';
import type { Stroke } from '../plan.ts';
import { pause } from '../replica.ts';
import type { Stage } from '../stage.ts';
import { Turns } from '../turns.ts';

/** SIGKILL of the PostgreSQL server with all its processes. */
export class DatabaseKills implements Breakage<'database'> {
  readonly failures: string[] = [];
  readonly #stage: Stage;
  #kills = 0;
  readonly #turns = new Turns();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get counts() {
    const { leftOut } = this.#turns;
    return {
      'database kills': this.#kills,
      ...(leftOut > 0 && { 'database kills left out': leftOut }),
    };
  }

  strike({ downMs }: Stroke<'database'>): void {
    this.#turns.take(
      async () => {
        await this.#stage.postgres?.kill();
        this.#kills += 1;
        await pause(downMs);
        await this.#stage.postgres?.start();
      },
      // Started on a disk that is full: heal() starts it on one that is not.
      (error) => this.#stage.say(`database: ${String(error)}`),
    );
  }

  async heal(): Promise<void> {
    await this.#turns.ended();
    await this.#stage.postgres?.start();
  }
}
