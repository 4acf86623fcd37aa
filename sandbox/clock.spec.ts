import { realClock } from './clock.ts';

const DAY_MS = 86_400_000;
/** What `setTimeout` calls at once instead of waiting. */
const TOO_LONG_MS = 2 ** 31;

/** Timers as the machine has them, but for the waiting. */
class StandInTimers {
  nowMs = 0;
  #timers = new Map<number, { at: number; act: () => void }>();
  #lastId = 0;

  readonly set = (act: () => void, ms: number): number => {
    this.#lastId += 1;
    this.#timers.set(this.#lastId, { at: this.nowMs + (ms >= TOO_LONG_MS ? 1 : ms), act });
    return this.#lastId;
  };

  readonly clear = (id: number): void => void this.#timers.delete(id);

  advanceTo(ms: number): void {
    for (;;) {
      const due = [...this.#timers].find(([, { at }]) => at <= ms);
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.nowMs = due[1].at;
      due[1].act();
    }
    this.nowMs = ms;
  }
}

describe('the real clock', () => {
  const { setTimeout, clearTimeout } = globalThis;
  let timers: StandInTimers;

  beforeEach(() => {
    timers = new StandInTimers();
    Object.assign(globalThis, { setTimeout: timers.set, clearTimeout: timers.clear });
  });
  afterEach(() => void Object.assign(globalThis, { setTimeout, clearTimeout }));

  it.each([1, 24, 25, 60, 400])('waits %i days, also where no timer can', (days) => {
    let calls = 0;
    realClock().after(days * DAY_MS, () => (calls += 1));
    timers.advanceTo(days * DAY_MS - 1);
    expect(calls).toBe(0);
    timers.advanceTo(days * DAY_MS);
    expect(calls).toBe(1);
  });

  it('can be called off in between', () => {
    let calls = 0;
    const callOff = realClock().after(60 * DAY_MS, () => (calls += 1));
    timers.advanceTo(30 * DAY_MS);
    callOff();
    timers.advanceTo(90 * DAY_MS);
    expect(calls).toBe(0);
  });

  it('waits by its speed', () => {
    let calls = 0;
    realClock({ speed: 1000 }).after(60 * DAY_MS, () => (calls += 1));
    timers.advanceTo(0.06 * DAY_MS);
    expect(calls).toBe(1);
  });
});
