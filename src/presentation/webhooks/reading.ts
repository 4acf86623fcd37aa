import type { Event, QuarantineEvent } from '../../domain/journal.js';
import type { Line } from '../../domain/line.js';

/** Something that asks for nothing to be filed. */
export interface Ignored {
  readonly type: 'ignored';
  readonly why: Why;
  /** The platform's word for it, where the word itself is the news: letters, digits and `_` only. */
  readonly detail?: string;
  /** Of `template-status`: which one, and what has become of it. */
  readonly template?: {
    readonly id: string;
    readonly name: string;
    readonly status: string;
    readonly isLocked: boolean;
    readonly rejectReason?: string;
  };
  /** Of `template-status`: the lines it may be about. */
  readonly lines?: readonly Line[];
}

/**
 * - `from-us`: a message that the business itself wrote
 * - `pending-status`: the message has not left edna yet; amoCRM has no mark for that
 * - `unknown-status`: a word that may mean anything, so it is never shown as an arrival
 * - `own-echo`: amoCRM shows us what a client wrote
 * - the others name what came
 */
export type Why =
  | 'from-us'
  | 'pending-status'
  | 'unknown-status'
  | 'account-event'
  | 'template-status'
  | 'typing'
  | 'own-echo'
  | 'reaction';

/** What a mapper makes of one body. */
export type Reading = Event | Ignored;

export function ignored(why: Why, detail?: string): Ignored {
  return detail === undefined ? { type: 'ignored', why } : { type: 'ignored', why, detail };
}

/** Reasons are stable: operators search for them. */
export function quarantine(
  reason:
    | 'unknown-shape'
    | 'no-line'
    | 'wrong-account'
    | 'wrong-secret'
    | 'fault'
    | `invalid: ${string}`,
): QuarantineEvent {
  return { type: 'quarantine', reason };
}
