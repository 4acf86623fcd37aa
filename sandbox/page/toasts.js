import { change, page } from './store.js';

const SHOWN_MS = 7000;
let lastId = 0;

/** @param {string} text shown for a while, and read out */
export function showToast(text) {
  lastId += 1;
  const id = lastId;
  change({ toasts: [...page.toasts.slice(-2), { id, text }] });
  setTimeout(() => hideToast(id), SHOWN_MS);
}

/** @param {number} id */
export function hideToast(id) {
  change({ toasts: page.toasts.filter((toast) => toast.id !== id) });
}
