import type { Breakage } from '../breakage.ts';
import type { Stroke } from '../plan.ts';
import type { Stage } from '../stage.ts';

/** SIGKILL of a replica, whatever it is doing, also while it starts. */
export class Kills implements Breakage<'kill'> {
  readonly failures: readonly string[] = [];
  readonly #stage: Stage;
  #kills = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get counts() {
    return { kills: this.#kills };
  }

  strike({ replica, downMs }: Stroke<'kill'>): void {
    if (this.#stage.replicas[replica]?.kill(downMs)) this.#kills += 1;
  }

  async heal(): Promise<void> {}
}
