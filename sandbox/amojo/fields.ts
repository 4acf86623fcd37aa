import { isObject, type JsonObject } from '../json.ts';
import { refuseData } from './refusals.ts';

/**
 * Reads an object the way amojo does: ids are texts, times are integers, flags are booleans, and
 * the first field that is not refuses the whole request. Null counts as absent.
 */
export class Fields {
  readonly #object: JsonObject;
  readonly #path: string;

  /** @param path where the object stands in the body, for the refusal's text; empty at the top */
  constructor(value: unknown, path = '') {
    if (!isObject(value)) throw refuseData(path || 'body', 'must be an object');
    this.#object = value;
    this.#path = path;
  }

  /** A text that is not empty. */
  text(key: string): string {
    const text = this.optionalText(key);
    if (text === undefined || text === '') throw this.no(key, 'is required');
    return text;
  }

  optionalText(key: string): string | undefined {
    return this.#optional(key, 'a string', (value) => typeof value === 'string');
  }

  integer(key: string): number {
    const number = this.optionalInteger(key);
    if (number === undefined) throw this.no(key, 'is required');
    return number;
  }

  optionalInteger(key: string): number | undefined {
    return this.#optional(key, 'an integer', (value) => Number.isInteger(value));
  }

  number(key: string): number {
    const number = this.#optional<number>(key, 'a number', (value) => typeof value === 'number');
    if (number === undefined) throw this.no(key, 'is required');
    return number;
  }

  optionalFlag(key: string): boolean | undefined {
    return this.#optional(key, 'a boolean', (value) => typeof value === 'boolean');
  }

  /** A web address that can be fetched. */
  address(key: string): string {
    const address = this.text(key);
    if (!/^https?:\/\//.test(address) || !URL.canParse(address)) {
      throw this.no(key, 'must be a web address');
    }
    return address;
  }

  object(key: string): Fields {
    return new Fields(this.#object[key], this.#at(key));
  }

  optionalObject(key: string): Fields | undefined {
    return this.has(key) ? this.object(key) : undefined;
  }

  /** The objects of a list; an empty one where there is none. */
  objects(key: string): Fields[] {
    const list = this.#optional<unknown[]>(key, 'a list', Array.isArray) ?? [];
    return list.map((item, index) => new Fields(item, `${this.#at(key)}.${index}`));
  }

  has(key: string): boolean {
    return this.#object[key] !== undefined && this.#object[key] !== null;
  }

  /** The refusal of a field. */
  no(key: string, reason: string): Error {
    return refuseData(this.#at(key), reason);
  }

  #optional<T>(key: string, kind: string, isGood: (value: unknown) => boolean): T | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#object[key];
    if (!isGood(value)) throw this.no(key, `must be ${kind}`);
    return value as T;
  }

  #at(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }
}
