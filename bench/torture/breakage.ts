import type { Kind } from './options.ts';
import type { Stroke } from './plan.ts';

/** One kind of breakage. */
export interface Breakage<K extends Kind = Kind> {
  /** Breaks something, and what it breaks for a while only, it mends by itself. Returns at once. */
  strike(stroke: Stroke<K>): void;
  /** Mends all that is broken. */
  heal(): Promise<void>;
  /** What it did so far, by name; for the report. */
  readonly counts: Readonly<Record<string, number>>;
  /** What went wrong that no message tells of. */
  readonly failures: readonly string[];
}
