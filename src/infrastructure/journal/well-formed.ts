import { types } from 'node:util';
import type { Arrival } from '../../domain/journal.js';

/**
 * The same value with every text in it made storable: no NUL (PostgreSQL takes none) and no lone surrogates
 * (neither UTF-8 nor amojo's JSON can hold them).
 */
export function wellFormed<T>(value: T): T {
  return isWellFormed(value) ? value : mended(value);
}

/** An arrival as it can be stored; its bytes stay as they came. */
export function storable(arrival: Arrival): Arrival {
  return { ...arrival, event: wellFormed(arrival.event), origin: wellFormed(arrival.origin) };
}

/** Nearly all of it is: nothing is built anew to find that out. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed();
  if (value === null || typeof value !== 'object') return true;
  if (types.isDate(value) || Buffer.isBuffer(value)) return true;
  if (Array.isArray(value)) return value.every(isWellFormed);
  return Object.entries(value).every(([key, entry]) => isWellFormed(key) && isWellFormed(entry));
}

function mended<T>(value: T): T {
  if (typeof value === 'string') return clean(value) as T;
  if (value === null || typeof value !== 'object') return value;
  if (types.isDate(value) || Buffer.isBuffer(value)) return value;
  if (Array.isArray(value)) return value.map((entry: unknown) => mended(entry)) as T;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [clean(key), mended(entry as unknown)]),
  ) as T;
}

function clean(text: string): string {
  return (text.includes('\0') ? text.replaceAll('\0', '') : text).toWellFormed();
}
