import { shown, type JsonObject } from '../json.ts';
import type { Entry } from './entry.ts';

/** Kinds of phone and e-mail, as `enum_code` has them. */
const ENUM_CODES = {
  PHONE: ['WORK', 'WORKDD', 'MOB', 'FAX', 'HOME', 'OTHER'],
  EMAIL: ['WORK', 'PRIV', 'OTHER'],
} as const;

export type FieldCode = keyof typeof ENUM_CODES;

export interface FieldValue {
  readonly value: string;
  readonly enumCode: string;
}

export interface Contact {
  readonly id: number;
  name: string;
  responsibleUserId: number;
  readonly fields: Map<FieldCode, readonly FieldValue[]>;
  /** Fields of the account's own, as they were written. */
  otherFields: readonly JsonObject[];
  /** It belongs to an incoming lead that nobody has accepted yet. */
  isUnsorted: boolean;
  /** Seconds since 1970. */
  readonly createdAt: number;
  updatedAt: number;
}

/** What a request sets on a contact. */
export interface ContactDraft {
  readonly name?: string;
  readonly responsibleUserId?: number;
  readonly fields: Contact['fields'];
  readonly otherFields: readonly JsonObject[];
}

/** A contact to be made or changed. @throws {Refusal} 400 */
export function readContact(entry: Entry): ContactDraft {
  const fields: Contact['fields'] = new Map();
  const otherFields: JsonObject[] = [];
  for (const field of entry.objects('custom_fields_values')) {
    const code = field.optionalText('field_code');
    const values = field.objects('values').map((value) => readValue(value, code));
    if (code === 'PHONE' || code === 'EMAIL') fields.set(code, values);
    else if (code === undefined && !field.has('field_id')) field.integer('field_id');
    else otherFields.push(field.raw);
  }
  const names = ['first_name', 'last_name'].flatMap((key) => entry.optionalText(key) ?? []);
  return {
    name: entry.optionalText('name') ?? (names.length > 0 ? names.join(' ') : undefined),
    responsibleUserId: entry.optionalInteger('responsible_user_id'),
    fields,
    otherFields,
  };
}

function readValue(entry: Entry, code: string | undefined): FieldValue {
  const isKnown = code === 'PHONE' || code === 'EMAIL';
  const value = isKnown ? entry.text('value') : shown(entry.raw.value);
  const enumCode = isKnown ? entry.optionalChoice<string>('enum_code', ENUM_CODES[code]) : '';
  return { value, enumCode: enumCode ?? 'WORK' };
}

/**
 * Whether the full-text search finds a contact: by its name or any filled field. Phones are found
 * by a run of their digits, however either is written.
 */
export function isFoundBy(contact: Contact, query: string): boolean {
  const words = query.trim().toLowerCase();
  const digits = /^[\d\s()+-]+$/.test(words) ? words.replace(/\D/g, '') : '';
  const texts = [contact.name, ...[...contact.fields.values()].flat().map(({ value }) => value)];
  return texts.some(
    (text) =>
      text.toLowerCase().includes(words) ||
      (digits.length > 2 && text.replace(/\D/g, '').includes(digits)),
  );
}

const FIELD_NAMES = { PHONE: 'Телефон', EMAIL: 'Email' };
const FIELD_IDS = { PHONE: 301_001, EMAIL: 301_003 };

/** The body of a contact. @param links `_links` and `_embedded` */
export function contactBody(contact: Contact, accountNumber: number, more: JsonObject): JsonObject {
  const { id, name, responsibleUserId, isUnsorted, createdAt, updatedAt } = contact;
  const [firstName = '', ...rest] = name.split(' ');
  return {
    id,
    name,
    first_name: firstName,
    last_name: rest.join(' '),
    responsible_user_id: responsibleUserId,
    group_id: 0,
    created_by: 0,
    updated_by: 0,
    created_at: createdAt,
    updated_at: updatedAt,
    closest_task_at: null,
    is_deleted: false,
    is_unsorted: isUnsorted,
    custom_fields_values: fieldBodies(contact),
    account_id: accountNumber,
    ...more,
  };
}

function fieldBodies({ fields, otherFields }: Contact): readonly JsonObject[] | null {
  const known = [...fields].map(([code, values]) => ({
    field_id: FIELD_IDS[code],
    field_name: FIELD_NAMES[code],
    field_code: code,
    field_type: 'multitext',
    values: values.map(({ value, enumCode }, index) => ({
      value,
      enum_id: FIELD_IDS[code] * 10 + index,
      enum_code: enumCode,
    })),
  }));
  const all = [...known, ...otherFields];
  return all.length > 0 ? all : null;
}
