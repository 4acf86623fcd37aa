/** JSON from outside, whose shape is not known yet. */
export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What lies at the end of a path of keys; undefined where the path breaks off. */
export function dig(value: unknown, ...path: string[]): unknown {
  let here = value;
  for (const key of path) {
    if (!isObject(here)) return undefined;
    here = here[key];
  }
  return here;
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Whether a field has a value; null in place of one is as if it were left out. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Any value as a message can show it; JSON nested thousands deep cannot be written again. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return 'nothing';
  return isWritable(value) ? toJson(value) : 'a value nested too deep';
}

/** Whether the value can be written as JSON; one that was parsed can be nested too deep for it. */
export function isWritable(value: unknown): boolean {
  try {
    toJson(value);
    return true;
  } catch {
    return false;
  }
}

/** Third parameter of a reviver: TypeScript's library does not have it yet. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Parsed JSON, or undefined where the text is none. */
export function parseJson(text: string, reviver?: Reviver): unknown {
  try {
    return JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1]) as unknown;
  } catch {
    return undefined;
  }
}

/** TypeScript's library does not have `rawJSON` yet. */
const json = JSON as unknown as { rawJSON(text: string): object };

/** JSON text in which a bigint stands as the number it is: edna's ids are 64-bit. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'bigint' ? json.rawJSON(part.toString()) : part,
  );
}

/** For `parseJson`: whole numbers beyond 2^53 come back as bigints. */
export const keepBigNumbers: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')
    ? BigInt(source ?? '')
    : value;
