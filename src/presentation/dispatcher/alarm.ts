import { Injectable } from '@nestjs/common';

/** Time as the dispatcher sees it: durations on the process's monotonic clock, which no change of date moves. */
@Injectable()
export class Alarm {
  /** Milliseconds since some moment in the past. */
  now(): number {
    return performance.now();
  }

  /** The time of day, for what others are told. */
  date(): Date {
    return new Date();
  }

  /** Calls once, after a while. It does not keep the process alive. */
  after(ms: number, call: () => void): { cancel(): void } {
    const timer = setTimeout(call, ms);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** From 0 up to 1. */
  random(): number {
    return Math.random();
  }
}
