import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import {
  Journal,
  UPSTREAM,
  type Arrival,
  type Filed,
  type FiledArrival,
  type FiledSome,
  type Upstream,
} from '../../domain/journal.js';
import { Alarm } from '../dispatcher/alarm.js';
import { DispatcherMode } from '../dispatcher/dispatcher.js';
import { plainError } from '../plain-error.js';
import { Crowd } from './crowd.js';
import { IntakeMeter } from './intake-meter.js';
import { Waker } from './waker.js';

/** How often is looked for what nobody announced: received by a process that died, or while nothing could be filed. */
const POLL_MS = 1_000;

/** Webhooks go first until what they overtake has waited so long: amoCRM waits as long for an answer. */
const MOST_LAG_MS = 5_000;

/** Who posts while it is further behind than that waits so long: more than can be filed is not taken for long. */
const HOLD_MS = 500;

/** The store tells ages in whole milliseconds. */
const GRAIN_MS = 1;

/** What goes wrong is said at once, and then so often. */
const SAY_AGAIN_MS = 30_000;

/** Files what was received, as soon as it can, and has the dispatcher work it. */
@Injectable()
export class Filing implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Filing.name);
  private state: 'idle' | 'busy' | 'again' = 'idle';
  private last: Promise<void> = Promise.resolve();
  private lagMs = 0;
  private saidAt = -Infinity;
  private stopping = false;
  /** Of `fileAll`. */
  private running: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  constructor(
    private readonly journal: Journal,
    private readonly waker: Waker,
    private readonly meter: IntakeMeter,
    private readonly crowd: Crowd,
    private readonly alarm: Alarm,
    private readonly mode: DispatcherMode,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.mode.value === 'at work') return this.poll();
    // Commands look at all that has come. Where it cannot be filed, they can do without.
    await this.fileAll().catch((error: unknown) => this.notFiled(error));
  }

  /** What is not filed by now is filed after the next start, or by another process. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.last;
  }

  /** Resolves when one more webhook may be received: at once, unless filing is far behind. */
  async room(): Promise<void> {
    if (this.lagMs >= MOST_LAG_MS) await this.alarm.wait(HOLD_MS);
  }

  /** A webhook was received. Returns at once, throws never. */
  received(): void {
    this.crowd.came();
    this.wake();
  }

  /**
   * Files all that was received by now. Calls that come while one runs share the next one.
   * @throws JournalUnavailable
   */
  fileAll(): Promise<void> {
    if (this.next) return this.next;
    if (!this.running) return this.begin();
    this.next = this.running
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.begin();
      });
    return this.next;
  }

  /** What came of arrivals is counted, and whoever works it is woken. */
  report(filed: readonly FiledArrival[]): void {
    const upstreams = new Set(filed.flatMap((one) => sidesOf(one.arrival.event, one.filed)));
    if (upstreams.size > 0) this.waker.wake([...upstreams]);
    for (const one of filed) this.note(one.arrival, one.filed);
  }

  private begin(): Promise<void> {
    this.running = this.fileUntilNow().finally(() => (this.running = undefined));
    return this.running;
  }

  private async fileUntilNow(): Promise<void> {
    const beganAt = this.alarm.now();
    for (;;) {
      const sinceMs = this.alarm.now() - beganAt;
      const { isMore, waitedMs } = await this.fileSome();
      // The last of them came after it was asked for, and whatever is left came later still.
      if (!isMore || waitedMs + GRAIN_MS < sinceMs) return;
      await new Promise(setImmediate);
    }
  }

  private async fileSome(): Promise<FiledSome> {
    const some = await this.journal.file();
    this.report(some.filed);
    return some;
  }

  private poll(): void {
    if (this.stopping) return;
    this.wake();
    this.alarm.after(POLL_MS, () => this.poll());
  }

  private wake(): void {
    if (this.stopping || this.mode.value === 'at rest') return;
    if (this.state === 'idle') this.last = this.run();
    else this.state = 'again';
  }

  private async run(): Promise<void> {
    try {
      do {
        this.state = 'busy';
        // Webhooks, answers and the dispatcher have their turn.
        while (await this.fileNext()) await new Promise(setImmediate);
      } while ((this.state as string) === 'again' && !this.stopping);
    } catch (error) {
      this.notFiled(error);
    }
    this.state = 'idle';
  }

  /** @returns whether there is more to do */
  private async fileNext(): Promise<boolean> {
    if (this.lagMs < MOST_LAG_MS) await this.crowd.passed();
    if (this.stopping) return false;
    const { isMore, waitedMs } = await this.fileSome();
    this.lagMs = isMore && waitedMs !== Infinity ? waitedMs : 0;
    return isMore;
  }

  /** The next poll tries again. */
  private notFiled(error: unknown): void {
    const now = this.alarm.now();
    if (now - this.saidAt < SAY_AGAIN_MS) return;
    this.saidAt = now;
    this.logger.error({ msg: 'what was received cannot be filed', error: plainError(error) });
  }

  private note({ event, origin }: Arrival, filed: Filed): void {
    this.meter.count(origin.webhook, event.type, filed);
    if (filed !== 'quarantined') return;
    const reason = event.type === 'quarantine' ? event.reason : 'refused by the store';
    this.logger.warn({ msg: 'quarantined', side: origin.webhook, reason });
  }
}

/** Where something may be due now. A receipt may let go on what waited for it in the other direction. */
function sidesOf({ type }: Arrival['event'], filed: Filed): readonly Upstream[] {
  if (filed === 'repeat' || filed === 'quarantined') return [];
  if (type === 'inbound' || type === 'outbound') return [UPSTREAM[type]];
  return ['crm', 'messenger'];
}
