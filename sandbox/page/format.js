import { currentLanguage } from './i18n.js';

/** @param {number} at milliseconds since 1970 @param {boolean} [withSeconds] */
export function time(at, withSeconds = false) {
  return new Date(at).toLocaleTimeString(currentLanguage(), {
    hour: '2-digit',
    minute: '2-digit',
    ...(withSeconds ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
  });
}

/** In steps of 1024, as the limit of 20 МБ is. @param {number} bytes */
export function size(bytes) {
  const units = currentLanguage() === 'ru' ? ['Б', 'КБ', 'МБ'] : ['B', 'KB', 'MB'];
  const step = bytes < 1024 ? 0 : bytes < 1024 ** 2 ? 1 : 2;
  const amount = bytes / 1024 ** step;
  const digits = step > 0 && amount < 10 ? 1 : 0;
  const number = amount.toLocaleString(currentLanguage(), { maximumFractionDigits: digits });
  return `${number} ${units[step]}`;
}

/** A Russian number in groups; anything else as it is. @param {string} address */
export function phoneNumber(address) {
  const parts = /^\+?7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(address);
  return parts === null ? address : `+7 ${parts[1]} ${parts[2]}-${parts[3]}-${parts[4]}`;
}

/** One or two letters for an avatar. @param {string} name */
export function initials(name) {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  return words.length === 0
    ? '#'
    : words
        .slice(0, 2)
        .map((word) => word[0].toUpperCase())
        .join('');
}

/** One of six colours, always the same for the same text. @param {string} text */
export function hue(text) {
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 997;
  return sum % 6;
}

const CHANNEL_NAMES = {
  WHATSAPP: 'WhatsApp',
  MAX_BOT: 'MAX Bot',
  MAX: 'MAX',
  VIBER: 'Viber',
  SMS: 'SMS',
  PUSH: 'Push',
};

/** @param {{ type: string, subject: string }} channel */
export function channelName({ type, subject }) {
  return CHANNEL_NAMES[type] ?? subject;
}
