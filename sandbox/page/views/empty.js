import { html } from '/lit-html/lit-html.js';
import { icon } from './icons.js';

/** What a place says that has nothing to show yet: what to do first. */
export function emptyView(name, title, hint) {
  return html`<div class="empty">
    <span class="empty-icon">${icon(name)}</span>
    <p class="empty-title">${title}</p>
    <p>${hint}</p>
  </div>`;
}
