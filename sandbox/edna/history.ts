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
  /** Ids come as numbers or as text. */
  readonly idForm: 'number' | 'string';
}

/** `AD` and `HSM` are known: marketing and other templates. The rest is the twin's own word. */
type TrafficType = 'AD' | 'HSM' | 'SESSION';

interface Entry {
  readonly at: number;
  readonly trafficType: TrafficType;
  readonly body: JsonObject;
}

/** `POST /api/messages/history` with all its filters. */
export function readHistory(body: unknown, source: HistorySource): Answer {
  if (!isObject(body)) throw refuse('history-request-not-valid', 'the body is no JSON object');
  const { direction } = body;
  if (!isUnset(direction) && direction !== 'IN' && direction !== 'OUT') {
    throw refuse(
      'history-request-not-valid',
      `direction ${shown(direction)} is neither IN nor OUT`,
    );
  }
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

function entries({ sent, received, contentForm, idForm }: HistorySource): Entry[] {
  const id = (value: number | bigint | string | null): unknown =>
    value === null || (idForm === 'number' && typeof value !== 'bigint') ? value : String(value);
  const inForm = (content: JsonObject): unknown =>
    contentForm === 'string' ? JSON.stringify(content) : content;
  return [
    ...sent.map((message) => ({
      at: message.acceptedAt,
      trafficType: trafficOf(message),
      body: {
        messageId: id(message.messageId),
        comment: message.comment,
        direction: 'OUT',
        channelType: message.channel.type,
        subjectId: id(message.channel.subjectId),
        cascadeId: id(message.cascadeId),
        address: message.address,
        content: inForm({ ...message.content }),
        deliveryStatus: message.status ?? 'ENQUEUED',
      },
    })),
    ...received.map((message) => ({
      at: message.receivedAt,
      trafficType: 'SESSION' as const,
      body: {
        messageId: id(message.id),
        comment: null,
        direction: 'IN',
        channelType: message.channel.type,
        subjectId: id(message.channel.subjectId),
        cascadeId: null,
        address: message.address,
        content: inForm(message.content),
        deliveryStatus: null,
      },
    })),
  ];
}

function trafficOf({ template }: OutMessage): TrafficType {
  if (template === undefined) return 'SESSION';
  return template.category === 'MARKETING' ? 'AD' : 'HSM';
}

function isWanted({ at, trafficType, body }: Entry, wanted: JsonObject): boolean {
  const address = dig(wanted, 'subscriberFilter', 'address');
  const { channelTypes, trafficTypes, subjectId, direction, messageId, dateFrom, dateTo } = wanted;
  return (
    (isUnset(address) || body.address === address) &&
    isAmong(channelTypes, body.channelType) &&
    isAmong(trafficTypes, trafficType) &&
    (isUnset(subjectId) || shown(body.subjectId) === shown(subjectId)) &&
    (isUnset(direction) || body.direction === direction) &&
    (isUnset(messageId) || shown(body.messageId) === shown(messageId)) &&
    (isUnset(dateFrom) || at >= time(dateFrom, 'dateFrom')) &&
    (isUnset(dateTo) || at <= time(dateTo, 'dateTo'))
  );
}

/** An empty list asks for everything. */
function isAmong(list: unknown, value: unknown): boolean {
  return !Array.isArray(list) || list.length === 0 || list.includes(value);
}

function isUnset(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** In order of time; by `messageId` where the request asks for an order. */
function order(sort: unknown): (one: Entry, other: Entry) => number {
  const first: unknown = Array.isArray(sort) ? sort[0] : undefined;
  if (first === undefined) return (one, other) => one.at - other.at;
  if (dig(first, 'property') !== 'messageId') {
    throw refuse('history-request-not-valid', 'sort: messageId is the only property known');
  }
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
