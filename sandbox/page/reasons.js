import { t } from './i18n.js';

/** What Node.js and the sandbox say of a connection, and what the page says instead. */
const REASONS = /** @type {const} */ ([
  [/^answered (\d+)$/, 'reasonAnswered'],
  [/^no answer within/, 'reasonSilence'],
  [/ECONNREFUSED/, 'reasonRefused'],
  [/ECONNRESET|EPIPE|socket hang up|aborted/, 'faultReset'],
  [/ENOTFOUND|EAI_AGAIN/, 'reasonUnknownHost'],
  [/^not (?:an|a web) address/, 'reasonNoAddress'],
  [/^only loopback/, 'reasonElsewhere'],
  [/^larger than/, 'reasonLarge'],
  [/sandbox was closed/, 'reasonClosed'],
]);

/** Why there was no answer, or no file; a reason that is not known here is shown as it is. @param {string} said */
export function reason(said) {
  for (const [pattern, key] of REASONS) {
    const found = pattern.exec(said);
    if (found !== null) return [t(key), found[1]].filter(Boolean).join(' ');
  }
  return said;
}
