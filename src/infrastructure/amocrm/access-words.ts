import type { OauthFault } from './amocrm.oauth.js';

/** Why an account is closed to us: what amoCRM said, or what we find. */
export type AccessFault = OauthFault | 'off' | 'unreadable';

const AGAIN = 'give the access again at /oauth/amocrm/start';

export const NO_ACCESS = 'nobody has given access yet: give it at /oauth/amocrm/start';

const WORDS: Readonly<Record<AccessFault, string>> = {
  refused: `amoCRM does not take the token any more: ${AGAIN}`,
  off: `the integration was switched off in amoCRM: switch it on, then ${AGAIN}`,
  unreadable: `SECRET_KEY is not the one that the tokens were encrypted with: set it back, or ${AGAIN}`,
  settings:
    'amoCRM refuses the integration: AMOCRM_CLIENT_ID, AMOCRM_CLIENT_SECRET and PUBLIC_URL have to be as they are in it',
  moved: `the account is not at this address any more: ${AGAIN}`,
  unpaid: 'the account is not paid; it is tried again every minute',
  forbidden: 'amoCRM refuses this address or this integration (403): ask its support',
};

export function faultWords(fault: AccessFault): string {
  return WORDS[fault];
}
