import { dig, isGiven, isObject, shown, textOrNull } from '../json.ts';
import { refuse } from './refusals.ts';

const DEFAULT_LIMIT = 1000;

/** What is asked for; what is left out asks for everything. */
export interface HistoryFilter {
  readonly address: string | undefined;
  /** Both empty where all types will do. */
  readonly channelTypes: readonly unknown[];
  readonly trafficTypes: readonly unknown[];
  readonly direction: 'IN' | 'OUT' | undefined;
  /** Ids as text: they are asked for as numbers or as text. */
  readonly subjectId: string | undefined;
  readonly messageId: string | undefined;
  /** Milliseconds since 1970, both included. */
  readonly from: number;
  readonly to: number;
}

export interface HistoryRequest extends HistoryFilter {
  readonly offset: number;
  readonly limit: number;
  /** Order by `messageId`, up or down; in order of time without it. */
  readonly sign: 1 | -1 | undefined;
}

/** A body of `messages/history`, every field of it. @throws {Refusal} 400 for the first mistake */
export function readHistoryRequest(body: unknown): HistoryRequest {
  if (!isObject(body)) throw no('the body is no JSON object');
  return {
    address: readAddress(body.subscriberFilter),
    channelTypes: readList(body.channelTypes, 'channelTypes'),
    trafficTypes: readList(body.trafficTypes, 'trafficTypes'),
    direction: readDirection(body.direction),
    subjectId: readId(body.subjectId, 'subjectId'),
    messageId: readId(body.messageId, 'messageId'),
    from: readTime(body.dateFrom, 'dateFrom') ?? -Infinity,
    to: readTime(body.dateTo, 'dateTo') ?? Infinity,
    offset: readWholeNumber(body.offset, 'offset') ?? 0,
    limit: readWholeNumber(body.limit, 'limit') ?? DEFAULT_LIMIT,
    sign: readSort(body.sort),
  };
}

function readAddress(filter: unknown): string | undefined {
  if (!isGiven(filter)) return undefined;
  if (!isObject(filter)) throw no('subscriberFilter is no object');
  const { address } = filter;
  if (!isGiven(address)) return undefined;
  if (typeof address === 'string') return address;
  throw no('subscriberFilter.address is no text');
}

function readList(value: unknown, field: string): readonly unknown[] {
  if (!isGiven(value)) return [];
  if (!Array.isArray(value)) throw no(`${field} is no array`);
  return value;
}

function readDirection(value: unknown): 'IN' | 'OUT' | undefined {
  if (!isGiven(value)) return undefined;
  if (value === 'IN' || value === 'OUT') return value;
  throw no(`direction ${shown(value)} is neither IN nor OUT`);
}

function readId(value: unknown, field: string): string | undefined {
  if (!isGiven(value)) return undefined;
  if (!Number.isInteger(value) && (textOrNull(value) ?? '') === '') throw no(`${field} is no id`);
  return shown(value);
}

function readTime(value: unknown, field: string): number | undefined {
  if (!isGiven(value)) return undefined;
  const at = Date.parse(textOrNull(value) ?? '');
  if (Number.isNaN(at)) throw no(`${field} is no time`);
  return at;
}

function readWholeNumber(value: unknown, field: string): number | undefined {
  if (!isGiven(value)) return undefined;
  if (!Number.isInteger(value) || Number(value) < 0) throw no(`${field} is no whole number`);
  return Number(value);
}

function readSort(value: unknown): 1 | -1 | undefined {
  const [first] = readList(value, 'sort');
  if (first === undefined) return undefined;
  if (dig(first, 'property') !== 'messageId') {
    throw no('sort: messageId is the only property known');
  }
  return dig(first, 'direction') === 'DESC' ? -1 : 1;
}

function no(violation: string): Error {
  return refuse('history-request-not-valid', violation);
}
