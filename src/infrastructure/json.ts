import { parseKeepingLongIntegers } from '../long-integers.js';

/* JSON that somebody else wrote: it is `unknown` until its shape is recognised. */

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses what may be JSON.
 * @returns the value, in which an integer too large for a JavaScript number stands as its digits;
 * undefined where the text is no JSON
 */
export function parseJson(text: string): unknown {
  try {
    return parseKeepingLongIntegers(text);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at a path of keys; undefined where the path ends early. */
export function dig(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

/** A text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** An id, which both platforms write now as a number, now as a string. */
export function idOf(value: unknown): string | undefined {
  const number = typeof value === 'number' && Number.isFinite(value);
  return number ? String(value) : textOf(value);
}

/**
 * A number, which may be written as a text; nothing where it is none. `Number()` throws at an object that has a field
 * `valueOf`, and `1e400` is JSON.
 */
export function numberIn(value: unknown): number | undefined {
  const number = Number(idOf(value)?.trim() || Number.NaN);
  return Number.isFinite(number) ? number : undefined;
}

/** ECMA-262 section 21.4.1.1: a `Date` is at most so many ms from 1970. */
const MOST_MS = 8.64e15;

/** A moment after 1970 by its ms; nothing where no date can be that. */
export function dateIn(ms: number | undefined): Date | undefined {
  return ms !== undefined && ms > 0 && ms <= MOST_MS ? new Date(ms) : undefined;
}
