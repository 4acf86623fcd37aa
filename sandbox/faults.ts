import { PATIENCE_MS, type Changes } from './changes.ts';
import type { JsonObject } from './json.ts';

/** What a fault can be aimed at: a request a twin gets, or a callback it is about to post. */
export interface FaultSubject {
  readonly endpoint: string;
  readonly method?: string;
  readonly path?: string;
  /** The client's address, where the request or callback has one. */
  readonly address?: string;
  readonly text?: string;
  readonly body?: unknown;
}

/** Every condition that is given must hold; none given means everything. */
export interface FaultAim {
  /** Name of the endpoint, e.g. `schedule`, `message`, `delivery-status`, `hook`. */
  readonly endpoint?: string;
  readonly method?: string;
  /** A part of the path, or a pattern. */
  readonly path?: string | RegExp;
  readonly address?: string;
  /** A part of the text, or a pattern. */
  readonly text?: string | RegExp;
  readonly when?: (subject: FaultSubject) => boolean;
}

/**
 * Faults of requests the twins get:
 * - `answer`: answers with `status` instead of taking the request (`body`: a string is sent as HTML)
 * - `reset-before`, `reset-after`: cuts the connection, before or after taking the request
 * - `hang-before`, `hang-after`: never answers, without or after taking the request
 * - `latency`: waits `ms` before it looks at the request
 * - `hold`: takes the request, tells `caught()`, answers on `release()`
 *
 * Faults of what the twins post (edna's callbacks, amoCRM's hooks):
 * - `lose`: never posted; `double`: posted twice at the same time; `delay`: posted `ms` later
 * - `reorder`: kept back until the next of its kind for the same address has been posted
 * - `drop`, `drop-answer`: one try to post it does not arrive, or its answer does not; edna tries again
 * - `unsigned`: posted without its signature or token; `badly-signed`: with one that does not fit
 * - `reshape`: edna's callbacks only; the body in an array, with more keys, or with fewer
 */
export type FaultEffect =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly retryAfterSeconds?: number;
      readonly body?: unknown;
    }
  | { readonly kind: 'reset-before' | 'reset-after' | 'hang-before' | 'hang-after' | 'hold' }
  | { readonly kind: 'latency' | 'delay'; readonly ms: number }
  | {
      readonly kind:
        | 'lose'
        | 'double'
        | 'reorder'
        | 'drop'
        | 'drop-answer'
        | 'unsigned'
        | 'badly-signed';
    }
  | {
      readonly kind: 'reshape';
      readonly array?: boolean;
      /** Written over the body, key by key. */
      readonly set?: JsonObject;
      readonly without?: readonly string[];
    };

export type FaultKind = FaultEffect['kind'];

export type FaultRule = FaultEffect &
  FaultAim & {
    /** How many times it strikes; without it, until it is cleared. */
    readonly times?: number;
  };

/** A fault without an end must not fill the memory with the requests it strikes. */
const STRUCK_KEPT = 200;

/** Faults of one stroke, added by the thousand, must not fill it either. */
const SPENT_KEPT = 100;

/** One fault; what `add` gives back. */
export class Fault {
  readonly id: number;
  readonly rule: FaultRule;
  /** What it struck, in order: the first `STRUCK_KEPT`, the rest is only counted. */
  readonly struck: FaultSubject[] = [];
  readonly #changes: Changes;
  #hits = 0;
  #isCleared = false;
  #held: (() => void)[] = [];

  constructor(id: number, rule: FaultRule, changes: Changes) {
    this.id = id;
    this.rule = rule;
    this.#changes = changes;
  }

  get hits(): number {
    return this.#hits;
  }

  /** Whether it will strike again: neither cleared nor used up. */
  get isActive(): boolean {
    return !this.#isCleared && this.hits < (this.rule.times ?? Infinity);
  }

  get isCleared(): boolean {
    return this.#isCleared;
  }

  /** Whether nothing can come of it any more: it will not strike, and keeps nothing back. */
  get isSpent(): boolean {
    return !this.isActive && this.#held.length === 0;
  }

  /**
   * Resolves with what was struck, once the fault has struck `count` times.
   * @param count up to `STRUCK_KEPT`
   */
  async caught(count = 1, timeoutMs = PATIENCE_MS): Promise<FaultSubject> {
    const enough = (): FaultSubject | undefined => this.struck[count - 1];
    return this.#changes.until(enough, timeoutMs, () => {
      return `fault ${this.rule.kind} struck ${this.hits} of ${count}×`;
    });
  }

  /** Lets go of what `hold` or `reorder` keeps back; the fault stays switched on. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const resume of held) resume();
  }

  /** Switches the fault off and lets go of what it keeps back. */
  clear(): void {
    this.#isCleared = true;
    this.release();
    this.#changes.announce();
  }

  /** For the twins: keeps something back until `release()`. */
  keep(resume: () => void): void {
    this.#held.push(resume);
  }

  strike(subject: FaultSubject): void {
    this.#hits += 1;
    if (this.struck.length < STRUCK_KEPT) this.struck.push(subject);
    this.#changes.announce();
  }
}

/** The faults of one twin; they can be switched while it runs. */
export class FaultBoard {
  readonly #changes: Changes;
  #faults: Fault[] = [];
  #lastId = 0;

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  add(rule: FaultRule): Fault {
    this.#lastId += 1;
    const fault = new Fault(this.#lastId, rule, this.#changes);
    this.#forgetSpent();
    this.#faults.push(fault);
    this.#changes.announce();
    return fault;
  }

  get active(): readonly Fault[] {
    return this.#faults.filter(({ isActive }) => isActive);
  }

  /**
   * A fault that was not cleared, also one that is used up and may still keep something back.
   * Of those that are used up and keep nothing, the latest are found.
   */
  find(id: number): Fault | undefined {
    return this.#faults.find((fault) => fault.id === id && !fault.isCleared);
  }

  #forgetSpent(): void {
    const spent = this.#faults.filter(({ isSpent }) => isSpent);
    const forgotten = new Set(spent.slice(0, -SPENT_KEPT));
    this.#faults = this.#faults.filter((fault) => !fault.isCleared && !forgotten.has(fault));
  }

  /** Clears all, and lets go of everything kept back. */
  clear(): void {
    const faults = this.#faults;
    this.#faults = [];
    for (const fault of faults) fault.clear();
  }

  /** The first active fault of these kinds that is aimed at the subject; it has then struck. */
  strike(kinds: readonly FaultKind[], subject: FaultSubject): Fault | undefined {
    if (this.#faults.length === 0) return undefined;
    const fault = this.active.find(
      ({ rule }) => kinds.includes(rule.kind) && isAimedAt(rule, subject),
    );
    fault?.strike(subject);
    return fault;
  }
}

function isAimedAt(aim: FaultAim, subject: FaultSubject): boolean {
  return (
    (aim.endpoint === undefined || aim.endpoint === subject.endpoint) &&
    (aim.method === undefined || aim.method.toUpperCase() === subject.method) &&
    (aim.path === undefined || contains(subject.path, aim.path)) &&
    (aim.address === undefined || aim.address === subject.address) &&
    (aim.text === undefined || contains(subject.text, aim.text)) &&
    (aim.when === undefined || aim.when(subject))
  );
}

function contains(text: string | undefined, part: string | RegExp): boolean {
  if (text === undefined) return false;
  return typeof part === 'string' ? text.includes(part) : part.test(text);
}
