import { TEXTS } from './texts.js';

/** @typedef {keyof typeof TEXTS} TextKey */
/** @typedef {'ru' | 'en'} Language */

const KEPT = 'sandbox.language';

/** @type {Language} */
let language = start();

/** `?lang=` is asked first, then the last choice; Russian otherwise. */
function start() {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(KEPT);
  return asked === 'en' ? 'en' : 'ru';
}

export function currentLanguage() {
  return language;
}

/** @param {Language} chosen */
export function chooseLanguage(chosen) {
  language = chosen;
  localStorage.setItem(KEPT, chosen);
}

/** @param {TextKey} key */
export function t(key) {
  return TEXTS[key][language];
}
