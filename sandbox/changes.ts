import { reportMishap } from './mishap.ts';

/**
 * Milliseconds after which what is waited for is given up. Two busy processors hold up a step for seconds; jest gives a
 * test several of these, so that the reason is heard and not jest's.
 */
export const PATIENCE_MS = 15_000;

/** What a predicate answers once it holds. */
export type Held<T> = Exclude<T, false | null | undefined | 0 | ''>;

/**
 * News that something has changed, and the order in which it happened.
 * Whoever waits for a condition is woken by changes only: nothing polls, nothing sleeps.
 */
export class Changes {
  #sequence = 0;
  #told = false;
  #closed = false;
  #hasStumbled = false;
  readonly #looking = new Set<() => void>();
  readonly #leaving = new Set<() => void>();

  /** The number of the next event; one count for both twins, so events of both can be compared. */
  next(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  /** Something has changed: those who wait look again once the current step is done. */
  announce(): void {
    if (this.#told || this.#looking.size === 0) return;
    this.#told = true;
    queueMicrotask(() => {
      this.#told = false;
      for (const look of this.#looking) this.#tell(look);
    });
  }

  /** Nobody who looks may end the process: what goes wrong there is told once. */
  #tell(look: () => void): void {
    try {
      look();
    } catch (error) {
      if (!this.#hasStumbled) reportMishap('telling of a change', error);
      this.#hasStumbled = true;
    }
  }

  /**
   * Resolves with what `predicate` answers as soon as that is truthy. A predicate that throws does
   * not hold yet. Rejects after `timeoutMs` of real time, with `explain()` in the message.
   */
  until<T>(predicate: () => T, timeoutMs: number, explain: () => string): Promise<Held<T>> {
    return new Promise((resolve, reject) => {
      let stumbled: unknown;
      const look = (): void => {
        try {
          const answer = predicate();
          if (answer) finish(() => resolve(answer as Held<T>));
        } catch (error) {
          stumbled = error;
        }
      };
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#looking.delete(look);
        this.#leaving.delete(leave);
        settle();
      };
      const giveUp = (why: string): void =>
        finish(() => reject(new Error(`${why}: ${explain()}`, { cause: stumbled })));
      const leave = (): void => giveUp('The sandbox was closed while waiting');
      const timer = setTimeout(() => giveUp(`Not seen within ${timeoutMs} ms`), timeoutMs);
      this.#looking.add(look);
      this.#leaving.add(leave);
      if (this.#closed) leave();
      else look();
    });
  }

  /** Calls `look` after changes, once for all of one step. @returns a function that ends it */
  watch(look: () => void): () => void {
    this.#looking.add(look);
    return () => this.#looking.delete(look);
  }

  close(): void {
    this.#closed = true;
    for (const leave of this.#leaving) leave();
  }
}
