import { parseKeepingLongIntegers } from '../../long-integers.js';

/** The body is no JSON at all, so there is nothing in it that a repeat or an operator could save. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

/**
 * What a body says. Integers beyond 2^53 come out as strings, digit for digit: they are ids.
 * @returns undefined, which no JSON says, where the body is nested too deeply to be read
 * @throws {NotJson}
 */
export function readJson(raw: Buffer): unknown {
  const text = withoutBom(raw.toString('utf8'));
  try {
    return parseKeepingLongIntegers(text);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    if (error instanceof SyntaxError) throw new NotJson('the body is not JSON');
    throw error;
  }
}

function withoutBom(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
