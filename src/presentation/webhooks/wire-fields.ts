import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { ValidateBy, ValidateNested, validateSync, type ValidationError } from 'class-validator';
import { toAddress } from '../../domain/conversation.js';
import type { QuarantineEvent } from '../../domain/journal.js';
import { quarantine } from './reading.js';
import { type Fields, isAbsent, isFields, isScalar } from './wire-values.js';

/*
 * How a wire class lists the fields we read: one decorator for each says what the field is in Swagger and what it must
 * be. Only what a message cannot do without is checked: a strange avatar is no reason to keep a client waiting.
 */

type Wire<T extends object = object> = new () => T;
type Fits = (value: unknown) => boolean;

interface Field {
  readonly fits?: Fits;
  /** Of an object inside. */
  readonly part?: () => Wire;
}

const FIELDS = new Map<unknown, Map<string, Field>>();

/** Indexes cannot take longer keys on every database, and nobody's ids are near it. */
const MOST_ID_CHARS = 255;

const SCALAR: ApiPropertyOptions = { oneOf: [{ type: 'string' }, { type: 'number' }] };
const STRING: ApiPropertyOptions = { type: 'string' };

/** An id that must be there. */
export function Id(about: ApiPropertyOptions = {}): PropertyDecorator {
  return applyDecorators(shown(SCALAR, about, true), listed({ fits: isId }));
}

/** An id that may be missing. */
export function OptionalId(about: ApiPropertyOptions = {}): PropertyDecorator {
  return applyDecorators(shown(SCALAR, about), listed({ fits: orAbsent(isId) }));
}

/** The id of a channel, or its type: it becomes a part of ours, which a colon divides. */
export function OptionalChannel(about: ApiPropertyOptions = {}): PropertyDecorator {
  const fits = (value: unknown) => isId(value) && !String(value).includes(':');
  return applyDecorators(shown(SCALAR, about), listed({ fits: orAbsent(fits) }));
}

/** Where a client can be written to; must be there. */
export function Address(about: ApiPropertyOptions = {}): PropertyDecorator {
  const fits = (value: unknown) => isId(value) && toAddress(String(value)) !== '';
  return applyDecorators(shown(SCALAR, about, true), listed({ fits }));
}

/** A text that belongs to what was written. */
export function Text(about: ApiPropertyOptions = {}): PropertyDecorator {
  return applyDecorators(shown(STRING, about), listed({ fits: orAbsent(isScalar) }));
}

/** Read where it can be, and never refused. */
export function Loose(about: ApiPropertyOptions = {}): PropertyDecorator {
  return applyDecorators(shown(STRING, about), listed({}));
}

/** An object inside. Refused where it is something else. */
export function Part(of: () => Wire, about: { required?: boolean } = {}): PropertyDecorator {
  const isPart = (value: unknown) => value instanceof of();
  const fits = about.required ? isPart : orAbsent(isPart);
  return applyDecorators(
    shown({ type: of }, {}, about.required),
    listed({ part: of, fits }),
    ValidateNested(),
  );
}

/** An object inside that is never refused, nor anything in it. Left out where it is something else. */
export function LoosePart(of: () => Wire): PropertyDecorator {
  return applyDecorators(shown({ type: of }, {}), listed({ part: of }));
}

/** Reads a body as one form of it, or says by its path which field makes that impossible. */
export function readAs<T extends object, Read>(
  form: Wire<T>,
  body: Fields,
  map: (wire: T) => Read,
): Read | QuarantineEvent {
  const wire = pick(form, body);
  // class-validator takes longer than everything else here together, and most bodies are as they should be.
  const [error] = isSound(wire) ? [] : validateSync(wire, CHECK);
  return error ? quarantine(`invalid: ${pathOf(error)}`) : map(wire);
}

const CHECK = { stopAtFirstError: true, validationError: { target: false, value: false } };

/** The listed fields and no other: a key such as `constructor` or `__proto__` stays where it is. */
function pick<T extends object>(form: Wire<T>, body: Fields): T {
  const wire = new form();
  const picked = wire as Record<string, unknown>;
  for (const [name, { part, fits }] of FIELDS.get(form) ?? []) {
    const value = body[name];
    if (isAbsent(value)) continue;
    if (!part) picked[name] = value;
    else if (isFields(value)) picked[name] = pick(part(), value);
    // What is no object stays what it is only for the check to refuse it.
    else if (fits) picked[name] = value;
  }
  return wire;
}

/** Whether every field is what it must be: what class-validator would find, without its words for it. */
function isSound(wire: object): boolean {
  const picked = wire as Fields;
  for (const [name, { part, fits }] of FIELDS.get(wire.constructor) ?? []) {
    const value = picked[name];
    if (!fits) continue;
    if (!fits(value)) return false;
    if (part && isFields(value) && !isSound(value)) return false;
  }
  return true;
}

function pathOf(error: ValidationError): string {
  const [child] = error.children ?? [];
  return child ? `${error.property}.${pathOf(child)}` : error.property;
}

function isId(value: unknown): boolean {
  if (!isScalar(value)) return false;
  const { length } = String(value).trim();
  return length > 0 && length <= MOST_ID_CHARS;
}

function orAbsent(fits: Fits): Fits {
  return (value) => value === undefined || fits(value);
}

function shown(kind: object, about: ApiPropertyOptions, required = false): PropertyDecorator {
  return ApiProperty({ ...kind, ...about, required } as ApiPropertyOptions);
}

function listed(field: Field): PropertyDecorator {
  const { fits: validate } = field;
  return (target, key) => {
    const form = target.constructor;
    const fields = FIELDS.get(form) ?? new Map<string, Field>();
    FIELDS.set(form, fields.set(String(key), field));
    if (validate) ValidateBy({ name: 'fits', validator: { validate } })(target, key);
  };
}
