import { dig, keepBigNumbers, parseJson, shown, textOrNull } from '../json.ts';
import type { ClientMessage } from './client-message.ts';
import { refuse } from './refusals.ts';

/**
 * The client's message a body of `in-message/change-status` marks as read.
 * @param raw the body's text: the ids are 64-bit, and a table has them as strings
 * @throws {Refusal} 400 for any other status, 404 where no such message came in
 */
export function readReceipt(raw: string, received: readonly ClientMessage[]): ClientMessage {
  const body = parseJson(raw, keepBigNumbers);
  const id = dig(body, 'id');
  if (!isId(id)) throw refuse('change-status-request-not-valid', 'id is no number');
  const status = dig(body, 'status');
  if (status !== 'READ') {
    throw refuse('change-status-request-not-valid', `status ${shown(status)} is not READ`);
  }
  const message = received.find((one) => String(one.id) === shown(id));
  if (message === undefined) throw refuse('in-message-not-found', `no message ${shown(id)}`, 404);
  return message;
}

/** A whole number of any length, or its digits. */
function isId(value: unknown): boolean {
  return (
    typeof value === 'bigint' || Number.isInteger(value) || /^\d+$/.test(textOrNull(value) ?? '')
  );
}
