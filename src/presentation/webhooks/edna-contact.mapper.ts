import type { Content } from '../../domain/message.js';
import { type Fields, isFields, toText, toWord } from './wire-values.js';

interface Card {
  readonly name: string;
  readonly phone: string;
}

/*
 * edna does not document the shape of a shared contact, so the usual ones are looked for: flat names and phones, lists
 * as WhatsApp's own API has them, and vCards.
 */
const FULL_NAME = ['name', 'formattedName', 'formatted_name', 'fullName', 'displayName', 'fn'];
const FIRST_NAME = ['firstName', 'first_name', 'givenName'];
const LAST_NAME = ['lastName', 'last_name', 'familyName'];
const PHONE = ['phone', 'phoneNumber', 'phone_number', 'number', 'tel', 'value', 'waId', 'wa_id'];
const PHONES = ['phones', 'phoneNumbers', 'phone_numbers', 'tels', ...PHONE];
const VCARD = ['vcard', 'vCard', 'vcf', 'vcfInfo', 'vcf_info'];
const LIST = ['contacts', 'contact', 'items'];

/** Cards in one message that are read; a phone book is not a message. */
const MOST_CARDS = 20;

/** The contact somebody shared; the second and further ones stand as lines of text below the first. */
export function toContact(value: unknown): Extract<Content, { kind: 'contact' }> | undefined {
  const [first, ...others] = cardsIn(value);
  return first && { kind: 'contact', ...first, text: others.map(line).join('\n') };
}

function line({ name, phone }: Card): string {
  return `${name} ${phone}`;
}

function cardsIn(value: unknown): Card[] {
  return listIn(value)
    .slice(0, MOST_CARDS)
    .flatMap((entry) => cardIn(entry) ?? []);
}

function listIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isFields(value)) return [value];
  const list = LIST.map((key) => value[key]).find((inner) => typeof inner === 'object' && inner);
  if (list === undefined) return [value];
  return Array.isArray(list) ? list : [list];
}

function cardIn(value: unknown): Card | undefined {
  if (typeof value === 'string') return vcardIn(value);
  if (!isFields(value)) return undefined;
  const card = vcardIn(VCARD.map((key) => toText(value[key])).find(Boolean) ?? '');
  const phone = phoneIn(value) ?? card?.phone;
  const name = nameIn(value) ?? card?.name ?? phone;
  return phone !== undefined && name !== undefined ? { name, phone } : undefined;
}

function nameIn(fields: Fields): string | undefined {
  const full = firstWord(fields, FULL_NAME);
  if (full !== undefined) return full;
  const parts = [firstWord(fields, FIRST_NAME), firstWord(fields, LAST_NAME)].filter(Boolean);
  if (parts.length > 0) return parts.join(' ');
  return isFields(fields.name) ? nameIn(withoutName(fields.name)) : undefined;
}

/** One level only: a name inside a name inside a name is nobody's. */
function withoutName({ name, ...rest }: Fields): Fields {
  return isFields(name) ? rest : { name, ...rest };
}

function phoneIn(fields: Fields): string | undefined {
  for (const key of PHONES) {
    const value = fields[key];
    const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const entry of entries.slice(0, MOST_CARDS)) {
      const phone = isFields(entry) ? firstWord(entry, PHONE) : toWord(entry);
      if (phone !== undefined && /\d{3}/.test(phone)) return phone;
    }
  }
  return undefined;
}

function firstWord(fields: Fields, keys: readonly string[]): string | undefined {
  return keys.map((key) => toWord(fields[key])).find((word) => word !== undefined);
}

/** RFC 6350: a line is `FN:…` or `TEL;TYPE=CELL:…`, the phone sometimes as a `tel:` URI. */
function vcardIn(text: string): Card | undefined {
  const phone = /^(?:item\d+\.)?TEL[^:\n]*:(?:tel:)?([^\r\n]+)/im.exec(text)?.[1]?.trim();
  const name = /^FN[^:\n]*:([^\r\n]+)/im.exec(text)?.[1]?.trim();
  return phone ? { name: name || phone, phone } : undefined;
}
