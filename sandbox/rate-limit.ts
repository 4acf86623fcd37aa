import type { Clock } from './clock.ts';

/** Counts requests of the last second. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #perSecond: () => number;
  #taken: number[] = [];

  /** @param perSecond 0 for no limit */
  constructor(clock: Clock, perSecond: () => number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** @returns whether the request is one too many; such a one is not counted */
  isExceeded(): boolean {
    const limit = this.#perSecond();
    const now = this.#clock.now();
    this.#taken = this.#taken.filter((at) => at > now - 1000);
    if (limit > 0 && this.#taken.length >= limit) return true;
    this.#taken.push(now);
    return false;
  }
}
