/*
 * Values as they come: both platforms write the same thing as a number here and a string there, and leave out,
 * null or empty what they do not have. Reading never fails; what cannot be read is absent.
 */

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** An id or a text: both platforms also write them as numbers. */
export type Scalar = string | number;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

/** An empty array counts as an absent object: PHP, which amoCRM is written in, prints `{}` as `[]`. */
export function isAbsent(value: unknown): value is null | undefined | '' | [] {
  return (
    value === null ||
    value === undefined ||
    value === '' ||
    (Array.isArray(value) && value.length === 0)
  );
}

/** Whether the object has something under one of these keys. */
export function has(fields: Fields, ...keys: readonly string[]): boolean {
  return keys.some((key) => !isAbsent(fields[key]));
}

/** A text to the letter; empty where there is none. */
export function toText(value: unknown): string {
  return isScalar(value) ? String(value) : '';
}

/** A text on one line of its own, such as a name or an id. */
export function toWord(value: unknown): string | undefined {
  return toText(value).trim() || undefined;
}

export function toNumber(value: unknown): number | undefined {
  const word = toWord(value);
  const number = word === undefined ? Number.NaN : Number(word);
  return Number.isFinite(number) ? number : undefined;
}

export function toUrl(value: unknown): string | undefined {
  const word = toWord(value);
  return word !== undefined && /^https?:\/\//i.test(word) && URL.canParse(word) ? word : undefined;
}

/** 10^11 seconds are the year 5138, 10^11 milliseconds are 1973: between the two lies every date we can meet. */
const LEAST_MS = 1e11;
const EARLIEST_MS = Date.UTC(2000, 0, 1);
/** Clocks differ and zones get confused, but not by more than a day. */
const AHEAD_MS = 24 * 3_600_000;

/**
 * The moment a body names: seconds, milliseconds, or ISO 8601 with any number of fractional digits and an offset with
 * or without its colon (none: UTC, which both platforms write).
 * @param at when the body arrived, which stands in for a date that is missing, unreadable or not plausible: one far
 * ahead would hold back every later message of its conversation, since their times only grow
 */
export function toDate(value: unknown, at: Date): Date {
  const word = toWord(value);
  if (word === undefined) return at;
  const ms = /^\d+(?:\.\d+)?$/.test(word) ? fromNumber(Number(word)) : fromIso(word);
  return ms >= EARLIEST_MS && ms <= at.getTime() + AHEAD_MS ? new Date(ms) : at;
}

function fromNumber(number: number): number {
  return Math.trunc(number >= LEAST_MS ? number : number * 1000);
}

const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(\.\d+)? ?(?:Z|([+-]\d{2}):?(\d{2})?)?)?$/i;

function fromIso(text: string): number {
  const match = ISO.exec(text);
  if (!match) return Number.NaN;
  const [, day, time = '00:00', fraction = '', hours = '+00', minutes = '00'] = match;
  return Date.parse(`${day}T${time}${fraction.slice(0, 4)}${hours}:${minutes}`);
}
