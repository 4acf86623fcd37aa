import { DeliveryError, type Outcome } from '../domain/errors.js';
import type { Reason } from '../domain/reasons.js';

/** What came back. */
export interface Answer {
  readonly status: number;
  /** Empty where it could not be read to its end. */
  readonly body: string;
  /** The other side's clock. */
  readonly date?: Date;
  readonly retryAfterMs?: number;
}

/** 404 and 405 depend on the endpoint, so each adapter reads those itself. */
const OUTCOME: Readonly<Record<number, Outcome>> = {
  401: 'blocked',
  402: 'blocked',
  403: 'blocked',
  407: 'blocked',
  408: 'unknown',
  429: 'not-sent',
  503: 'not-sent',
};

/** What a status that is a no says of the message. A redirect says that the address in the settings is wrong. */
export function outcomeOf(status: number): Outcome {
  if (status < 400) return 'blocked';
  return OUTCOME[status] ?? (status >= 500 ? 'unknown' : 'rejected');
}

export function isTaken({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

/**
 * An answer that is a no, as an error.
 * @param known what its body tells beyond the status; `code` goes to logs, so it holds no text, phone or key
 */
export function toDeliveryError(
  upstream: string,
  { status, retryAfterMs }: Answer,
  known: {
    readonly outcome?: Outcome;
    readonly code?: string;
    readonly reason?: Reason;
    readonly concernsChannel?: boolean;
  } = {},
): DeliveryError {
  const { outcome = outcomeOf(status), code, reason, concernsChannel } = known;
  const message = `${upstream} answered ${status}${code ? ` ${code}` : ''}`;
  const details = { httpStatus: status, retryAfterMs, reason, concernsChannel };
  return new DeliveryError(outcome, message, details);
}

/** A lookup that failed leaves open what it was to settle, unless nothing can be asked at all. */
export function unsettled(error: unknown): unknown {
  if (!(error instanceof DeliveryError) || error.outcome === 'blocked') return error;
  return new DeliveryError('unknown', `lookup: ${error.message}`, error.details);
}

/** Longer than this nobody is put off by a header. */
const RETRY_AFTER_MAX_MS = 15 * 60_000;

/** @param value seconds or an HTTP date (RFC 9110 section 10.2.3) */
export function readRetryAfter(value: string | undefined, now: Date): number | undefined {
  if (!value) return undefined;
  const ms = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now.getTime();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS);
}
