import type { Answer } from '../answer.ts';
import { shown, type JsonObject } from '../json.ts';
import type { ClientMessage } from './client-message.ts';
import { isoSeconds } from './incoming-bodies.ts';
import { readHistoryRequest, type HistoryFilter, type HistoryRequest } from './history-request.ts';
import type { OutMessage } from './out-message.ts';

export interface HistorySource {
  readonly sent: readonly OutMessage[];
  readonly received: readonly ClientMessage[];
  /** edna answers `content` as an object or as JSON text. */
  readonly contentForm: 'object' | 'string';
  /** Ids come as numbers or as text. */
  readonly idForm: 'number' | 'string';
  /** What the time of an item is called; empty where it has none. */
  readonly timeField: string;
}

/** `AD` and `HSM` are known: marketing and other templates. The rest is the twin's own word. */
type TrafficType = 'AD' | 'HSM' | 'SESSION';

interface Entry {
  readonly at: number;
  readonly trafficType: TrafficType;
  readonly body: JsonObject;
}

/** `POST /api/messages/history` with all its filters; a wrong one is refused whatever there is. */
export function readHistory(body: unknown, source: HistorySource): Answer {
  const { offset, limit, sign, ...wanted } = readHistoryRequest(body);
  const matching = entries(source)
    .filter((entry) => isWanted(entry, wanted))
    .toSorted(order(sign));
  const page = matching.slice(offset, offset + limit);
  return {
    status: 200,
    body: {
      content: page.map((entry) => entry.body),
      hasNext: offset + page.length < matching.length,
    },
  };
}

function entries({ sent, received, contentForm, idForm, timeField }: HistorySource): Entry[] {
  const time = (at: number): JsonObject =>
    timeField === '' ? {} : { [timeField]: isoSeconds(at) };
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
        ...time(message.acceptedAt),
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
        ...time(message.receivedAt),
      },
    })),
  ];
}

function trafficOf({ template }: OutMessage): TrafficType {
  if (template === undefined) return 'SESSION';
  return template.category === 'MARKETING' ? 'AD' : 'HSM';
}

function isWanted({ at, trafficType, body }: Entry, wanted: HistoryFilter): boolean {
  const { address, channelTypes, trafficTypes, subjectId, direction, messageId } = wanted;
  return (
    (address === undefined || body.address === address) &&
    isAmong(channelTypes, body.channelType) &&
    isAmong(trafficTypes, trafficType) &&
    (subjectId === undefined || shown(body.subjectId) === subjectId) &&
    (direction === undefined || body.direction === direction) &&
    (messageId === undefined || shown(body.messageId) === messageId) &&
    at >= wanted.from &&
    at <= wanted.to
  );
}

/** An empty list asks for everything. */
function isAmong(list: readonly unknown[], value: unknown): boolean {
  return list.length === 0 || list.includes(value);
}

/** In order of time; by `messageId` where the request asks for an order. */
function order(sign: HistoryRequest['sign']): (one: Entry, other: Entry) => number {
  if (sign === undefined) return (one, other) => one.at - other.at;
  return (one, other) => sign * (Number(one.body.messageId) - Number(other.body.messageId));
}
