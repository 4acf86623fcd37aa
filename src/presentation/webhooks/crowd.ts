import { Injectable } from '@nestjs/common';
import { Alarm } from '../dispatcher/alarm.js';

/** So many within so long are more than could be worked meanwhile. */
const CROWD = { of: 40, withinMs: 100 };

/** Where none has come between so many looks, they have passed. */
const QUIET_LOOKS = 2;

/** How long a crowd goes first, at most: what it brings is delivered all the same, only slower. */
const FIRST_MS = 150;

/** How often is looked whether there is room between them. */
const LOOK_MS = 5;

/** Below this the process has time for both. */
const ROOM = 0.5;

/** How busy this process is. */
@Injectable()
export class EventLoop {
  /** @returns what tells which part of the time since now the event loop was at work */
  watch(): () => number {
    const before = performance.eventLoopUtilization();
    return () => performance.eventLoopUtilization(before).utilization;
  }
}

/**
 * Webhooks that come faster than they can be worked. They go first: amoCRM posts each once and waits five seconds, and
 * whoever waits in the inbox is only late. Where the process has time left beside them, nothing waits.
 */
@Injectable()
export class Crowd {
  /** When the last of them came, in a ring. */
  private readonly times = new Float64Array(CROWD.of).fill(-Infinity);
  private count = 0;

  constructor(
    private readonly alarm: Alarm,
    private readonly loop: EventLoop,
  ) {}

  /** One more webhook has come. */
  came(): void {
    this.times[this.count % CROWD.of] = this.alarm.now();
    this.count += 1;
  }

  /** Resolves once they have passed or leave room, or have gone first for long enough; at once where there is no crowd. */
  async passed(): Promise<void> {
    const until = this.alarm.now() + FIRST_MS;
    let quiet = 0;
    while (quiet < QUIET_LOOKS && this.isThere && this.alarm.now() < until) {
      const share = this.loop.watch();
      const before = this.count;
      await this.alarm.wait(LOOK_MS);
      if (share() < ROOM) return;
      quiet = this.count === before ? quiet + 1 : 0;
    }
  }

  private get isThere(): boolean {
    return this.alarm.now() - (this.times[this.count % CROWD.of] ?? -Infinity) < CROWD.withinMs;
  }
}
