import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';
import { isPhone, toAddress } from '../../domain/conversation.js';

/*
 * One client is one address, however the number was typed: 8…, +7…, 7…, with blanks and brackets. Only the library's
 * small tables are loaded: they tell countries and lengths, which is what the shapes differ in.
 */

/** Whose national numbers need no country code; `PHONE_COUNTRY`. */
export const DEFAULT_COUNTRY = 'RU';

/**
 * The number a manager chose, as edna wants it: digits with country code. A number without `+` is taken for one of
 * the operator's own country first: "8 495…" in a Russian card is Moscow and not Viet Nam.
 * @returns nothing where no country could have such a number; what only looks odd is edna's to judge
 */
export function toPhone(text: string, country: string = DEFAULT_COUNTRY): string | undefined {
  const national = read(text, country);
  if (/^\s*\+/.test(text)) return abroad(text) ?? strayPlus(text, country);
  if (national?.isValid()) return national.number.slice(1);
  const international = read(`+${text.replace(/\D/g, '')}`);
  if (international?.isValid()) return international.number.slice(1);
  return abroad(text);
}

/**
 * A client's address as we keep it. edna writes phones with their country code, so a number that some country has is
 * that number; only where none has it, and our own has it as a national one ("8 999 …"), the code is put in front.
 * An address that is no phone (an id of MAX, a nickname) stays what it is, and so does anything of ten digits or
 * less: ids of messengers are as long.
 */
export function toClientAddress(text: string, country: string = DEFAULT_COUNTRY): string {
  const address = toAddress(text);
  if (!isPhone(address) || address.length <= MOST_ID_DIGITS) return address;
  if (read(`+${address}`)?.isPossible()) return address;
  const national = read(address, country);
  return national?.isValid() ? national.number.slice(1) : address;
}
const MOST_ID_DIGITS = 10;

/** A number with its country code that is new to our tables is edna's to judge, if some country begins so. */
function abroad(text: string): string | undefined {
  const digits = text.replace(/\D/g, '');
  return isPhone(digits) && read(`+${digits}`) ? digits : undefined;
}

/** "+8 999 …": the plus was put before a national number. */
function strayPlus(text: string, country: string): string | undefined {
  const national = read(text.replace('+', ''), country);
  return national?.isValid() ? national.number.slice(1) : undefined;
}

function read(text: string, country?: string) {
  const defaultCountry = country as CountryCode | undefined;
  return parsePhoneNumberFromString(text, defaultCountry === undefined ? {} : { defaultCountry });
}
