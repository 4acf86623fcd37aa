import type { Reason } from './reasons.js';

/**
 * What we know of a message after a try that did not succeed:
 * - `rejected`: a no that will stay a no
 * - `blocked`: a no that says nothing about the message (key, channel, money)
 * - `not-sent`: never taken; repeat it with a growing delay
 * - `unknown`: the body left and no answer came; a repeat may double it, unless the other side drops repeats
 */
export type Outcome = 'rejected' | 'blocked' | 'not-sent' | 'unknown';

/** The only error that crosses the ports to the platforms. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';

  constructor(
    readonly outcome: Outcome,
    /** For logs and the timeline: codes and causes, never a text, a phone or a key. */
    message: string,
    readonly details: {
      /** What a manager is told, once the message is given up. */
      readonly reason?: Reason;
      readonly httpStatus?: number;
      /** Of `blocked`: it is about the channel of this conversation, and says nothing about others of the line. */
      readonly concernsChannel?: boolean;
      /** How long the other side asked us to wait. */
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
  }
}

/** Nothing can be committed right now: disk full, database away. The caller keeps what it has and says so. */
export class JournalUnavailable extends Error {
  override readonly name = 'JournalUnavailable';

  constructor(cause: unknown) {
    super(`the journal cannot commit: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
