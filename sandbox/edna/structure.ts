import { dig, isGiven, isObject, shown, textOrNull, type JsonObject } from '../json.ts';
import type { PhoneButton, PhoneContent, PhoneHeader, PhoneKeyboard } from './out-message.ts';

/** Meta's limits; edna does not relax them. */
export const WHATSAPP_LIMITS = {
  textChars: 4096,
  headerChars: 60,
  footerChars: 60,
  buttonChars: 20,
  replyButtons: 3,
} as const;

const BUTTON_TYPES = ['QUICK_REPLY', 'URL', 'PHONE'];

/** What a button of a type needs beside its text. */
const BUTTON_TARGETS: Partial<Record<string, 'url' | 'phone'>> = { URL: 'url', PHONE: 'phone' };

export type Structure = Pick<PhoneContent, 'header' | 'footer' | 'keyboard'>;

/** Makes the refusal that names what is wrong. */
export type No = (violation: string) => Error;

/**
 * Header, footer and keyboard of a message or a template, each left out where it is not given.
 * @param buttonTypes the legacy API has `TEXT` as well
 */
export function readStructure(
  { header, footer, keyboard }: JsonObject,
  no: No,
  buttonTypes: readonly string[] = BUTTON_TYPES,
): Structure {
  return {
    ...(isGiven(header) ? { header: readHeader(header, no) } : {}),
    ...(isGiven(footer) ? { footer: readFooter(footer, no) } : {}),
    ...(isGiven(keyboard) ? { keyboard: readKeyboard(keyboard, no, buttonTypes) } : {}),
  };
}

/** `{text}`, `{imageUrl}`, `{documentUrl, documentName}` or `{videoUrl, videoName}`. */
function readHeader(header: unknown, no: No): PhoneHeader {
  if (!isObject(header)) throw no('header is no object');
  const text = textOrNull(header.text);
  const media = (['IMAGE', 'DOCUMENT', 'VIDEO'] as const).filter((type) =>
    isGiven(header[`${type.toLowerCase()}Url`]),
  );
  const [mediaType] = media;
  if (media.length + (text === null ? 0 : 1) !== 1) {
    throw no('header has one of text, imageUrl, documentUrl, videoUrl');
  }
  if (mediaType === undefined) {
    checkLength(text, WHATSAPP_LIMITS.headerChars, 'header.text', no);
    return { headerType: 'TEXT', text, url: null, name: null };
  }
  const key = `${mediaType.toLowerCase()}Url`;
  const url = textOrNull(header[key]);
  if (url === null || !URL.canParse(url)) throw no(`header.${key} is no address`);
  const name = textOrNull(header[`${mediaType.toLowerCase()}Name`]);
  return { headerType: mediaType, text: null, url, name };
}

function readFooter(footer: unknown, no: No): string {
  const text = textOrNull(dig(footer, 'text'));
  checkLength(text, WHATSAPP_LIMITS.footerChars, 'footer.text', no);
  return text ?? '';
}

function readKeyboard(keyboard: unknown, no: No, buttonTypes: readonly string[]): PhoneKeyboard {
  const rows = dig(keyboard, 'rows');
  if (!Array.isArray(rows) || rows.length === 0) throw no('keyboard.rows is no array of rows');
  const read = rows.map((row: unknown) => {
    const buttons = dig(row, 'buttons');
    if (!Array.isArray(buttons) || buttons.length === 0) throw no('a row has no buttons');
    return { buttons: buttons.map((button: unknown) => readButton(button, no, buttonTypes)) };
  });
  const replies = read
    .flatMap(({ buttons }) => buttons)
    .filter(({ type }) => type === 'QUICK_REPLY');
  if (replies.length > WHATSAPP_LIMITS.replyButtons) {
    throw no(`${replies.length} reply buttons, ${WHATSAPP_LIMITS.replyButtons} at most`);
  }
  return { rows: read };
}

function readButton(button: unknown, no: No, buttonTypes: readonly string[]): PhoneButton {
  if (!isObject(button)) throw no('a button is no object');
  const type = textOrNull(button.buttonType) ?? '';
  if (!buttonTypes.includes(type)) throw no(`buttonType ${shown(button.buttonType)} is unknown`);
  const text = textOrNull(button.text);
  checkLength(text, WHATSAPP_LIMITS.buttonChars, 'button.text', no);
  const target = BUTTON_TARGETS[type];
  if (target !== undefined && (textOrNull(button[target]) ?? '') === '') {
    throw no(`a ${type} button has no ${target}`);
  }
  const payload = textOrNull(button.payload);
  return {
    type,
    text: text ?? '',
    ...(target === undefined ? {} : { [target]: textOrNull(button[target]) ?? '' }),
    ...(payload === null ? {} : { payload }),
  };
}

function checkLength(text: string | null, limit: number, field: string, no: No): void {
  if (text === null || text === '') throw no(`${field} is empty`);
  if (text.length > limit) throw no(`${field}: ${text.length} characters, ${limit} at most`);
}
