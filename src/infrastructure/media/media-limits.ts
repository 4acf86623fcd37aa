import { lookup as systemLookup } from 'node:dns';

/** What fetching one file may cost. */
export class MediaLimits {
  /** Until the source has begun to answer, redirects included. */
  readonly headMs: number = 10_000;
  /** Until a store beside us has begun to answer; whoever waits for the file gets it from its source then. */
  readonly storeMs: number = 3_000;
  /** Between two pieces of a file. */
  readonly idleMs: number = 20_000;
  /** For the whole of it: 100 MB in this time are 1 Mbit/s. */
  readonly totalMs: number = 15 * 60_000;
  /** What a copy that is told to end has for taking back what it wrote; then that is left to be pruned. */
  readonly takeBackMs: number = 2_000;
  /** How names become addresses; a spec has its own. */
  readonly lookup: typeof systemLookup = systemLookup;

  constructor(chosen: Partial<MediaLimits> = {}) {
    Object.assign(this, chosen);
  }
}
