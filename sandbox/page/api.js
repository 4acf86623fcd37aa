import { change } from './store.js';
import { showToast } from './toasts.js';

/** What a call was answered when it was not taken. */
class Refused extends Error {}

/**
 * Calls the sandbox; a failure is shown to the reader.
 * @param {string} method @param {string} path @param {object} [body]
 * @returns {Promise<any>} the answer, `{}` where it has no body, undefined where the call failed
 */
export async function call(method, path, body) {
  try {
    const response = await fetch(path, {
      method,
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = response.status === 204 ? {} : await response.json();
    if (!response.ok) throw new Refused(answer.message ?? `HTTP ${response.status}`);
    return answer;
  } catch (error) {
    showToast(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** Like `call`, for what the sandbox does not tell of by itself: the state is asked for. */
async function callAndLook(method, path, body) {
  const answer = await call(method, path, body);
  const state = await call('GET', '/state');
  if (state !== undefined) change({ state });
  return answer;
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

/** Puts the client among those the sandbox shows, who has written nothing yet. @param {string} address */
export function meetClient(address) {
  return callAndLook('GET', `/client/${encodeURIComponent(address)}`);
}

/** @param {{ phone: string, name: string, text: string }} message */
export function writeFirst(message) {
  return call('POST', '/manager/write-first', message);
}

/** @param {object} rule */
export function addFault(rule) {
  return callAndLook('POST', '/faults', rule);
}

/** @param {import('./types.js').ActiveFault} fault */
export function removeFault({ twin, id }) {
  return callAndLook('DELETE', `/faults/${twin}/${id}`);
}

export function removeAllFaults() {
  return Promise.all([callAndLook('DELETE', '/faults'), setFates({})]);
}

/** @param {object} fates as the setting of the same name has them */
export function setFates(fates) {
  return callAndLook('PATCH', '/settings', { edna: { fates } });
}
