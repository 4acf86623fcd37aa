import type { Answer } from '../answer.ts';
import { dig, isObject, shown, type JsonObject } from '../json.ts';
import type { ClientMessage } from './client-message.ts';
import type { OutMessage } from './out-message.ts';
import { refuse } from './refusals.ts';

const DEFAULT_LIMIT = 1000;

export interface HistorySource {
  readonly sent: readonly OutMessage[];
  readonly received: readonly ClientMessage[];
  /** edna answers `content` as an object or as JSON text. */
  readonly contentForm: 'object' | 'string';
}

interface Entry {
  readonly at: number;
  readonly body: JsonObject;
}

/** `POST /api/messages/history` with all its filters. */
export function readHistory(body: unknown, source: HistorySource): Answer {
  if (!isObject(body)) throw refuse('history-request-not-valid', 'the body is no JSON object');
  const matching = entries(source)
    .filter((entry) => isWanted(entry, body))
    .toSorted(order(body.sort));
  const offset = wholeNumber(body.offset, 'offset') ?? 0;
  const limit = wholeNumber(body.limit, 'limit') ?? DEFAULT_LIMIT;
  const page = matching.slice(offset, offset + limit);
  return {
    status: 200,
    body: {
      content: page.map((entry) => entry.body),
      hasNext: offset + page.length < matching.length,
    },
  };
}

function entries({ sent, received, contentForm }: HistorySource): Entry[] {
  const inForm = (content: JsonObject): unknown =>
    contentForm === 'string' ? JSON.stringify(content) : content;
  return [
    ...sent.map((message) => ({
      at: message.acceptedAt,
      body: {
        messageId: message.messageId,
        comment: message.comment,
        direction: 'OUT',
        channelType: message.channel.type,
        subjectId: message.channel.subjectId,
        cascadeId: message.cascadeId,
        address: message.address,
        content: inForm({ ...message.content }),
        deliveryStatus: message.status ?? 'ENQUEUED',
      },
    })),
    ...received.map((message) => ({
      at: message.receivedAt,
      body: {
        messageId: typeof message.id === 'bigint' ? String(message.id) : message.id,
        comment: null,
        direction: 'IN',
        channelType: message.channel.type,
        subjectId: message.channel.subjectId,
        cascadeId: null,
        address: message.address,
        content: inForm(message.content),
        deliveryStatus: null,
      },
    })),
  ];
}

function isWanted({ at, body }: Entry, wanted: JsonObject): boolean {
  const address = dig(wanted, 'subscriberFilter', 'address');
  const { channelTypes, subjectId, direction, messageId, dateFrom, dateTo } = wanted;
  return (
    (isUnset(address) || body.address === address) &&
    (!Array.isArray(channelTypes) ||
      channelTypes.length === 0 ||
      channelTypes.includes(body.channelType)) &&
    (isUnset(subjectId) || body.subjectId === Number(subjectId)) &&
    (isUnset(direction) || body.direction === direction) &&
    (isUnset(messageId) || shown(body.messageId) === shown(messageId)) &&
    (isUnset(dateFrom) || at >= time(dateFrom, 'dateFrom')) &&
    (isUnset(dateTo) || at <= time(dateTo, 'dateTo'))
  );
}

function isUnset(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** In order of time; by `messageId` where the request asks for an order. */
function order(sort: unknown): (one: Entry, other: Entry) => number {
  const first: unknown = Array.isArray(sort) ? sort[0] : undefined;
  if (first === undefined) return (one, other) => one.at - other.at;
  const sign = dig(first, 'direction') === 'DESC' ? -1 : 1;
  return (one, other) => sign * (Number(one.body.messageId) - Number(other.body.messageId));
}

function wholeNumber(value: unknown, field: string): number | undefined {
  if (isUnset(value)) return undefined;
  if (!Number.isInteger(value) || Number(value) < 0) {
    throw refuse('history-request-not-valid', `${field} is no whole number`);
  }
  return Number(value);
}

function time(value: unknown, field: string): number {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw refuse('history-request-not-valid', `${field} is no time`);
  return at;
}
