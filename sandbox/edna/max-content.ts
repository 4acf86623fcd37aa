import { dig, isObject, shown, textOrNull, type JsonObject } from '../json.ts';
import { NOTHING, type PhoneButton, type PhoneContent } from './out-message.ts';
import { refuseMax } from './refusals.ts';

/** Limits of the MAX channels, in characters. */
export const MAX_LIMITS = {
  textChars: 4000,
  urlChars: 4096,
  nameChars: 4096,
  captionChars: 4096,
  buttonChars: 30,
  buttonActionChars: 1024,
} as const;

/** What a button of a type needs beside its text. */
const BUTTON_NEEDS: Record<string, 'url' | 'payload' | undefined> = {
  LINK: 'url',
  MESSAGE: undefined,
  CALLBACK: 'payload',
  LOCATION_REQUEST: undefined,
  CONTACT_REQUEST: undefined,
};

/** `content` of `v1/out-messages`, checked as its type asks. */
export function readMaxContent(content: unknown): PhoneContent {
  const type = dig(content, 'type');
  const read = typeof type === 'string' && Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type] : undefined;
  if (read === undefined || !isObject(content) || typeof type !== 'string') {
    throw refuseMax('content.type.not_valid', `type ${shown(type)} is unknown`);
  }
  return { ...NOTHING, type, ...read(content) };
}

type Reader = (content: JsonObject) => Partial<PhoneContent>;

const media: Reader = (content) => {
  const url = required(content, 'url', MAX_LIMITS.urlChars);
  if (!URL.canParse(url)) throw refuseMax('content.url.not_valid', 'url is no address');
  const caption = optional(content, 'caption', MAX_LIMITS.captionChars);
  const text = optional(content, 'text', MAX_LIMITS.textChars);
  const name = optional(content, 'name', MAX_LIMITS.nameChars);
  return { text: caption ?? text, attachment: { url, name } };
};

const BY_TYPE: Record<string, Reader> = {
  TEXT: (content) => ({ text: required(content, 'text', MAX_LIMITS.textChars) }),
  IMAGE: media,
  VIDEO: media,
  AUDIO: media,
  VOICE: media,
  DOCUMENT: media,
  LOCATION: (content) => {
    const { latitude, longitude } = content;
    if (typeof latitude !== 'number' || typeof longitude !== 'number') {
      throw refuseMax('content.location.not_valid', 'latitude and longitude are numbers');
    }
    const text = optional(content, 'text', MAX_LIMITS.textChars);
    return { text, location: { latitude, longitude, address: null } };
  },
  BUTTON: (content) => {
    const { button } = content;
    if (!isObject(button)) throw refuseMax('content.button.not_valid', 'button is no object');
    const text = required(button, 'caption', MAX_LIMITS.buttonChars);
    const url = required(button, 'action', MAX_LIMITS.buttonActionChars);
    if (!URL.canParse(url)) throw refuseMax('content.action.not_valid', 'action is no address');
    return {
      text: required(content, 'text', MAX_LIMITS.textChars),
      keyboard: { rows: [{ buttons: [{ type: 'LINK', text, url }] }] },
    };
  },
  KEYBOARD: (content) => ({
    text: required(content, 'text', MAX_LIMITS.textChars),
    keyboard: { rows: readList(content.keyboard, 'rows').map(readRow) },
  }),
};

function readRow(row: unknown): { buttons: PhoneButton[] } {
  return { buttons: readList(row, 'buttons').map(readButton) };
}

function readButton(button: unknown): PhoneButton {
  const type = dig(button, 'type');
  if (!isObject(button) || typeof type !== 'string' || !Object.hasOwn(BUTTON_NEEDS, type)) {
    throw refuseMax('content.keyboard.not_valid', `button type ${shown(type)} is unknown`);
  }
  const text = required(button, 'text', MAX_LIMITS.buttonChars);
  const need = BUTTON_NEEDS[type];
  if (need === undefined) return { type, text };
  return { type, text, [need]: required(button, need, MAX_LIMITS.buttonActionChars) };
}

function readList(value: unknown, key: 'rows' | 'buttons'): unknown[] {
  const list = dig(value, key);
  if (!Array.isArray(list) || list.length === 0) {
    throw refuseMax('content.keyboard.not_valid', `${key} is no array with something in it`);
  }
  return list;
}

function required(content: JsonObject, key: string, limit: number): string {
  const text = optional(content, key, limit);
  if (text === null || text === '') throw refuseMax(`content.${key}.empty`, `${key} is empty`);
  return text;
}

function optional(content: JsonObject, key: string, limit: number): string | null {
  const text = textOrNull(content[key]);
  if (text !== null && text.length > limit) {
    throw refuseMax(`content.${key}.too_long`, `${text.length} characters, ${limit} at most`);
  }
  return text;
}
