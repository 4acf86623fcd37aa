import { html } from '/lit-html/lit-html.js';
import { hue, initials } from '../format.js';

/** @param {string} name @param {string} address tells apart those who have one name */
export function avatar(name, address) {
  return html`<span class="avatar hue-${hue(address)}" aria-hidden="true">${initials(name)}</span>`;
}
