/** Time as the twins see it. Delays and deadlines go through it, so that a test can drive them. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `act` once, `ms` from now. @returns a function that calls it off */
  after(ms: number, act: () => void): () => void;
}

/** `setTimeout` counts in 32 bits, 24.8 days; what is set for later would be called at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * The machine's clock. With `speed: 1000` the resends after 4, 128 and 2048 s come after
 * 4 ms, 128 ms and 2 s; `now()` stays the real time, or no signed `Date` would be accepted.
 */
export function realClock({ speed = 1 } = {}): Clock {
  return {
    now: () => Date.now(),
    after(ms, act) {
      let timer: NodeJS.Timeout;
      const wait = (left: number): void => {
        const next = left > LONGEST_TIMEOUT_MS ? () => wait(left - LONGEST_TIMEOUT_MS) : act;
        timer = setTimeout(next, Math.min(left, LONGEST_TIMEOUT_MS));
      };
      wait(ms / speed);
      return () => clearTimeout(timer);
    },
  };
}

/** A clock that stands still until it is told to move. */
export class ManualClock implements Clock {
  #now: number;
  #alarms: { at: number; act: () => void }[] = [];

  constructor(start: number = Date.now()) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, act: () => void): () => void {
    const alarm = { at: this.#now + ms, act };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  /** Moves on, calling what falls due on the way in order of time, also what is set meanwhile. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = this.#alarms.filter((alarm) => alarm.at <= until);
      const next = due.reduce<(typeof due)[number] | undefined>(
        (first, alarm) => (first === undefined || alarm.at < first.at ? alarm : first),
        undefined,
      );
      if (next === undefined) break;
      this.#alarms = this.#alarms.filter((alarm) => alarm !== next);
      this.#now = Math.max(this.#now, next.at);
      next.act();
    }
    this.#now = until;
  }

  /** How many calls are still ahead. */
  get pending(): number {
    return this.#alarms.length;
  }
}

/** A clock that ends with its owner. */
export class OwnedClock implements Clock {
  readonly #clock: Clock;
  readonly #open = new Set<() => void>();
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  after(ms: number, act: () => void): () => void {
    if (this.#isClosed) return () => undefined;
    const callOff = this.#clock.after(ms, () => {
      this.#open.delete(callOff);
      act();
    });
    this.#open.add(callOff);
    return () => {
      this.#open.delete(callOff);
      callOff();
    };
  }

  /** Calls off what is outstanding; nothing is called from now on. */
  close(): void {
    this.#isClosed = true;
    for (const callOff of this.#open) callOff();
    this.#open.clear();
  }
}
