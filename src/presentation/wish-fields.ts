import { BadRequestException } from '@nestjs/common';
import { isFields } from './webhooks/wire-values.js';

/**
 * The fields of what an operator asks for. A word that was misspelt would leave out what was to keep the rest from
 * being done, so one that is not known is refused.
 * @param body undefined where there is none: nothing is said
 * @throws {BadRequestException}
 */
export function wishFields<Name extends string>(
  body: unknown,
  names: readonly Name[],
): Partial<Record<Name, unknown>> {
  const fields = body === undefined ? {} : body;
  if (!isFields(fields)) throw new BadRequestException('The body is a JSON object.');
  const isKnown = (field: string) => names.some((name) => name === field);
  if (Object.keys(fields).every(isKnown)) return fields as Partial<Record<Name, unknown>>;
  throw new BadRequestException(`There are no fields but ${names.join(' and ')}.`);
}

/** The name or key of a line, if one is said. @throws {BadRequestException} */
export function wishedLine(line: unknown): { readonly line?: string } {
  if (line === undefined) return {};
  const word = typeof line === 'string' ? line.trim() : '';
  if (word === '') throw new BadRequestException('line is the name or the key of one line.');
  return { line: word };
}
