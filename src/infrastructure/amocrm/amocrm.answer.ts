import { DeliveryError } from '../../domain/errors.js';
import { toDeliveryError, type Answer } from '../http-answer.js';
import { dig, parseJson } from '../json.js';

/** What REST v4 says no with, in words. */
export const WORDS = {
  unpaid: 'the account is not paid',
  blocked: 'it has blocked this address for too many requests: ask amoCRM’s support',
} as const;

/** https://www.amocrm.ru/developers/content/crm_platform/error-codes (copy of 2026-01-07) */
const BY_STATUS: Readonly<Record<number, string>> = {
  401: 'AMOCRM_TOKEN is not valid any more, or the integration is switched off',
  402: WORDS.unpaid,
  403: 'AMOCRM_TOKEN is not an administrator’s',
  404: 'there is no such thing there: look at AMOCRM_BASE_URL',
  422: 'it takes no more: the limit of chat templates is reached',
  429: 'too many requests; try again in some minutes',
};

/** Where an administrator gave the access, there is no token in the settings to look at. */
const OF_CONSENT: Readonly<Record<number, string>> = {
  401: 'the access was taken back: give it again at /oauth/amocrm/start',
  403: 'the access is not an administrator’s: give it again at /oauth/amocrm/start as one',
};

/** @param isByConsent whether the token that was sent comes from OAuth */
export function inWords(answer: Answer, isByConsent: boolean): DeliveryError {
  const { status } = answer;
  const words =
    status === 403 && isPage(answer)
      ? WORDS.blocked
      : ((isByConsent ? OF_CONSENT[status] : undefined) ?? BY_STATUS[status] ?? fieldIn(answer));
  const { outcome, message, details } = toDeliveryError('amocrm', answer);
  return new DeliveryError(outcome, words ? `${message}: ${words}` : message, details);
}

/** An HTML page of nginx, not an answer of the interface. */
export function isPage({ body }: Answer): boolean {
  return parseJson(body) === undefined;
}

/** Path and code of what amoCRM finds wrong; neither holds a text of ours. */
function fieldIn({ body }: Answer): string | undefined {
  const lists = dig(parseJson(body), 'validation-errors');
  const errors: unknown = Array.isArray(lists) ? dig(lists[0], 'errors') : undefined;
  const [first]: readonly unknown[] = Array.isArray(errors) ? errors : [];
  const said = [dig(first, 'path'), dig(first, 'code')].filter((one) => typeof one === 'string');
  return said.join(' ') || undefined;
}
