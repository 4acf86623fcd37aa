import { html, nothing } from '/lit-html/lit-html.js';
import { t } from '../i18n.js';

/** The sandbox tells so many of each conversation. */
const TOLD_AT_MOST = 200;

/** Says that what came before is not shown. @param {number} told how many the sandbox told */
export function earlierView(told) {
  if (told < TOLD_AT_MOST) return nothing;
  return html`<li class="earlier">${t('onlyNewest')} ${TOLD_AT_MOST}</li>`;
}
