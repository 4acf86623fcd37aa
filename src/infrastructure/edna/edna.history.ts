import type { MessengerEntry, Span } from '../../domain/history.js';
import type { Line } from '../../domain/line.js';
import { dig, idOf, isObject, parseJson, textOf } from '../json.js';
import type { EdnaSpanQuery } from './edna.wire.js';

/** A fifth of what edna gives at once: an answer of small messages stays under a tenth of what is read of one. */
const PAGE_SIZE = 200;

/** How far edna's clock may be from ours. */
const SKEW_MS = 2 * 60_000;

/** A page of what was written in a span; of one channel, where the line has just one. */
export function toSpanQuery(
  direction: 'inbound' | 'outbound',
  { since, until }: Span,
  { edna }: Line,
  page: number,
): EdnaSpanQuery {
  const [channel, ...others] = edna.channels ?? [];
  const isOne = others.length === 0 && !edna.replaces?.size && /^\d{1,15}$/.test(channel ?? '');
  return {
    direction: direction === 'inbound' ? 'IN' : 'OUT',
    ...(isOne && { subjectId: Number(channel) }),
    dateFrom: since.toISOString(),
    dateTo: new Date(until.getTime() + SKEW_MS).toISOString(),
    offset: page * PAGE_SIZE,
    limit: PAGE_SIZE,
    sort: [{ property: 'messageId', direction: 'ASC' }],
  };
}

/**
 * Entries of `messages/history`, each with the body its webhook should have had. Only some fields of an item are
 * established (edna-pulse.md 7.4: the code of one client), and none of them is a time; so those that other bodies of
 * edna's have are looked for.
 * @param names of channels, by number
 */
export function toEntries(
  items: readonly unknown[],
  direction: 'inbound' | 'outbound',
  span: Span,
  names: ReadonlyMap<string, string> = new Map(),
): readonly MessengerEntry[] {
  const word = direction === 'inbound' ? 'IN' : 'OUT';
  return items.flatMap((item) => {
    const messengerId = idOf(dig(item, 'messageId')) ?? idOf(dig(item, 'id'));
    const isThis = (textOf(dig(item, 'direction')) ?? word).toUpperCase() === word;
    if (!messengerId || !isThis) return [];
    const content = contentOf(item);
    const comment = textOf(dig(item, 'comment'));
    const status = textOf(dig(item, 'deliveryStatus')) ?? textOf(dig(item, 'status'));
    const writtenAt = timeOf(item, span);
    const messenger = textOf(dig(item, 'channelType'))?.toLowerCase();
    const isText = textOf(dig(content, 'type'))?.toUpperCase() === 'TEXT';
    return [
      {
        messengerId,
        isText,
        ...(messenger && { messenger }),
        ...(writtenAt && { writtenAt }),
        ...(comment && { comment }),
        ...(status && { status }),
        body:
          direction === 'inbound'
            ? toIncoming(item, messengerId, content, writtenAt, names)
            : toStatus(item, messengerId, status),
      },
    ];
  });
}

function toIncoming(
  item: unknown,
  id: string,
  messageContent: unknown,
  writtenAt: Date | undefined,
  names: ReadonlyMap<string, string>,
): object {
  const subjectId = idOf(dig(item, 'subjectId')) ?? '';
  const subscriber = dig(item, 'subscriber', 'identifier');
  return {
    id,
    subjectId: dig(item, 'subjectId'),
    subject: dig(item, 'subject') ?? names.get(subjectId),
    subscriber: { identifier: dig(item, 'address') ?? subscriber },
    userInfo: dig(item, 'userInfo'),
    messageContent,
    receivedAt: writtenAt?.toISOString(),
    replyOutMessageId: dig(item, 'replyOutMessageId'),
    replyOutMessageExternalRequestId: dig(item, 'replyOutMessageExternalRequestId'),
    replyInMessageId: dig(item, 'replyInMessageId'),
  };
}

function toStatus(item: unknown, messageId: string, status: string | undefined): object {
  return {
    requestId: dig(item, 'requestId'),
    messageId,
    subjectId: dig(item, 'subjectId'),
    subject: dig(item, 'subject'),
    status,
    error: dig(item, 'error'),
    comment: dig(item, 'comment'),
  };
}

/** `content` is an object or its JSON text; what it is called `contentType` in what is sent. */
function contentOf(item: unknown): unknown {
  const given = dig(item, 'content') ?? dig(item, 'messageContent');
  const content = typeof given === 'string' ? parseJson(given) : given;
  if (!isObject(content)) return undefined;
  return { ...content, type: content['type'] ?? content['contentType'] };
}

/** In the order of asking. When a status changed says nothing of when its message was written. */
const TIME_FIELDS = [
  'receivedAt',
  'createdAt',
  'sentAt',
  'registeredAt',
  'messageDate',
  'dateTime',
  'date',
  'time',
  'timestamp',
] as const;

/** The first time of an item that lies where it was asked for; another one is in a zone or a unit we do not know. */
function timeOf(item: unknown, { since, until }: Span): Date | undefined {
  return TIME_FIELDS.map((field) => readTime(dig(item, field))).find(
    (time) =>
      time !== undefined &&
      time.getTime() >= since.getTime() - SKEW_MS &&
      time.getTime() <= until.getTime() + SKEW_MS,
  );
}

/** 10^11 ms are 1973, 10^11 s the year 5138. */
const LEAST_MS = 1e11;

/** Seconds, milliseconds, or ISO 8601, UTC where it says no zone. */
function readTime(value: unknown): Date | undefined {
  const text = idOf(value)?.trim();
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) {
    const number = Number(text);
    return new Date(number >= LEAST_MS ? number : number * 1000);
  }
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`;
  const time = new Date(zoned.replace(/([+-]\d{2})(\d{2})$/, '$1:$2').replace(' ', 'T'));
  return Number.isNaN(time.getTime()) ? undefined : time;
}
