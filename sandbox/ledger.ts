import type { Changes } from './changes.ts';

export type Platform = 'edna' | 'amojo';

/** Something the bridge did that the platform's contract does not allow. */
export interface Violation {
  readonly seq: number;
  readonly platform: Platform;
  readonly endpoint: string;
  /** What it was answered; a breach that the platform lets pass has a 2xx here. */
  readonly status: number;
  readonly reason: string;
}

/** What went wrong, kept apart from what was seen: a bridge that works leaves it empty. */
export class Ledger {
  readonly violations: Violation[] = [];
  /** Requests repeated with an id already taken: right after an unknown outcome, harmless. */
  repeats = 0;
  /** Statuses reported to amoCRM below the one already reported. */
  statusBackwards = 0;
  /** Sends edna cancelled as equal to one of the last 20 minutes. */
  cancelled = 0;
  /** Texts edna threw away because a file stood beside them. */
  ignoredTexts = 0;
  readonly #changes: Changes;

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  violation(platform: Platform, endpoint: string, status: number, reason: string): void {
    this.violations.push({ seq: this.#changes.next(), platform, endpoint, status, reason });
    this.#changes.announce();
  }
}
