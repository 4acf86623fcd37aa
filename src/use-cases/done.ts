import { DeliveryError, JournalUnavailable } from '../domain/errors.js';
import type { Attempt, Change, LaneKind } from '../domain/journal.js';
import type { Reason } from '../domain/reasons.js';

/** What a use case cannot know of itself. */
export interface Circumstances {
  /** The wall clock. */
  readonly now: Date;
  /** Random, from 0 up to 1. */
  readonly jitter: number;
  /** Whether the same upstream, open all the time, took other lanes of this line while this message kept failing. */
  readonly othersPass: boolean;
  /** How long the upstream has been refusing everything of this line, and why; absent while it does not. */
  readonly blocked?: { readonly forMs: number; readonly reason?: Reason };
  /** Whether a request begun now ends while the lane is still ours. */
  mayBegin(): boolean;
}

/** How a lane goes on after one work. */
export type Next =
  | 'go-on'
  | { readonly afterMs: number }
  | { readonly afterMs: number; readonly forReceiptOf: number };

/** What came of one work. */
export interface Done {
  readonly changes: readonly Change[];
  readonly next: Next;
  /** The try, where there was one; time is taken by the caller. */
  readonly attempt?: Omit<Attempt, 'at' | 'durationMs'>;
  /** What stopped it: tells how the upstream is, where the attempt tells how the message is. */
  readonly fault?: DeliveryError;
}

/** How long a client's message or a report may keep failing while others pass, before it steps aside. */
export const POISON_MS = 10 * 60_000;

/** After an unknown outcome, how long the other side may need until its history shows the message. */
export const HISTORY_MS = 10_000;

export function attemptOf(
  work: { readonly kind: LaneKind; readonly messageId: number },
  fault?: DeliveryError,
  partId?: number,
): Omit<Attempt, 'at' | 'durationMs'> {
  return {
    messageId: work.messageId,
    partId,
    kind: work.kind,
    outcome: fault?.outcome ?? 'taken',
    httpStatus: fault?.details.httpStatus,
    error: fault?.message,
  };
}

/**
 * Anything else that escapes an adapter is a mistake of ours: repeated like a fault of the other side, and visible.
 * @throws {JournalUnavailable} as it came: it says nothing about the other side
 */
export function asFault(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  if (error instanceof JournalUnavailable) throw error;
  const what = error instanceof Error ? error.name : typeof error;
  return new DeliveryError('unknown', `mistake of ours: ${what}`, { cause: error });
}
