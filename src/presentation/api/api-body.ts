import { type ArgumentMetadata, Injectable, type PipeTransform, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { readJson } from '../webhooks/json.js';
import { isFields } from '../webhooks/wire-values.js';
import { ApiRefusal } from './api-errors.js';

/** No body of ours is deeper. */
const MOST_DEPTH = 5;

/**
 * Reads the bytes of a body as one form of it. A field may be spelled as amoCRM spells its own, `contact_id` for
 * `contactId`.
 */
@Injectable()
class FormPipe implements PipeTransform {
  constructor(private readonly form: Type<object>) {}

  /** @throws {NotJson, ApiRefusal} the refusal names every field that is wrong */
  transform(raw: unknown, _metadata: ArgumentMetadata): object {
    const body = Buffer.isBuffer(raw) && raw.length > 0 ? readJson(raw) : {};
    if (!isFields(body)) throw invalid(['the body is not an object']);
    const wire = plainToInstance(this.form, inCamels(body, MOST_DEPTH));
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

function inCamels(value: unknown, depth: number): unknown {
  if (depth === 0 || !isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replaceAll(/(?<=[a-z])_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      inCamels(inner, depth - 1),
    ]),
  );
}
