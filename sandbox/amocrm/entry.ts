import { isObject, type JsonObject } from '../json.ts';
import { refuseField, refuseRest } from './problems.ts';

/** Entities a request may write at once. */
const MAX_ENTRIES = 250;

/**
 * One entity of a write request, read as REST v4 reads it: the first field of a wrong type refuses
 * the whole request. Null counts as absent.
 */
export class Entry {
  /** The caller's own `request_id`, or the entity's place in the list. */
  readonly requestId: string;
  readonly #object: JsonObject;
  readonly #path: string;

  /** @param path where it stands in the body, as the refusals name it: `0`, or empty */
  constructor(value: unknown, requestId: string, path: string) {
    this.#path = path;
    this.requestId = requestId;
    if (!isObject(value)) {
      this.#object = {};
      throw this.no('', 'InvalidType', 'This value should be of type object.');
    }
    this.#object = value;
    this.requestId = this.optionalText('request_id') ?? requestId;
  }

  get raw(): JsonObject {
    return this.#object;
  }

  has(key: string): boolean {
    return this.#object[key] !== undefined && this.#object[key] !== null;
  }

  text(key: string): string {
    return this.#required(key, this.optionalText(key) || undefined);
  }

  optionalText(key: string): string | undefined {
    return this.#optional(key, 'string', (value) => typeof value === 'string');
  }

  integer(key: string): number {
    return this.#required(key, this.optionalInteger(key));
  }

  optionalInteger(key: string): number | undefined {
    return this.#optional(key, 'int', (value) => Number.isInteger(value));
  }

  optionalFlag(key: string): boolean | undefined {
    return this.#optional(key, 'bool', (value) => typeof value === 'boolean');
  }

  /** One of a few words. */
  optionalChoice<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const text = this.optionalText(key);
    if (text === undefined) return undefined;
    const choice = choices.find((one) => one === text);
    if (choice === undefined) throw this.notAChoice(key);
    return choice;
  }

  optionalObject(key: string): Entry | undefined {
    if (!this.has(key)) return undefined;
    return new Entry(this.#object[key], this.requestId, this.#at(key));
  }

  /** The objects of a list; none where it is absent. */
  objects(key: string): Entry[] {
    const list = this.#optional<unknown[]>(key, 'array', Array.isArray) ?? [];
    return list.map((item, index) => new Entry(item, this.requestId, this.#at(`${key}.${index}`)));
  }

  notAChoice(key: string): Error {
    const detail = 'The value you selected is not a valid choice.';
    return this.no(key, 'NotSupportedChoice', detail);
  }

  no(key: string, code: string, detail: string): Error {
    return refuseField(this.requestId, { code, path: this.#at(key), detail });
  }

  #required<T>(key: string, value: T | undefined): T {
    if (value === undefined) throw this.no(key, 'FieldMissing', 'This field is missing.');
    return value;
  }

  #optional<T>(key: string, kind: string, isGood: (value: unknown) => boolean): T | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#object[key];
    if (isGood(value)) return value as T;
    throw this.no(key, 'InvalidType', `This value should be of type ${kind}.`);
  }

  #at(key: string): string {
    return [this.#path, key].filter(Boolean).join('.');
  }
}

/**
 * The entities of a body that is a list.
 * @throws {Refusal} 400 where it is none or is empty, 422 where it has too many
 */
export function entriesOf(body: unknown, max = MAX_ENTRIES): Entry[] {
  if (!Array.isArray(body)) throw refuseRest(400, 'Request body must be an array');
  if (body.length === 0) throw refuseRest(400, 'Request data can not be empty');
  if (body.length > max) throw refuseRest(422, `At most ${max} entities can be sent at once`);
  return body.map((item: unknown, index) => new Entry(item, String(index), String(index)));
}

/** The entity of a body that is one object. */
export function entryOf(body: unknown): Entry {
  if (isObject(body) && Object.keys(body).length === 0) {
    throw refuseRest(400, 'Request data can not be empty');
  }
  return new Entry(body, '0', '');
}
