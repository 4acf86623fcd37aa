import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { FiledMessages, MOST_GAP_MS } from '../domain/filed-messages.js';
import { Lines, type Line } from '../domain/line.js';
import type { Reconciliation } from '../domain/reconciliation.js';
import { Settings } from '../domain/settings.js';
import { Interrupted, type Surroundings } from '../use-cases/page-by-page.js';
import { NothingToCompare, Reconcile, type Question } from '../use-cases/reconcile.js';
import { Alarm } from './dispatcher/alarm.js';
import { DispatcherMode } from './dispatcher/dispatcher.js';
import { Gates } from './dispatcher/gates.js';
import { plainError } from './plain-error.js';
import { WebhookIntake } from './webhooks/webhook-intake.js';

/** One comparison at a time: two would ask the platforms for the same. */
export class AlreadyComparing extends Error {
  override readonly name = 'AlreadyComparing';

  constructor() {
    super('A comparison is under way already. Ask again when it has ended.');
  }
}

/** The last heartbeat may be a little older than the last thing that was taken, and clocks differ. */
const MARGIN_MS = 60_000;

/** How soon after the start, and how often then, it is seen whether there is a gap to make up for. */
const FIRST_LOOK_MS = 1_000;
const LOOK_MS = 60_000;
const MOST_RETRY_MS = 15 * 60_000;

/** Compares the journal with the platforms' histories: when it is asked to, and by itself after a gap. */
@Injectable()
export class Reconciler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Reconciler.name);
  private isComparing = false;
  private isStopping = false;
  private failures = 0;

  constructor(
    private readonly reconcile: Reconcile,
    private readonly filed: FiledMessages,
    private readonly intake: WebhookIntake,
    private readonly lines: Lines,
    private readonly gates: Gates,
    private readonly alarm: Alarm,
    private readonly settings: Settings,
    private readonly mode: DispatcherMode,
  ) {}

  onApplicationBootstrap(): void {
    if (this.mode.value === 'at rest' || !this.settings.reconciles) return;
    this.alarm.after(FIRST_LOOK_MS, () => void this.look());
  }

  beforeApplicationShutdown(): void {
    this.isStopping = true;
  }

  /**
   * @param tell is given a line of progress at a time
   * @throws {AlreadyComparing}
   * @throws what `Reconcile` throws
   */
  async run(
    question: Omit<Question, 'until'> & { readonly until?: Date },
    lines: readonly Line[] = this.lines.all,
    tell: (progress: string) => void = () => {},
  ): Promise<Reconciliation> {
    if (this.isComparing) throw new AlreadyComparing();
    this.isComparing = true;
    try {
      const until = question.until ?? new Date();
      // What is about to be filed is not missing.
      await this.intake.fileAll();
      return await this.reconcile.execute(lines, { ...question, until }, this.around(tell));
    } finally {
      this.isComparing = false;
    }
  }

  private around(tell: (progress: string) => void): Surroundings {
    return {
      intake: this.intake,
      now: () => new Date(),
      pause: (upstream) => this.pause(upstream),
      wait: (ms) => this.alarm.wait(ms),
      tell,
      isStopping: () => this.isStopping,
    };
  }

  /** Half of what the platform allows is left to messages. */
  private async pause(upstream: 'crm' | 'messenger'): Promise<void> {
    const { ednaRatePerSecond, amojoRatePerSecond } = this.settings;
    const rate = upstream === 'crm' ? amojoRatePerSecond : ednaRatePerSecond;
    if (rate > 0) await this.alarm.wait(2_000 / rate);
  }

  /** Looks for a gap, makes up for it, and comes back: sooner where it could not. */
  private async look(): Promise<void> {
    if (this.isStopping) return;
    let nextMs = LOOK_MS;
    try {
      const gap = await this.filed.gap();
      if (gap && !this.isConnected()) nextMs = FIRST_LOOK_MS;
      else if (gap && !(await this.makeUp(gap))) nextMs = this.retryMs();
    } catch (error) {
      // The journal is away, or it is a mistake of ours: the gap stays kept.
      this.logger.error({ msg: 'a gap was not made up for', error: plainError(error) });
      nextMs = this.retryMs();
    }
    if (!this.isStopping) this.alarm.after(nextMs, () => void this.look());
  }

  /** Before that was tried, everything that is brought would only wait. */
  private isConnected(): boolean {
    return this.lines.all.every(({ key }) => this.gates.triedToConnect(key));
  }

  private retryMs(): number {
    this.failures += 1;
    return Math.min(LOOK_MS * 2 ** (this.failures - 1), MOST_RETRY_MS);
  }

  /** @returns whether all of it could be compared */
  private async makeUp(gap: Date): Promise<boolean> {
    const earliest = Date.now() - MOST_GAP_MS;
    const since = new Date(Math.max(gap.getTime() - MARGIN_MS, earliest));
    try {
      const { counts, troubles, until } = await this.run({ since, apply: true });
      const [trouble] = troubles;
      const news = { since: since.toISOString(), ...counts, ...(trouble && { trouble }) };
      if (trouble) {
        this.logger.warn({ msg: 'gap not made up for yet', ...news });
        return false;
      }
      await this.filed.closeGap(gap, until);
      this.failures = 0;
      this.logger.log({ msg: 'gap made up for', ...news });
      if (gap.getTime() < earliest) this.logger.warn({ msg: 'gap longer than a day', from: gap });
      return true;
    } catch (error) {
      if (error instanceof Interrupted || error instanceof AlreadyComparing) return false;
      if (!(error instanceof NothingToCompare)) throw error;
      await this.filed.closeGap(gap, new Date());
      return true;
    }
  }
}
