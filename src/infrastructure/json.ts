/* JSON that somebody else wrote: it is `unknown` until its shape is recognised. */

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses what may be JSON.
 * @returns the value, in which an integer too large for a JavaScript number stands as its digits;
 * undefined where the text is no JSON
 */
export function parseJson(text: string): unknown {
  try {
    return MAY_HOLD_LARGE_INTEGER.test(text)
      ? JSON.parse(text, keepLargeInteger)
      : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** 2^53 has 16 digits. */
const MAY_HOLD_LARGE_INTEGER = /\d{16}/;

function keepLargeInteger(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')
    ? source
    : value;
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
  return typeof value === 'number' ? String(value) : textOf(value);
}
