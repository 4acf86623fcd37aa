import type { DeliveryStatus, Receipt } from '../../domain/delivery-status.js';
import { parseComment, type LineKey } from '../../domain/ids.js';
import type { Line } from '../../domain/line.js';
import type { Reason } from '../../domain/reasons.js';
import { channelName } from '../../domain/channel-name.js';
import type { QuarantineEvent } from '../../domain/journal.js';
import { type PostContext, linesOf, openedNow } from './edna-line.js';
import { type Ignored, type Reading, ignored, quarantine } from './reading.js';
import { toText, toWord } from './wire-values.js';

/** News of a message that went out, whichever of its forms it came in. */
interface News {
  readonly requestId?: unknown;
  readonly messageId?: unknown;
  readonly subjectId?: unknown;
  readonly subject?: unknown;
  readonly status: unknown;
  readonly error?: unknown;
  readonly comment?: unknown;
}

/**
 * A request id is found whatever the line, unless that is another company's; the other ids mean something within their line alone, so they are looked
 * for in each that the news may be for.
 * @param idPath the field that should have named the message, for a body that names it in no way
 */
export function toReceiptEvents(
  news: News,
  context: PostContext,
  idPath: string,
): readonly Reading[] {
  const requestId = toWord(news.requestId);
  const lines = candidatesFor(news, requestId, context);
  if ('type' in lines) return [lines];
  const receipt = toReceipt(toText(news.status), toText(news.error));
  if ('type' in receipt) return [receipt];
  const candidates = requestId === undefined ? lines : lines.slice(0, 1);
  const closed = requestId === undefined ? [] : closedTo(context);
  return candidates.map((line) => {
    const event = toEvent({ ...news, requestId }, receipt, line, idPath);
    return event.type === 'receipt' && closed.length > 0 ? { ...event, closed } : event;
  });
}

/**
 * Lines of other companies: the token opens none of them, nor any line with the same key of edna. Without a channel in
 * it, nothing but the token says whose messages a receipt may be about.
 */
function closedTo(context: PostContext): readonly LineKey[] {
  const accounts = new Set(openedNow(context).map(({ edna }) => edna.apiKey));
  return context.lines.all.flatMap(({ key, edna }) => (accounts.has(edna.apiKey) ? [] : key));
}

/** What names no channel may be for each line that the token opens; a request id needs no channel that is still there. */
function candidatesFor(
  news: News,
  requestId: string | undefined,
  context: PostContext,
): readonly Line[] | QuarantineEvent {
  const subjectId = toWord(news.subjectId);
  const subject = toWord(news.subject);
  const opened = openedNow(context);
  if (subjectId === undefined && subject === undefined && opened.length > 0) return opened;
  const lines = linesOf({ subjectId, subject }, context);
  const isGone = 'type' in lines && lines.reason === 'no-line';
  return isGone && requestId !== undefined && opened.length > 0 ? opened : lines;
}

function toEvent(
  { requestId, messageId, comment }: News & { readonly requestId?: string },
  receipt: Receipt,
  line: Line,
  idPath: string,
): Reading {
  const messengerId = toWord(messageId);
  const commented = parseComment(toText(comment).trim(), line.scopeId);
  if (requestId === undefined && messengerId === undefined && commented === undefined) {
    return quarantine(`invalid: ${idPath}`);
  }
  return {
    type: 'receipt',
    line: line.key,
    ...(requestId !== undefined && { requestId }),
    ...(messengerId !== undefined && { messengerId }),
    ...(commented !== undefined && { messageId: commented }),
    receipt,
  };
}

type Meaning = DeliveryStatus | 'pending';

/** Every status that edna is known to write, as its tables spell them. */
const MEANING: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['DELAYED', 'pending'],
  ['ENQUEUED', 'pending'],
  ['SENT', 'sent'],
  ['DELIVERED', 'delivered'],
  ['READ', 'read'],
  ['UNDELIVERED', 'failed'],
  ['FAILED', 'failed'],
  ['CANCELLED', 'failed'],
  ['CANCELED', 'failed'],
  ['EXPIRED', 'failed'],
  ['NO_MATCH_TEMPLATE', 'failed'],
  ['INVALID', 'failed'],
  ['REJECTED', 'failed'],
]);

/**
 * What a status means. Its bodies write it in any case, with `-` or `_`.
 * A status that is not in the table is never taken for an arrival, nor for a failure.
 */
export function toReceipt(status: string, error: string): Receipt | Ignored {
  const spelt = status
    .trim()
    .toUpperCase()
    .replace(/[-\s]+/g, '_');
  const meaning = MEANING.get(spelt);
  if (meaning === undefined) {
    return ignored('unknown-status', spelt.replace(/\W/g, '').slice(0, MOST_CODE_CHARS));
  }
  if (meaning === 'pending') return ignored('pending-status');
  return meaning === 'failed'
    ? { status: meaning, reason: toReason(spelt, error) }
    : { status: meaning };
}

/**
 * What edna writes into `error`, in the order of asking: a part of the code, for its tables and its bodies spell the
 * same code differently, and free text of Meta comes there too.
 */
const BY_ERROR: readonly (readonly [RegExp, (code: string, match: RegExpExecArray) => Reason])[] = [
  [/not-([a-z]+)-user/, (_, [, type = '']) => noMessenger(type)],
  [/user-blocked/, () => ({ key: 'client-blocked' })],
  [/insufficient/, () => ({ key: 'no-money' })],
  [/hsm-template/, () => ({ key: 'template-mismatch' })],
  [
    /template-not-found|template-match|match-template|131047|re-engagement/,
    () => ({ key: 'window-closed' }),
  ],
  // It is the message's id that has a wrong format, not the channel's.
  [/error-subject-id-format/, (code) => ({ key: 'not-accepted', args: { code } })],
  [/error-subject|\blocked/, () => ({ key: 'channel-off' })],
  [/unauthorized/, (code) => ({ key: 'edna-refused', args: { code } })],
  [/error-address/, () => ({ key: 'bad-number' })],
  [/attachment(?!-?name)/, () => ({ key: 'file-failed' })],
  [/error-system/, () => ({ key: 'edna-fault' })],
];

/** What a status says by itself, where `error` adds nothing to it. */
const BY_STATUS: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ['FAILED', { key: 'edna-fault' }],
  ['CANCELLED', { key: 'cancelled' }],
  ['CANCELED', { key: 'cancelled' }],
  ['EXPIRED', { key: 'expired' }],
  ['NO_MATCH_TEMPLATE', { key: 'window-closed' }],
]);

/** Statuses that stay what they are, whatever unknown code stands beside them. */
const SAYS_IT_ALL = new Set(['CANCELLED', 'CANCELED', 'EXPIRED', 'NO_MATCH_TEMPLATE']);

function toReason(status: string, error: string): Reason {
  const code = error.trim().replace(/\s+/g, ' ').slice(0, MOST_CODE_CHARS);
  const spelt = error.toLowerCase().replaceAll('_', '-');
  for (const [pattern, reason] of BY_ERROR) {
    const match = pattern.exec(spelt);
    if (match) return reason(code, match);
  }
  const own = BY_STATUS.get(status);
  if (own && (code === '' || SAYS_IT_ALL.has(status))) return own;
  return { key: 'not-accepted', args: { code: code || status } };
}
/** A manager reads it in brackets behind the sentence, which has 120 letters in all. */
const MOST_CODE_CHARS = 40;

function noMessenger(imType: string): Reason {
  return { key: 'no-messenger', args: { channel: channelName(imType) } };
}
