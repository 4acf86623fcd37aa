import { t } from './i18n.js';

/**
 * A fault the reader can switch on, for either twin.
 * @typedef {{ name: import('./i18n.js').TextKey, rule: Record<string, unknown> & { kind: string } }} FaultSwitch
 * @typedef {'edna' | 'amojo'} Twin
 * @typedef {import('./types.js').ActiveFault} ActiveFault
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

/** Kinds that have no switch here: scenarios and the API know more. */
const OTHER_KINDS = /** @type {const} */ ({
  'reset-after': 'faultReset',
  'hang-before': 'faultSilence',
  hold: 'faultHold',
  reshape: 'faultReshape',
});

/** Where messages go in, so that files and lists stay well. */
const MESSAGE_ENDPOINTS = { edna: ['schedule', 'max-bot', 'max'], amojo: ['message'] };

/** The rules of one switch, as the API takes them: one for each way in. @param {Twin} twin @param {FaultSwitch} fault */
export function rulesFor(twin, fault) {
  if (!REQUEST_FAULTS.includes(fault)) return [{ twin, ...fault.rule }];
  return MESSAGE_ENDPOINTS[twin].map((endpoint) => ({ twin, ...fault.rule, endpoint }));
}

/** @param {ActiveFault} active @param {Twin} twin @param {FaultSwitch} fault */
export function isSwitchOf(active, twin, fault) {
  return (
    active.twin === twin &&
    rulesFor(twin, fault).some(
      ({ kind, status, ms, endpoint }) =>
        active.kind === kind &&
        active.status === status &&
        active.ms === ms &&
        active.endpoint === endpoint,
    )
  );
}

/**
 * Faults as the reader knows them: those of one switch are one.
 * @param {ActiveFault[]} faults
 * @returns {{ twin: Twin, name: string, hits: number, hasSwitch: boolean, faults: ActiveFault[] }[]}
 */
export function groupsOf(faults) {
  const groups = Map.groupBy(faults, (fault) => switchOf(fault)?.name ?? fault.id);
  return [...groups.values()]
    .flatMap((group) => [...Map.groupBy(group, ({ twin }) => twin).values()])
    .map((group) => ({
      twin: group[0].twin,
      name: faultName(group[0].kind, group[0].status) ?? group[0].kind,
      hits: hitsOf(group),
      hasSwitch: switchOf(group[0]) !== undefined,
      faults: group,
    }));
}

/** @param {ActiveFault[]} faults */
export function hitsOf(faults) {
  return faults.reduce((sum, { hits }) => sum + hits, 0);
}

/** @param {ActiveFault} active */
function switchOf(active) {
  return [...REQUEST_FAULTS, ...CALLBACK_FAULTS].find((fault) =>
    isSwitchOf(active, active.twin, fault),
  );
}

/** The fault's name on the page. @param {string} kind @param {number} [status] */
export function faultName(kind, status) {
  const found = [...REQUEST_FAULTS, ...CALLBACK_FAULTS].find(
    ({ rule }) => rule.kind === kind && (rule.status === undefined || rule.status === status),
  );
  if (found !== undefined) return t(found.name);
  if (kind === 'answer') return `${t('faultAnswer')} ${status}`;
  return OTHER_KINDS[kind] && t(OTHER_KINDS[kind]);
}
