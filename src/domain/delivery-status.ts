import type { Reason } from './reasons.js';

const RANK = { sent: 0, failed: 1, delivered: 2, read: 3 } as const;

/** Where a manager's message is on its way to the client. */
export type DeliveryStatus = keyof typeof RANK;

/** Each with its height. */
export const RANKS = Object.entries(RANK) as readonly (readonly [DeliveryStatus, number])[];

/** The news that a status changed. */
export interface Receipt {
  readonly status: DeliveryStatus;
  /** Why it failed; with `failed` only. */
  readonly reason?: Reason;
}

/**
 * The status a message has once a receipt is in.
 * Receipts come late, twice and out of order, so a status only climbs: `read` never falls back to
 * `delivered`, and proof of arrival beats `failed`.
 */
export function advance(current: DeliveryStatus | undefined, next: DeliveryStatus): DeliveryStatus {
  return current === undefined || RANK[next] > RANK[current] ? next : current;
}

/**
 * The status of a message that went out in parts: failed if any part failed, else the lowest;
 * none while a part has none. It climbs like any other.
 */
export function overall(
  current: DeliveryStatus | undefined,
  parts: readonly (DeliveryStatus | undefined)[],
): DeliveryStatus | undefined {
  if (parts.includes('failed')) return advance(current, 'failed');
  let lowest: DeliveryStatus | undefined;
  for (const part of parts) {
    if (part === undefined) return current;
    if (lowest === undefined || RANK[part] < RANK[lowest]) lowest = part;
  }
  return lowest === undefined ? current : advance(current, lowest);
}
