/** How long after its time a stroke may still begin. */
export const LATE_MS = 3_000;

/**
 * Strokes of one kind, one after the other. One whose turn comes too late is left out: where all of them waited for a
 * slow start of PostgreSQL, the next of each kind would begin together after it, again and again, and after the run.
 */
export class Turns {
  readonly #now: () => number;
  #last: Promise<void> = Promise.resolve();
  #leftOut = 0;

  /** @param now in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How many were left out. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** @param failed is told what `act` throws; the next one has its turn all the same */
  take(act: () => Promise<void>, failed: (error: unknown) => void): void {
    const at = this.#now();
    this.#last = this.#last
      .then(async () => {
        if (this.#now() - at > LATE_MS) this.#leftOut += 1;
        else await act();
      })
      .catch(failed);
  }

  /** Resolves once all of them had theirs. */
  ended(): Promise<void> {
    return this.#last;
  }
}
