import { TokenBucket } from 'limiter';
import { BLOCKED_MS } from '../../use-cases/give-up-outbound.js';
import type { DeliveryError } from '../../domain/errors.js';
import type { Reason } from '../../domain/reasons.js';
import type { Alarm } from './alarm.js';

/** The longest we stay away because the other side asked for it. */
const ASKED_MOST_MS = 15 * 60_000;

/** So many lanes in a row that got no answer: it is not about one of them. */
const RUN_OF_LANES = 5;

/** How long the first and the longest pause after such a run are. */
const PAUSE_MS = { first: 1_000, most: 30_000 };

interface Shut {
  readonly why: 'blocked' | 'asked' | 'run';
  readonly since: number;
  readonly until: number;
  readonly reason?: Reason;
  /** Its time was up, and no lane was due that could have gone through to see. */
  readonly nothingDue?: true;
}

/** What all lanes of one line to one upstream pass through. */
export class UpstreamGate {
  private shut: Shut | undefined;
  private probing = false;
  private pauses = 0;
  private openSince: number;
  /** Lanes whose tries got no answer since the last one that did. */
  private readonly unanswered = new Set<string>();
  /** The last two lanes, not the same, that were taken, and when. */
  private taken: { lane: string; at: number }[] = [];
  private readonly tokens: TokenBucket | undefined;

  /** @param ratePerSecond requests a second; 0 = no limit */
  constructor(
    private readonly alarm: Alarm,
    ratePerSecond: number,
  ) {
    this.openSince = alarm.now();
    if (ratePerSecond > 0) {
      this.tokens = new TokenBucket({
        bucketSize: ratePerSecond,
        tokensPerInterval: ratePerSecond,
        interval: 'second',
      });
      this.tokens.content = ratePerSecond;
    }
  }

  /** `open`, `shut`, or `probing`: one lane is on its way to see. */
  get state(): 'open' | 'shut' | 'probing' {
    if (this.probing) return 'probing';
    return this.shut ? 'shut' : 'open';
  }

  /** Why it is shut; of use to operators. */
  get why(): Shut['why'] | undefined {
    return this.shut?.why;
  }

  /** How long the upstream has been refusing everything, and why. */
  get blocked(): { forMs: number; reason?: Reason } | undefined {
    return this.shut?.why === 'blocked'
      ? { forMs: this.alarm.now() - this.shut.since, reason: this.shut.reason }
      : undefined;
  }

  /**
   * Whether what has waited for a minute may be given up untried: the probe that was due then has shown that nothing
   * has changed, or there was nothing to probe with.
   */
  get mayGiveUp(): boolean {
    const { shut } = this;
    if (shut?.why !== 'blocked' || this.probing) return false;
    const now = this.alarm.now();
    return now - shut.since >= BLOCKED_MS && (now < shut.until || shut.nothingDue === true);
  }

  /**
   * How many lanes may go through now, out of so many that could. A shut gate whose time is up lets one through; after
   * a run of lanes as many as made the run, because the next one may be as bad as they were.
   */
  room(most: number): number {
    const tokens = this.tokens ? this.availableTokens(this.tokens) : most;
    const room = Math.min(most, tokens);
    if (!this.shut) return room;
    if (this.probing || this.alarm.now() < this.shut.until) return 0;
    return Math.min(this.shut.why === 'run' ? RUN_OF_LANES : 1, room);
  }

  /** When to look again, in ms: the gate's time is up, or there are tokens again. */
  get nextRoomMs(): number | undefined {
    if (this.shut && !this.probing) return Math.max(0, this.shut.until - this.alarm.now());
    if (this.tokens && this.availableTokens(this.tokens) < 1) {
      return 1_000 / this.tokens.tokensPerInterval;
    }
    return undefined;
  }

  /** A lane goes through a shut gate to see whether it may be opened. */
  probe(): void {
    if (this.shut) this.probing = true;
  }

  /** The probe found nothing to try. */
  probeEnded(): void {
    this.probing = false;
  }

  /** No lane is due that could go through to see. */
  nothingDue(): void {
    // What was shut while others were looked for was not probed.
    if (this.shut && this.probing) this.shut = { ...this.shut, nothingDue: true };
    this.probing = false;
  }

  /** The upstream works again, as a request showed that was not a message. */
  reopen(): void {
    if (this.shut) this.openSince = this.alarm.now();
    this.unanswered.clear();
    this.shut = undefined;
    this.probing = false;
    this.pauses = 0;
  }

  /** It could not be seen whether the upstream works: look again after a while. */
  stayShut(): void {
    this.probing = false;
    if (this.shut) this.shut = { ...this.shut, until: this.alarm.now() + BLOCKED_MS };
  }

  /** Waits until the rate allows one more request. */
  async turn(): Promise<void> {
    await this.tokens?.removeTokens(1);
  }

  /**
   * A request that began then was answered: the upstream works.
   * @param isTaken whether it took the message, or said no to it
   */
  passed(lane: string, beganAt: number, isTaken = true): void {
    if (isTaken) {
      const others = this.taken.filter((entry) => entry.lane !== lane);
      this.taken = [{ lane, at: this.alarm.now() }, ...others].slice(0, 2);
    }
    // What was under way when the gate was shut says nothing about now, unless it was shut for want of answers.
    if (this.shut && this.shut.why !== 'run' && beganAt < this.shut.since) return;
    this.reopen();
  }

  /** A request did not go through for a reason that is not the message's own. */
  failed(lane: string, fault: DeliveryError): void {
    const now = this.alarm.now();
    const { retryAfterMs, reason } = fault.details;
    if (fault.outcome === 'blocked') {
      const before = this.shut?.why === 'blocked' ? this.shut : undefined;
      // What was under way when it was shut does not put off the probe.
      const until = before && !this.probing ? before.until : now + BLOCKED_MS;
      this.close({ why: 'blocked', since: before?.since ?? now, until, reason });
    } else if (retryAfterMs !== undefined) {
      const until = now + Math.min(retryAfterMs, ASKED_MOST_MS);
      if (this.shut && this.shut.until >= until && !this.probing) return;
      this.close({ why: 'asked', since: now, until });
    } else {
      this.unanswered.add(lane);
      if (!this.probing && (this.shut || this.unanswered.size < RUN_OF_LANES)) return;
      const pause = Math.min(PAUSE_MS.most, PAUSE_MS.first * 2 ** this.pauses++);
      this.close({ why: 'run', since: now, until: now + pause });
    }
  }

  /** Whether it has been open all this time, and another lane was taken within it. */
  tookOthers(lane: string, withinMs: number): boolean {
    if (this.shut || this.alarm.now() - this.openSince < withinMs) return false;
    const since = this.alarm.now() - withinMs;
    return this.taken.some((entry) => entry.lane !== lane && entry.at >= since);
  }

  private close(shut: Shut): void {
    this.shut = shut;
    this.probing = false;
  }

  private availableTokens(tokens: TokenBucket): number {
    tokens.drip();
    return Math.floor(tokens.content);
  }
}
