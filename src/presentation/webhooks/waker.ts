import type { Upstream } from '../../domain/journal.js';

/** Told that there is new work. */
export abstract class Waker {
  /**
   * Returns at once, throws never, and may be called at any time.
   * @param upstreams where there may be; to both if left out
   */
  abstract wake(upstreams?: readonly Upstream[]): void;
}
