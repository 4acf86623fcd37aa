import { t } from './i18n.js';
import { drawPicture } from './sample-picture.js';
import { showToast } from './toasts.js';

/**
 * What each side calls the kinds; a manager has no places and contacts.
 * @typedef {'picture' | 'video' | 'voice' | 'document' | 'location' | 'contact'} Kind
 */
const EDNA_TYPES = { picture: 'IMAGE', video: 'VIDEO', voice: 'VOICE', document: 'DOCUMENT' };
const AMO_TYPES = { picture: 'picture', video: 'video', voice: 'voice', document: 'file' };

/** Kinds a text goes with; beside the others it stays where it is written. */
const CAPTIONED = new Set(['picture', 'video', 'document']);

/** The sandbox takes no more. */
const LIMIT_BYTES = 20 * 1024 * 1024;

const SAMPLE_FILES = { voice: 'voice.ogg', video: 'video.mp4', document: 'price.pdf' };

/** @param {Kind} kind */
export function takesText(kind) {
  return CAPTIONED.has(kind);
}

/** A client's message. @param {Kind} kind @param {string} text @param {object} [file] */
export function clientContent(kind, text, file) {
  if (kind === 'location') {
    const location = { latitude: 59.939, longitude: 30.3158, address: t('samplePlace') };
    return { type: 'LOCATION', location };
  }
  if (kind === 'contact') {
    const phones = [{ phone: '+79035550177' }];
    return { type: 'CONTACT', contact: { name: t('samplePerson'), phones } };
  }
  return { type: EDNA_TYPES[kind], ...(text === '' ? {} : { caption: text }), file };
}

/** A manager's message. @param {Kind} kind @param {string} text @param {object} file */
export function managerContent(kind, text, file) {
  return { type: AMO_TYPES[kind], text, file };
}

/**
 * @param {Kind} kind
 * @returns {Promise<{ file?: object } | undefined>} as the API takes files, none for a place or a contact;
 *   nothing where it could not be had
 */
export async function sampleOf(kind) {
  if (kind === 'picture') return { file: await packed('photo.jpg', await drawPicture()) };
  const name = SAMPLE_FILES[kind];
  if (name === undefined) return {};
  try {
    const response = await fetch(`/page/samples/${name}`);
    return { file: await packed(name, await response.blob()) };
  } catch {
    showToast(t('gone'));
    return undefined;
  }
}

/** @param {File} file @returns {Kind} */
export function kindOf({ type }) {
  if (type.startsWith('image/') && type !== 'image/svg+xml') return 'picture';
  if (type.startsWith('video/')) return 'video';
  return type.startsWith('audio/') ? 'voice' : 'document';
}

/** @param {string} name @param {Blob} blob @returns {Promise<object | undefined>} nothing where it is too large */
export async function packed(name, blob) {
  if (blob.size > LIMIT_BYTES) {
    showToast(t('tooLarge'));
    return undefined;
  }
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(reader.result));
    reader.addEventListener('error', () => reject(reader.error));
    reader.readAsDataURL(blob);
  });
  return { name, data: url.slice(url.indexOf(',') + 1) };
}
