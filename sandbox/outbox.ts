import type { Changes } from './changes.ts';
import type { Clock } from './clock.ts';
import type { Fault, FaultBoard, FaultKind, FaultSubject } from './faults.ts';
import { reportMishap } from './mishap.ts';
import { post, SHORT_ANSWER_BYTES } from './post.ts';
import { spoiled } from './spoiled-parcel.ts';

/** What a twin wants to post. */
export interface ParcelDraft {
  /** Name a fault can be aimed at: `incoming`, `status`, `hook`, `typing`, `reaction`, `account-hook`. */
  readonly endpoint: string;
  /** Undefined while the sandbox is pointed nowhere; such a parcel is lost. */
  readonly url: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: string;
  readonly address?: string;
  readonly text?: string;
}

export interface PostAttempt {
  readonly at: number;
  readonly status?: number;
  readonly error?: string;
  readonly durationMs: number;
}

/** One callback or hook, with all that became of it. */
export interface Parcel extends ParcelDraft {
  /**
   * `under way`: not answered well yet, or waiting to be posted; `taken`: answered with 200, or
   * what the receiver's side takes for it; `given up`: no such answer and no resend left; `lost`: a fault swallowed it, or it had nowhere to go.
   */
  state: 'under way' | 'taken' | 'given up' | 'lost';
  readonly attempts: PostAttempt[];
  /** When it was made: in the order of all events, and in milliseconds since 1970. */
  readonly seq: number;
  readonly at: number;
  /** When it was first posted and first answered 200, in the order of all events. */
  postedSeq?: number;
  takenSeq?: number;
}

export interface OutboxSettings {
  /** Waits before each resend; empty where nothing is ever sent again. */
  resendAfterSeconds: readonly number[];
  timeoutMs: number;
  /** Which answers are good; 200 alone where left out. */
  isTaken?: (status: number) => boolean;
  /** Told of each answer, and of each that did not come. */
  noteAttempt?: (parcel: Parcel, isTaken: boolean) => void;
}

/** Posts callbacks and hooks: resends, and the faults that befall them. */
export class Outbox {
  readonly parcels: Parcel[] = [];
  readonly #settings: OutboxSettings;
  readonly #clock: Clock;
  readonly #changes: Changes;
  readonly #faults: FaultBoard;
  readonly #closing = new AbortController();
  /** Kept back by `reorder` until the next of their stream has gone. */
  #kept: { parcel: Parcel; resume: () => void }[] = [];

  constructor(settings: OutboxSettings, clock: Clock, changes: Changes, faults: FaultBoard) {
    this.#settings = settings;
    this.#clock = clock;
    this.#changes = changes;
    this.#faults = faults;
  }

  /**
   * Posts a parcel.
   * @returns the parcel, and `handled`, which resolves when the receiver has answered for the first
   * time (or failed to), or when a fault has put the parcel aside
   */
  send(draft: ParcelDraft): { parcel: Parcel; handled: Promise<void> } {
    const parcel: Parcel = {
      ...draft,
      state: 'under way',
      attempts: [],
      seq: this.#changes.next(),
      at: this.#clock.now(),
    };
    this.parcels.push(parcel);
    return { parcel, handled: this.#settle(parcel, this.#dispatch(parcel)) };
  }

  close(): void {
    this.#closing.abort();
  }

  async #dispatch(parcel: Parcel): Promise<void> {
    if (
      parcel.url === undefined ||
      this.#faults.strike(['lose'], subjectOf(parcel)) !== undefined
    ) {
      parcel.state = 'lost';
      this.#changes.announce();
      return;
    }
    const delay = this.#faults.strike(['delay'], subjectOf(parcel))?.rule;
    if (delay?.kind === 'delay') {
      this.#clock.after(delay.ms, () => void this.#settle(parcel, this.#overtake(parcel)));
      return;
    }
    if (this.#keptBefore(parcel).length === 0) {
      const reorder = this.#faults.strike(['reorder'], subjectOf(parcel));
      if (reorder !== undefined) {
        this.#keep(parcel, reorder);
        return;
      }
    }
    await this.#overtake(parcel);
  }

  #keptBefore(parcel: Parcel) {
    return this.#kept.filter((kept) => isSameStream(kept.parcel, parcel));
  }

  /** Posts a parcel, then those of its stream that were kept back for it to go first. */
  async #overtake(parcel: Parcel): Promise<void> {
    const overtaken = this.#keptBefore(parcel);
    try {
      await this.#deliver(parcel);
    } finally {
      for (const kept of overtaken) kept.resume();
    }
  }

  /** The last catch: what goes wrong with one parcel ends neither the process nor its caller. */
  async #settle(parcel: Parcel, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      reportMishap(`posting ${parcel.endpoint}`, error);
      const reason = error instanceof Error ? error.message : String(error);
      parcel.attempts.push({ at: this.#clock.now(), error: reason, durationMs: 0 });
      if (parcel.state !== 'taken') parcel.state = 'given up';
      this.#changes.announce();
    }
  }

  #keep(parcel: Parcel, fault: Fault): void {
    const resume = (): void => {
      if (!this.#kept.some((kept) => kept.parcel === parcel)) return;
      this.#kept = this.#kept.filter((kept) => kept.parcel !== parcel);
      void this.#settle(parcel, this.#deliver(parcel));
    };
    this.#kept.push({ parcel, resume });
    fault.keep(resume);
  }

  async #deliver(parcel: Parcel): Promise<void> {
    const copies = this.#faults.strike(['double'], subjectOf(parcel)) === undefined ? 1 : 2;
    await Promise.all(Array.from({ length: copies }, () => this.#attempt(parcel, 0)));
  }

  async #attempt(parcel: Parcel, resends: number): Promise<void> {
    if (this.#closing.signal.aborted || parcel.url === undefined) return;
    parcel.postedSeq ??= this.#changes.next();
    const at = this.#clock.now();
    const { status, error, durationMs } = await this.#post(parcel, parcel.url);
    parcel.attempts.push({ at, status, error, durationMs });
    const { isTaken = (one: number) => one === 200 } = this.#settings;
    const isGood = status !== undefined && isTaken(status);
    this.#settings.noteAttempt?.(parcel, isGood);
    if (isGood) {
      parcel.takenSeq ??= this.#changes.next();
      parcel.state = 'taken';
    } else if (parcel.state !== 'taken') {
      this.#scheduleResend(parcel, resends);
    }
    this.#changes.announce();
  }

  /** One try, with what befalls it on the way there and back. */
  async #post(
    parcel: Parcel,
    url: string,
  ): Promise<Pick<PostAttempt, 'status' | 'error' | 'durationMs'>> {
    const strike = (kind: FaultKind) => this.#faults.strike([kind], subjectOf(parcel));
    if (strike('drop') !== undefined) return { error: 'lost on the way', durationMs: 0 };
    const wire = spoiled(parcel, strike);
    const { status, error, durationMs } = await post(url, {
      headers: wire.headers,
      body: wire.raw,
      timeoutMs: this.#settings.timeoutMs,
      maxBytes: SHORT_ANSWER_BYTES,
      signal: this.#closing.signal,
    });
    if (strike('drop-answer') !== undefined) return { error: 'the answer was lost', durationMs };
    return { status, error, durationMs };
  }

  #scheduleResend(parcel: Parcel, resends: number): void {
    const wait = this.#settings.resendAfterSeconds[resends];
    if (wait === undefined) {
      parcel.state = 'given up';
      return;
    }
    this.#clock.after(wait * 1000, () => {
      void this.#settle(parcel, this.#attempt(parcel, resends + 1));
    });
  }
}

function isSameStream(one: Parcel, other: Parcel): boolean {
  return one.endpoint === other.endpoint && one.address === other.address;
}

function subjectOf(parcel: Parcel): FaultSubject {
  const { endpoint, address, text } = parcel;
  return { endpoint, address, text, method: 'POST', body: parcel.raw };
}
