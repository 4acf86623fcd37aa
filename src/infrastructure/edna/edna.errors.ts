import { DeliveryError, type Outcome } from '../../domain/errors.js';
import type { Route } from '../../domain/ports.js';
import type { ReasonKey } from '../../domain/reasons.js';
import { channelName } from '../../domain/channel-name.js';
import { isTaken, outcomeOf, toDeliveryError, type Answer } from '../http-answer.js';
import { dig, numberIn, parseJson, textOf } from '../json.js';

interface Row {
  /** A piece of the code or of the detail, in lower case: edna spells a code now with `is-`, now without. */
  readonly says: string;
  readonly outcome: Outcome | 'taken';
  readonly reason?: ReasonKey;
}

/**
 * What edna's codes say, the first that fits. https://docs.edna.io/kb/api-edna-pulse-error-codes (2024-12-12),
 * https://docs.edna.io/kb/available-status-codes (the legacy ones, which come in answers of cascades too).
 */
const ROWS: readonly Row[] = [
  // The id is ours alone, so an earlier try of this very message was accepted.
  { says: 'requestid-is-not-unique', outcome: 'taken' },
  { says: 'error-id-not-unique', outcome: 'taken' },

  { says: 'insufficient funds', outcome: 'blocked', reason: 'no-money' },
  { says: 'insufficient-balance', outcome: 'blocked', reason: 'no-money' },

  // Within 24 hours of the client's last message any text passes without a template. So one that was looked for
  // and not found means that the window is closed, except where a template was what we meant to send (HSM).
  { says: 'matched-template-not-found', outcome: 'rejected', reason: 'window-closed' },
  { says: 'not-template-match', outcome: 'rejected', reason: 'window-closed' },
  { says: 'no-match-template', outcome: 'rejected', reason: 'window-closed' },
  { says: 'not-match-hsm-template', outcome: 'rejected', reason: 'template-mismatch' },

  { says: 'error-address', outcome: 'rejected', reason: 'bad-number' },
  { says: 'not-whatsapp-user', outcome: 'rejected', reason: 'no-messenger' },
  { says: 'not-viber-user', outcome: 'rejected', reason: 'no-messenger' },
  { says: 'user-blocked', outcome: 'rejected', reason: 'client-blocked' },

  // Of this message, or our mistake in it. "Repeat in a few minutes" would be no help.
  { says: 'attachment-url-not-specified', outcome: 'rejected', reason: 'file-failed' },
  { says: 'im-type-not-specified', outcome: 'blocked', reason: 'edna-refused' },
  { says: '-not-specified', outcome: 'rejected', reason: 'not-accepted' },
  { says: 'attachmentname-is-too-long', outcome: 'rejected', reason: 'not-accepted' },
  { says: 'error-content', outcome: 'rejected', reason: 'not-accepted' },
  // It is the message's id that has a wrong format, not the channel's.
  { says: 'error-subject-id-format', outcome: 'rejected', reason: 'not-accepted' },

  // The channel, the cascade or the key.
  { says: 'error-subject', outcome: 'blocked', reason: 'channel-off' },
  { says: 'default.subject.not_found', outcome: 'blocked', reason: 'channel-off' },
  { says: 'cascade-not-found', outcome: 'blocked', reason: 'edna-refused' },
  { says: 'cascade template not found', outcome: 'blocked', reason: 'edna-refused' },
  { says: 'content-for-all-cascade-stages', outcome: 'blocked', reason: 'edna-refused' },
  { says: 'cascade-scheduling-request', outcome: 'blocked', reason: 'edna-refused' },
  { says: 'error-unauthorized', outcome: 'blocked', reason: 'edna-refused' },
  { says: 'error-system-blocked', outcome: 'blocked', reason: 'edna-refused' },

  // edna began to work on it and broke down: nobody knows how far it came.
  { says: 'error-system', outcome: 'unknown' },
];

/**
 * Reads the answer to a send.
 * @param isTemplate the message was one: that none was found does not mean that the window is closed
 * @returns the body of one that took the message, or nothing where an earlier try had been taken
 * @throws {DeliveryError}
 */
export function readTaken(answer: Answer, route: Route, isTemplate = false): unknown {
  const body = parseJson(answer.body);
  // A page is a proxy's, or another server's: edna may never have seen the message.
  if (isTaken(answer) && body === undefined && answer.body.trim() !== '') {
    throw toDeliveryError('edna', answer, { outcome: 'unknown', code: 'not-json' });
  }
  if (isTaken(answer) && !isRefusal(body)) return body;
  const { row, code } = recognise(answer, body);
  if (row?.outcome === 'taken') return undefined;
  const judged = judge(answer, row);
  const { outcome } = judged;
  const key = isTemplate && judged.key === 'window-closed' ? 'template-mismatch' : judged.key;
  const channel = route.channelType ? channelName(route.channelType) : '';
  const args = { code: code ?? `HTTP ${answer.status}`, channel };
  throw toDeliveryError('edna', answer, {
    outcome,
    code,
    reason: key && { key, args },
    concernsChannel: key === 'channel-off',
  });
}

/** The answer to a question that edna does not let us ask. It says nothing about any message. */
export function toBlocked(answer: Answer): DeliveryError {
  const { row, code } = recognise(answer, parseJson(answer.body));
  const key = blockedBy(answer, row);
  const reason = { key, args: { code: code ?? `HTTP ${answer.status}` } };
  return toDeliveryError('edna', answer, { outcome: 'blocked', code, reason });
}

/** edna answers 200 to what it refuses, too: `{"code":"error-…"}` or `{"title":…,"status":400}`. */
export function isRefusal(body: unknown): boolean {
  const code = textOf(dig(body, 'code'));
  if (code) return code.toLowerCase() !== 'ok';
  return textOf(dig(body, 'title')) !== undefined && (numberIn(dig(body, 'status')) ?? 0) >= 400;
}

/** The code decides where edna refuses; where it is in trouble itself, or wants to be left alone, the status does. */
function judge(answer: Answer, row: Row | undefined): { outcome: Outcome; key?: ReasonKey } {
  const { status } = answer;
  const isRefused = isTaken(answer);
  const byStatus = isRefused ? 'rejected' : outcomeOf(status);
  if (byStatus === 'not-sent' || byStatus === 'unknown') return { outcome: byStatus };
  if (byStatus === 'blocked') return { outcome: 'blocked', key: blockedBy(answer, row) };
  if (row && row.outcome !== 'taken') return { outcome: row.outcome, key: row.reason };
  // A wrong path or host.
  if (status === 404 || status === 405) return { outcome: 'blocked', key: 'edna-refused' };
  return { outcome: 'rejected', key: 'not-accepted' };
}

function blockedBy({ status }: Answer, row: Row | undefined): ReasonKey {
  const key = row?.outcome === 'blocked' ? row.reason : undefined;
  return key ?? (status === 402 ? 'no-money' : 'edna-refused');
}

/** Looked for where codes stand, and elsewhere only if nothing stands there: edna may repeat what a manager wrote. */
function recognise(answer: Answer, body: unknown): { row?: Row; code?: string } {
  const said = ['title', 'code', 'message', 'error', 'detail'].map((key) => textOf(dig(body, key)));
  const text = (said.filter(Boolean).join(' ') || answer.body).toLowerCase();
  const row = ROWS.find(({ says }) => text.includes(says));
  return { row, code: codeOf(answer, body) ?? row?.says };
}

/** A word of edna's: never long digits, which may be a phone, and no blanks, which make it a text. */
const CODE = /^[a-z](?:(?!\d{7})[\w.'’()-]){0,79}$/i;
/** Among other words a code is told by `error-` or by three words and more. */
const CODE_WITHIN = /\b(?:error|[a-z]+[-._][a-z]+)(?:[-._][a-z]+)+\b/i;

function codeOf(answer: Answer, body: unknown): string | undefined {
  for (const key of ['title', 'code', 'message']) {
    const value = textOf(dig(body, key));
    if (value && CODE.test(value)) return value;
  }
  // A page of HTML is a proxy's, and holds no code.
  return body === undefined ? undefined : CODE_WITHIN.exec(answer.body)?.[0];
}
