/** What whoever fetches files may cost us. */
export class ServingLimits {
  /** For a reader that takes nothing; longer than a source may pause, so that the source is the one to be named. */
  readonly idleMs: number = 60_000;
  /** For the whole of a file, at the pace of its reader. */
  readonly totalMs: number = 30 * 60_000;
  /** Files at once. Each holds two connections and some hundred kilobytes; edna is sent 128 messages at once. */
  readonly most: number = 256;

  constructor(chosen: Partial<ServingLimits> = {}) {
    Object.assign(this, chosen);
  }
}
