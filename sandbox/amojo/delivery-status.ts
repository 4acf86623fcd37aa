import type { ChatMessage, StatusReport, Tick } from './chat.ts';
import { Fields } from './fields.ts';
import type { AmojoSettings } from './settings.ts';

const STATES: Record<number, Tick['state']> = {
  [-1]: 'error',
  0: 'none',
  1: 'delivered',
  2: 'read',
};
const RANK: Record<Tick['state'], number> = { none: 0, error: 1, delivered: 2, read: 3 };
const CODES = [901, 902, 903, 904, 905];

/** What a switch decides about the reading. */
export type StatusRules = Pick<AmojoSettings, 'statusField' | 'errorWithoutCode'>;

export interface StatusReading extends Omit<StatusReport, 'seq'> {
  /** What amoCRM lets pass but does not document. */
  readonly breaches: readonly string[];
}

/** A body of `delivery_status`, checked. @throws {Refusal} 400 */
export function readStatus(body: unknown, messageId: string, rules: StatusRules): StatusReading {
  const fields = new Fields(body);
  const msgid = fields.optionalText('msgid');
  if (msgid !== undefined && msgid !== messageId)
    throw fields.no('msgid', 'is not the id in the path');
  return readStatusFields(fields, rules);
}

/** The status in a body or in a message. @throws {Refusal} 400 */
export function readStatusFields(
  fields: Fields,
  { statusField, errorWithoutCode }: StatusRules,
): StatusReading {
  const readCode = (name: 'status_code' | 'delivery_status'): number | undefined =>
    statusField === 'either' || statusField === name ? fields.optionalInteger(name) : undefined;
  const current = readCode('status_code');
  const former = readCode('delivery_status');
  const statusCode = current ?? former;
  if (statusCode === undefined) throw fields.no('status_code', 'is required');
  if (STATES[statusCode] === undefined) throw fields.no('status_code', 'must be -1, 1 or 2');
  if (current !== undefined && former !== undefined && current !== former) {
    throw fields.no('delivery_status', 'differs from status_code');
  }

  const errorCode = fields.optionalInteger('error_code');
  const error = fields.optionalText('error');
  const breaches: string[] = [];
  if (statusCode === 0) breaches.push('status_code 0 is not documented: sent has no code');
  if (statusCode === -1) {
    if (errorCode === undefined && errorWithoutCode === 'reject400') {
      throw fields.no('error_code', 'is required with -1');
    }
    if (errorCode !== undefined && !CODES.includes(errorCode))
      throw fields.no('error_code', `must be one of ${CODES.join()}`);
    if (errorCode === 905 && !error) throw fields.no('error', 'is required with 905');
  } else if (fields.has('error_code') || fields.has('error')) {
    breaches.push(`error fields stand beside status_code ${statusCode}`);
  }
  return {
    statusCode,
    errorCode,
    error,
    fields: [
      ...(current === undefined ? [] : (['status_code'] as const)),
      ...(former === undefined ? [] : (['delivery_status'] as const)),
    ],
    breaches,
  };
}

/**
 * Puts a report on a message.
 * @returns whether it went back: a lower one is kept in `reports` and does not change the tick.
 * Delivered or read after an error is a climb, since it proves that the message arrived.
 */
export function mark(message: ChatMessage, reading: StatusReading, seq: number): boolean {
  const { statusCode, errorCode, error, fields } = reading;
  message.reports.push({ seq, statusCode, errorCode, error, fields });
  const state = STATES[statusCode] ?? 'none';
  const isBackwards = RANK[state] < RANK[message.tick.state];
  if (!isBackwards) {
    message.tick = state === 'error' ? { state, code: errorCode, error } : { state };
  }
  return isBackwards;
}
