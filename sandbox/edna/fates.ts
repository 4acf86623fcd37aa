import type { EdnaStatus } from './out-message.ts';

/** How a message ends that does not arrive. */
export interface Fate {
  readonly status: EdnaStatus;
  /** Delivery error code, as the status callback tells it. */
  readonly error: string | null;
}

/** Every end edna documents, one for each ending of an address: for the setting `fates`. */
export const DOCUMENTED_FATES: Readonly<Record<string, Fate>> = {
  '9001': { status: 'UNDELIVERED', error: 'not-whatsapp-user' },
  '9002': { status: 'UNDELIVERED', error: 'not-viber-user' },
  '9003': { status: 'UNDELIVERED', error: 'user-blocked' },
  '9004': { status: 'UNDELIVERED', error: null },
  '9005': { status: 'FAILED', error: 'error-system' },
  '9006': { status: 'FAILED', error: 'error-system-blocked' },
  '9007': { status: 'FAILED', error: 'error-subject-unknown' },
  '9008': { status: 'FAILED', error: 'error-address-format' },
  '9009': { status: 'FAILED', error: 'error-insufficient-balance' },
  '9010': { status: 'FAILED', error: 'error-unauthorized' },
  '9011': { status: 'EXPIRED', error: null },
  '9012': { status: 'CANCELLED', error: null },
  '9013': { status: 'NO-MATCH-TEMPLATE', error: null },
  '9014': { status: 'NO_MATCH_TEMPLATE', error: 'not-template-match' },
  '9015': { status: 'INVALID', error: null },
};
