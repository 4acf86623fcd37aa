import { t } from './i18n.js';
import { showToast } from './toasts.js';

/** Why a call was refused, by the code of the answer. */
const REFUSALS = /** @type {const} */ ({
  'not-found': 'refusedUnknown',
  'bad-request': 'refusedRequest',
  internal: 'refusedStumbled',
});

/**
 * Calls the sandbox; a failure is shown to the reader.
 * @param {string} method @param {string} path @param {object} [body]
 * @returns {Promise<any>} the answer, `{}` where it has no body, undefined where the call failed
 */
async function call(method, path, body) {
  try {
    const response = await fetch(path, {
      method,
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = response.status === 204 ? {} : await response.json();
    if (response.ok) return answer;
    showToast(t(REFUSALS[answer.code] ?? 'refusedStumbled'));
  } catch {
    showToast(t('gone'));
  }
  return undefined;
}

/** @param {string} address @param {{ name: string, channel?: string }} client @param {object} content */
export function writeAsClient(address, { name, channel }, content) {
  const query = new URLSearchParams();
  if (name !== '') query.set('name', name);
  if (channel !== undefined) query.set('channel', channel);
  return call('POST', `/client/${encodeURIComponent(address)}/messages?${query}`, content);
}

/** @param {string} chat @param {object} content */
export function writeAsManager(chat, content) {
  return call('POST', `/manager/chats/${encodeURIComponent(chat)}/messages`, content);
}

/** @param {{ phone: string, name: string, text: string }} message */
export function writeFirst(message) {
  return call('POST', '/manager/write-first', message);
}

/** @param {object} rule @returns {Promise<import('./types.js').ActiveFault | undefined>} */
export function addFault(rule) {
  return call('POST', '/faults', rule);
}

/** @param {import('./types.js').ActiveFault} fault */
export function removeFault({ twin, id }) {
  return call('DELETE', `/faults/${twin}/${id}`);
}

export function removeAllFaults() {
  return call('DELETE', '/faults');
}

/** @returns {Promise<{ edna: object, amojo: object } | undefined>} */
export function readSettings() {
  return call('GET', '/settings');
}

/** @param {{ edna: object }} settings those that are to change */
export function changeSettings(settings) {
  return call('PATCH', '/settings', settings);
}
