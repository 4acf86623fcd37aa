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

/** edna gives up a message nobody takes after a day: nobody waits that long here. */
const VALIDITY_HOURS = { usual: 24, short: 0.001 };

/** The settings of edna that bring it about. @param {(typeof FATES)[number]['fate']} fate */
export function settingsOf(fate) {
  return {
    fates: fate === undefined ? {} : { [EVERYBODY]: fate },
    validityHours: fate?.status === 'EXPIRED' ? VALIDITY_HOURS.short : VALIDITY_HOURS.usual,
  };
}

/** @param {Record<string, { status: string, error: string | null }>} fates @returns its place in the list, -1 for one set elsewhere */
export function chosenFate(fates) {
  if (Object.keys(fates).length === 0) return 0;
  const set = fates[EVERYBODY];
  return FATES.findIndex(({ fate }) => fate?.status === set?.status && fate?.error === set?.error);
}
