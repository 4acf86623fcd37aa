import type { Breakage } from '../breakage.ts';
import type { Stroke } from '../plan.ts';
import type { Stage } from '../stage.ts';

/** Jumps of the bridge's wall clock; the twins' and the database's go right. */
export class ClockJumps implements Breakage<'clock'> {
  readonly failures: readonly string[] = [];
  readonly #stage: Stage;
  #jumps = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get counts() {
    return { 'clock jumps': this.#jumps };
  }

  strike({ replica, aheadMs }: Stroke<'clock'>): void {
    if (this.#stage.replicas[replica]?.jump(aheadMs)) this.#jumps += 1;
  }

  async heal(): Promise<void> {
    for (const replica of this.#stage.replicas) replica.jump(0);
  }
}
