/** The body is no JSON at all, so there is nothing in it that a repeat or an operator could save. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

/** JSON.parse hands a reviver the number as it was written (ES2025); TypeScript's own signature lacks it. */
type Revive = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parse = JSON.parse as (text: string, revive?: Revive) => unknown;

/** 2^53 has 16 digits: a text without such a run holds no integer that a double would bend. */
const LONG_NUMBER = /\d{16}/;

/**
 * What a body says. Integers beyond 2^53 come out as strings, digit for digit: they are ids.
 * @returns undefined, which no JSON says, where the body is nested too deeply to be read
 * @throws {NotJson}
 */
export function readJson(raw: Buffer): unknown {
  const text = withoutBom(raw.toString('utf8'));
  try {
    return LONG_NUMBER.test(text) ? parse(text, keepLongIntegers) : parse(text);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    if (error instanceof SyntaxError) throw new NotJson('the body is not JSON');
    throw error;
  }
}

function withoutBom(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function keepLongIntegers(
  _key: string,
  value: unknown,
  { source }: { readonly source?: string },
): unknown {
  const bent =
    typeof value === 'number' &&
    !Number.isSafeInteger(value) &&
    source !== undefined &&
    /^-?\d+$/.test(source);
  return bent ? source : value;
}
