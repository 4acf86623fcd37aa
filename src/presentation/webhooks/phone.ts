import {
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
  type CountryCode,
} from 'libphonenumber-js/min';
import { isPhone, toAddress } from '../../domain/conversation.js';

/*
 * One client is one address, however the number was typed: 8…, +7…, 7…, with blanks and brackets. Only the library's
 * small tables are loaded: they tell countries and lengths, which is what the shapes differ in.
 */

/** Whose national numbers need no country code; `PHONE_COUNTRY`. */
export const DEFAULT_COUNTRY = 'RU';

/**
 * The number a manager chose, as edna wants it: digits with country code. A number without `+` is taken for one of
 * the operator's own country first: "8 495…" in a Russian card is Moscow and not Viet Nam. An extension is dropped,
 * for messengers have none.
 * @returns nothing where no country could have such a number, or where it may be somebody else's; what only looks odd
 * is edna's to judge
 */
export function toPhone(text: string, country: string = DEFAULT_COUNTRY): string | undefined {
  const typed = text.replace(NOTE, ' ').trim();
  if (typed.includes('@')) return undefined;
  const isInternational = typed.startsWith('+');
  const national = read(isInternational ? typed.slice(1) : typed, country);
  const abroad = read(isInternational ? typed : `+${typed.replace(/^\D+/, '')}`);
  const own = isMistyped(typed, national, country) ? undefined : valid(national);
  // "+8 999 …": the plus was put before a national number.
  const known = isInternational ? (valid(abroad) ?? own) : (own ?? valid(abroad));
  return known ?? (/\p{L}/u.test(typed.replace(EXTENSION, '')) ? undefined : odd(abroad, country));
}

/** "(mob.)", "(2nd floor)": what is written beside a number. */
const NOTE = /\([^()]*\p{L}[^()]*\)/gu;
const EXTENSION = /[\s,;]*(?:ext|доб|x|#).*$/iu;

type Number = NonNullable<ReturnType<typeof read>>;

function valid(number: Number | undefined): string | undefined {
  return number?.isValid() ? number.number.slice(1) : undefined;
}

/**
 * One digit short of a number of one's own country, and by chance a whole one of another country with the same code:
 * "7 999 555 01 8" would be somebody in Kazakhstan.
 */
function isMistyped(typed: string, number: Number | undefined, country: string): boolean {
  if (number === undefined || number.country === country) return false;
  const code = number.countryCallingCode;
  const isWhole = typed.replace(/\D/g, '').startsWith(number.nationalNumber);
  return isWhole && number.nationalNumber.startsWith(code) && codeOf(country) === code;
}

/** A number with its country code that is new to our tables, if some country begins so; our own we know well. */
function odd(number: Number | undefined, country: string): string | undefined {
  const digits = number?.number.slice(1) ?? '';
  return isPhone(digits) && number?.countryCallingCode !== codeOf(country) ? digits : undefined;
}

function codeOf(country: string): string | undefined {
  return isSupportedCountry(country) ? getCountryCallingCode(country) : undefined;
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

function read(text: string, country?: string) {
  const defaultCountry = country as CountryCode | undefined;
  return parsePhoneNumberFromString(text, defaultCountry === undefined ? {} : { defaultCountry });
}
