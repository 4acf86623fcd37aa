import type { Breakage } from '../breakage.ts';
import type { Stroke } from '../plan.ts';
import type { Stage } from '../stage.ts';
import type { Fault } from '../../../sandbox/faults.ts';

/** Faults of the twins, each for a while. */
export class UpstreamFaults implements Breakage<'upstream'> {
  readonly failures: readonly string[] = [];
  readonly #stage: Stage;
  readonly #faults: Fault[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get counts() {
    const struck = this.#faults.reduce((sum, { hits }) => sum + hits, 0);
    return { 'upstream faults': this.#faults.length, 'of them struck': struck };
  }

  strike({ twin, rule, forMs }: Stroke<'upstream'>): void {
    const fault = this.#stage.sandbox[twin].faults.add(rule);
    this.#faults.push(fault);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      fault.clear();
    }, forMs);
    this.#timers.add(timer);
  }

  async heal(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const fault of this.#faults) fault.clear();
  }
}
