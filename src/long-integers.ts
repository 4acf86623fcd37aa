/** JSON.parse hands a reviver the number as it was written (ES2025); TypeScript's own signature lacks it. */
type Revive = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const parse = JSON.parse as (text: string, revive?: Revive) => unknown;

/** 2^53 has 16 digits: a text without such a run outside of its strings holds no integer that a double would bend. */
const LONG_NUMBER = /(?:^|[[:,])\s*-?\d{16}/;

/**
 * JSON.parse for bodies whose ids may be beyond 2^53: such an integer comes out as a string, digit for digit.
 * @throws what JSON.parse throws: SyntaxError, and RangeError where the reviver would go too deep
 */
export function parseKeepingLongIntegers(text: string): unknown {
  return LONG_NUMBER.test(text) ? parse(text, keepLongInteger) : parse(text);
}

function keepLongInteger(
  _key: string,
  value: unknown,
  { source }: { readonly source?: string },
): unknown {
  const isBent =
    typeof value === 'number' &&
    !Number.isSafeInteger(value) &&
    source !== undefined &&
    /^-?\d+$/.test(source);
  return isBent ? source : value;
}
