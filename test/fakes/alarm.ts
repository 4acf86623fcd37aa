import { Alarm } from '../../src/presentation/dispatcher/alarm.js';

interface Timer {
  readonly at: number;
  readonly call: () => void;
}

/** So many turns of the event loop in which nothing began or ended: what is left waits for time, or for a spec. */
const QUIET_TURNS = 6;

/** Time that stands still until a spec moves it. */
export class HandAlarm extends Alarm {
  /** What `random` answers. */
  jitter = 0.5;
  private ms = 0;
  private readonly timers = new Set<Timer>();

  /** @param activity a number that rises with whatever begins or ends outside of the alarm */
  constructor(private readonly activity: () => number = () => 0) {
    super();
  }

  override now(): number {
    return this.ms;
  }

  override date(): Date {
    return new Date(Date.parse('2026-11-20T09:00:00Z') + this.ms);
  }

  override after(ms: number, call: () => void): { cancel(): void } {
    const timer = { at: this.ms + Math.max(0, ms), call };
    this.timers.add(timer);
    return { cancel: () => void this.timers.delete(timer) };
  }

  override random(): number {
    return this.jitter;
  }

  /** Lets time pass: each timer fires at its moment, and what it set off comes to rest before the next one. */
  async pass(ms: number): Promise<void> {
    const until = this.ms + ms;
    await this.rest();
    for (let next = this.next(until); next; next = this.next(until)) {
      this.timers.delete(next);
      this.ms = Math.max(this.ms, next.at);
      next.call();
      await this.rest();
    }
    this.ms = until;
  }

  /** Time passes while the process stands still: what is due by then fires at once, one after the other. */
  async stall(ms: number): Promise<void> {
    await this.rest();
    this.ms += ms;
    for (const timer of this.due(this.ms)) {
      this.timers.delete(timer);
      timer.call();
    }
    await this.rest();
  }

  /** Until whatever can go on without time has gone on. */
  async rest(): Promise<void> {
    let seen = this.activity();
    for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
      await new Promise(setImmediate);
      if (this.activity() === seen) continue;
      seen = this.activity();
      quiet = 0;
    }
  }

  private next(until: number): Timer | undefined {
    return this.due(until)[0];
  }

  private due(until: number): Timer[] {
    return [...this.timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
  }
}
