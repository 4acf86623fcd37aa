import type { Answer } from '../answer.ts';
import type { JsonObject } from '../json.ts';
import type { SeenRequest } from '../twin-server.ts';
import { refuseRest } from './problems.ts';

const MAX_LIMIT = 250;
const USUAL_LIMIT = 50;

/**
 * One page of a list; 204 with no body where it is empty.
 * @throws {Refusal} 422 for a page or a limit that cannot be
 */
export function pageAnswer(
  { query, path }: SeenRequest,
  url: string,
  name: string,
  items: readonly JsonObject[],
  maxLimit = MAX_LIMIT,
): Answer {
  const limit = wholeNumber(query, 'limit') ?? Math.min(USUAL_LIMIT, maxLimit);
  const page = wholeNumber(query, 'page') ?? 1;
  if (limit > maxLimit) throw refuseRest(422, `limit must be at most ${maxLimit}`);
  const shown = items.slice((page - 1) * limit, page * limit);
  if (shown.length === 0) return { status: 204 };
  const link = (number: number): { href: string } => {
    const other = new URLSearchParams(query);
    other.set('page', String(number));
    return { href: `${url}${path}?${other.toString()}` };
  };
  const next = items.length > page * limit ? { next: link(page + 1) } : {};
  return {
    status: 200,
    body: { _page: page, _links: { self: link(page), ...next }, _embedded: { [name]: shown } },
  };
}

/** The values of a filter such as `filter[external_id]`, given once, or several times with `[]`. */
export function filterOf(query: URLSearchParams, name: string): readonly string[] {
  return [...query.entries()].flatMap(([key, value]) =>
    key === name || (key.startsWith(`${name}[`) && key.endsWith(']')) ? [value] : [],
  );
}

/** Whether `?with=` names something. */
export function isWith(query: URLSearchParams, word: string): boolean {
  return (query.get('with') ?? '').split(',').includes(word);
}

function wholeNumber(query: URLSearchParams, key: string): number | undefined {
  const text = query.get(key);
  if (text === null || text === '') return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw refuseRest(422, `${key} must be a whole number`);
  return Number(text);
}
