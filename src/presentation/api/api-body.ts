import { type ArgumentMetadata, Injectable, type PipeTransform, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { readJson } from '../webhooks/json.js';
import { isFields } from '../webhooks/wire-values.js';
import { ApiRefusal } from './api-errors.js';

/** No body of ours is deeper, and what checks it goes down with it. */
const MOST_DEPTH = 5;

/**
 * Fields and elements in all, those within others too. No body of ours has thirty. Checking takes far longer than
 * reading, so that as many as fit into a body would hold up everybody else.
 */
const MOST_FIELDS = 1_000;

/**
 * Reads the bytes of a body as one form of it. A field may be spelled as amoCRM spells its own, `contact_id` for
 * `contactId`; one that is null is as good as left out.
 */
@Injectable()
class FormPipe implements PipeTransform {
  constructor(private readonly form: Type<object>) {}

  /** @throws {NotJson, ApiRefusal} the refusal names every field that is wrong */
  transform(raw: unknown, _metadata: ArgumentMetadata): object {
    const body = Buffer.isBuffer(raw) && raw.length > 0 ? readJson(raw) : {};
    if (body === undefined) throw TOO_DEEP;
    if (!isFields(body)) throw invalid(['the body is not an object']);
    const wire = plainToInstance(this.form, tidy(body, MOST_DEPTH, { left: MOST_FIELDS }));
    const errors = validateSync(wire, CHECK);
    if (errors.length > 0) throw invalid(errors.flatMap((error) => inWords(error)));
    return wire;
  }
}

const CHECK = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  validationError: { target: false, value: false },
};

export function bodyAs(form: Type<object>): PipeTransform {
  return new FormPipe(form);
}

export function invalid(problems: readonly string[]): ApiRefusal {
  return new ApiRefusal(400, 'invalid', problems.join('; '));
}

const TOO_DEEP = invalid(['the body is nested too deeply']);
const TOO_MANY = invalid([`the body has more than ${MOST_FIELDS} fields and elements`]);

/** Each wrong field by its path. What the caller sent is not repeated. */
function inWords(error: ValidationError, above = ''): string[] {
  const path = above ? `${above}.${error.property}` : error.property;
  const inner = (error.children ?? []).flatMap((child) => inWords(child, path));
  const own = Object.entries(error.constraints ?? {}).map(([rule, text]) => {
    if (rule === 'whitelistValidation') return `${path}: there is no such field`;
    return `${path}: ${text.replace(new RegExp(`^${error.property} `), '')}`;
  });
  return [...own.slice(0, 1), ...inner];
}

/**
 * As the forms spell it, without what is null, and in texts that the journal keeps to the letter, so that a
 * conversation is found by the name it was filed under.
 * @param room for fields and elements: as many as are met are taken off
 * @throws {ApiRefusal}
 */
function tidy(value: unknown, depth: number, room: { left: number }): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '').toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) throw TOO_DEEP;
  room.left -= Object.keys(value).length;
  if (room.left < 0) throw TOO_MANY;
  if (Array.isArray(value)) return value.map((inner) => tidy(inner, depth - 1, room));
  const fields = new Map<string, unknown>();
  for (const [key, inner] of Object.entries(value)) {
    if (inner === null) continue;
    const name = spelled(key);
    if (fields.has(name)) throw invalid([`${name}: is there in both spellings`]);
    fields.set(name, tidy(inner, depth - 1, room));
  }
  return Object.fromEntries(fields);
}

/** `contact_id` → `contactId` */
function spelled(name: string): string {
  return name.replaceAll(/(?<=[a-z])_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
