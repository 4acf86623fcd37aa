import { t } from './i18n.js';

/**
 * A fault the reader can switch on, for either twin.
 * @typedef {{ name: import('./i18n.js').TextKey, rule: Record<string, unknown> & { kind: string } }} FaultSwitch
 */

const HTML_PAGE = '<html><body><h1>502 Bad Gateway</h1></body></html>';

/** Answers to the requests that carry messages. @type {FaultSwitch[]} */
export const REQUEST_FAULTS = [
  { name: 'faultLatency', rule: { kind: 'latency', ms: 3000 } },
  { name: 'fault400', rule: { kind: 'answer', status: 400 } },
  { name: 'fault429', rule: { kind: 'answer', status: 429, retryAfterSeconds: 5 } },
  { name: 'fault500', rule: { kind: 'answer', status: 500 } },
  { name: 'fault503', rule: { kind: 'answer', status: 503 } },
  { name: 'faultHtml', rule: { kind: 'answer', status: 502, body: HTML_PAGE } },
  { name: 'faultReset', rule: { kind: 'reset-before' } },
  { name: 'faultHang', rule: { kind: 'hang-after' } },
];

/** Callbacks and hooks, whatever they tell. @type {FaultSwitch[]} */
export const CALLBACK_FAULTS = [
  { name: 'faultLose', rule: { kind: 'lose' } },
  { name: 'faultDouble', rule: { kind: 'double' } },
  { name: 'faultDelay', rule: { kind: 'delay', ms: 5000 } },
  { name: 'faultReorder', rule: { kind: 'reorder' } },
  { name: 'faultUnsigned', rule: { kind: 'unsigned' } },
  { name: 'faultBadlySigned', rule: { kind: 'badly-signed' } },
];

/** Where messages go in, so that files and lists stay well. */
const MESSAGE_ENDPOINTS = { edna: 'schedule', amojo: 'message' };

/** The rule as the API takes it. @param {'edna' | 'amojo'} twin @param {FaultSwitch} fault */
export function ruleFor(twin, fault) {
  const isRequest = REQUEST_FAULTS.includes(fault);
  return { twin, ...fault.rule, ...(isRequest ? { endpoint: MESSAGE_ENDPOINTS[twin] } : {}) };
}

/** @param {import('./types.js').ActiveFault} active @param {'edna' | 'amojo'} twin @param {FaultSwitch} fault */
export function isSwitchOf(active, twin, fault) {
  const { kind, status, ms, endpoint, ...rule } = ruleFor(twin, fault);
  return (
    active.twin === rule.twin &&
    active.kind === kind &&
    active.status === status &&
    active.ms === ms &&
    active.endpoint === endpoint
  );
}

/** The fault's name on the page. @param {string} kind @param {number} [status] */
export function faultName(kind, status) {
  const found = [...REQUEST_FAULTS, ...CALLBACK_FAULTS].find(
    ({ rule }) => rule.kind === kind && (rule.status === undefined || rule.status === status),
  );
  return found && t(found.name);
}

/** What edna tells of every answer from now on; its codes are those of its documentation. */
export const FATES = /** @type {const} */ ([
  { name: 'fateUsual', fate: undefined },
  { name: 'fateNoMessenger', fate: { status: 'UNDELIVERED', error: 'not-whatsapp-user' } },
  { name: 'fateBlocked', fate: { status: 'UNDELIVERED', error: 'user-blocked' } },
  { name: 'fateWindow', fate: { status: 'FAILED', error: 'error-not-template-match' } },
  { name: 'fateOffline', fate: { status: 'EXPIRED', error: null } },
  { name: 'fateMoney', fate: { status: 'FAILED', error: 'error-insufficient-balance' } },
]);

/** Every address ends with nothing, so that all clients share the fate. */
const EVERYBODY = '';

export function fatesSetting(fate) {
  return fate === undefined ? {} : { [EVERYBODY]: fate };
}

/** @param {Record<string, { status: string, error: string | null }>} fates @returns its place in the list, -1 for one set elsewhere */
export function chosenFate(fates) {
  if (Object.keys(fates).length === 0) return 0;
  const set = fates[EVERYBODY];
  return FATES.findIndex(({ fate }) => fate?.status === set?.status && fate?.error === set?.error);
}
