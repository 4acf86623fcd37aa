import type { Changes } from '../changes.ts';
import type { Clock } from '../clock.ts';
import type { Outbox, Parcel, ParcelDraft } from '../outbox.ts';

/** When hooks are put into the slow queue, and what that means. */
export interface SlowQueueRule {
  /** Bad answers it takes; each good one takes back one, and at none the queue is quick again. */
  readonly afterFailures: number;
  /** An answer that took longer is a bad one, as is everything but 200. */
  readonly slowAnswerMs: number;
  /** How late a hook of the slow queue is posted. */
  readonly delayMs: number;
}

interface Waiting {
  isDue: boolean;
  readonly go: () => Promise<void>;
}

/**
 * What stands between the managers and the outbox: quick hooks go at once, those of an endpoint
 * that answers slowly or badly go late, one after the other, in the order they were made.
 */
export class SlowQueue {
  readonly #rule: () => 'off' | SlowQueueRule;
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #changes: Changes;
  #waiting: Waiting[] = [];
  #badness = 0;
  #isSlow = false;
  #isDraining = false;

  constructor(
    rule: () => 'off' | SlowQueueRule,
    { outbox, clock, changes }: { outbox: Outbox; clock: Clock; changes: Changes },
  ) {
    this.#rule = rule;
    this.#outbox = outbox;
    this.#clock = clock;
    this.#changes = changes;
  }

  get isSlow(): boolean {
    return this.#isSlow && this.#rule() !== 'off';
  }

  /** Hooks that wait in the slow queue. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Posts a hook, now or later.
   * @param leave is given the parcel when it leaves
   * @returns whether it has to wait, and what resolves once it has left and was answered
   */
  send(
    draft: ParcelDraft,
    leave: (parcel: Parcel) => void = () => undefined,
  ): { waits: boolean; handled: Promise<Parcel> } {
    const rule = this.#rule();
    const isQuick = rule === 'off' || !this.#isSlow;
    if (isQuick && this.#waiting.length === 0 && !this.#isDraining) {
      return { waits: false, handled: this.#post(draft, leave) };
    }
    const handled = new Promise<Parcel>((resolve) => {
      const waiting = { isDue: false, go: () => this.#post(draft, leave).then(resolve) };
      this.#waiting.push(waiting);
      this.#clock.after(isQuick ? 0 : rule.delayMs, () => {
        waiting.isDue = true;
        void this.#drain();
      });
    });
    this.#changes.announce();
    return { waits: true, handled };
  }

  async #drain(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || (this.isSlow && !next.isDue)) break;
      this.#waiting.shift();
      await next.go();
    }
    this.#isDraining = false;
  }

  async #post(draft: ParcelDraft, leave: (parcel: Parcel) => void): Promise<Parcel> {
    const { parcel, handled } = this.#outbox.send(draft);
    leave(parcel);
    await handled;
    this.#judge(parcel);
    return parcel;
  }

  /** What a fault has swallowed or kept back says nothing about the endpoint. */
  #judge({ attempts }: Parcel): void {
    const rule = this.#rule();
    const attempt = attempts.at(-1);
    if (rule === 'off' || attempt === undefined) return;
    const isGood = attempt.status === 200 && attempt.durationMs <= rule.slowAnswerMs;
    this.#badness = Math.max(0, Math.min(rule.afterFailures, this.#badness + (isGood ? -1 : 1)));
    if (this.#badness === rule.afterFailures) this.#isSlow = true;
    if (this.#badness === 0) this.#isSlow = false;
    this.#changes.announce();
  }
}
