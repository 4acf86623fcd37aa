import { change } from './store.js';

/** What is written and not sent yet, by client and by chat. @type {Map<string, string>} */
const drafts = new Map();

/** @param {string} place */
export function draftOf(place) {
  return drafts.get(place) ?? '';
}

/** @param {string} place @param {string} text as it stands in the field */
export function keepDraft(place, text) {
  drafts.set(place, text);
}

/** Empties the field. @param {string} place @returns {string} what stood in it */
export function takeDraft(place) {
  const text = draftOf(place).trim();
  drafts.delete(place);
  change({});
  return text;
}

/** What was refused comes back, unless something else was written meanwhile. @param {string} place */
export function putBack(place, text) {
  if (draftOf(place) !== '') return;
  drafts.set(place, text);
  change({});
}
