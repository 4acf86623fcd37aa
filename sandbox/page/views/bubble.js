import { html, nothing } from '/lit-html/lit-html.js';
import { phoneNumber, size, time } from '../format.js';
import { t } from '../i18n.js';
import { reason } from '../reasons.js';
import { icon } from './icons.js';
import { markView } from './mark.js';

/**
 * A message of either side, ready to be shown.
 * @typedef {{ key: string, isOwn: boolean, kind: string, text: string, at: number,
 *   file?: import('../types.js').FileInfo, fileName?: string, hasFile: boolean, fileError?: string,
 *   place?: { lat: number, lon: number, address?: string }, person?: { name: string, phone: string },
 *   buttons?: { text: string, press?: () => void }[], reactions?: string[], quote?: string, tag?: string,
 *   mark?: import('./mark.js').Mark, trouble?: string }} Bubble
 */

/** @param {Bubble} bubble @param {unknown} [action] a button beside it */
export function bubbleView(bubble, action = nothing) {
  const { isOwn, text, at, quote, tag, mark, trouble } = bubble;
  return html`<li class="row ${isOwn ? 'own' : 'other'}" data-row data-test="message">
    <div class="bubble ${trouble && mark === 'failed' ? 'failed' : ''}">
      ${quote === undefined ? nothing : html`<blockquote>${quote}</blockquote>`}
      ${contentView(bubble)} ${text === '' ? nothing : html`<p class="text">${text}</p>`}
      ${buttonsView(bubble)} ${reactionsView(bubble)}
      <p class="meta">
        ${tag === undefined ? nothing : html`<span class="tag">${tag}</span>`}
        <time datetime=${new Date(at).toISOString()}>${time(at)}</time>${markView(mark)}
      </p>
    </div>
    ${action}
    ${trouble === undefined ? nothing : html`<p class="trouble" data-test="trouble">${trouble}</p>`}
  </li>`;
}

/** @param {Bubble} bubble */
function contentView(bubble) {
  const { kind, text, file, hasFile, fileError, place, person } = bubble;
  if (place !== undefined) return placeView(place);
  if (person !== undefined) return personView(person);
  if (file !== undefined) return (MEDIA[kind] ?? documentView)(bubble, `/sent/${file.sha1}`);
  if (fileError !== undefined) {
    return html`<p class="file-note bad">${t('fileFailed')}: ${reason(fileError)}</p>`;
  }
  if (hasFile) return html`<p class="file-note">${t('fileComing')}</p>`;
  return text === '' ? html`<p class="file-note">${t('unknownKind')} ${kind}</p>` : nothing;
}

const MEDIA = {
  picture: pictureView,
  sticker: pictureView,
  video: (_bubble, url) =>
    html`<video
      class="video"
      controls
      preload="metadata"
      src=${url}
      aria-label=${t('video')}
    ></video>`,
  voice: audioView,
  audio: audioView,
};

function pictureView(_bubble, url) {
  return html`<a
    class="picture"
    href=${url}
    target="_blank"
    rel="noopener"
    aria-label=${t('openPicture')}
    ><img src=${url} alt=${t('picture')}
  /></a>`;
}

function audioView(_bubble, url) {
  return html`<audio
    class="audio"
    controls
    preload="metadata"
    src=${url}
    aria-label=${t('voice')}
  ></audio>`;
}

function documentView({ file, fileName }, url) {
  const name = fileName || file.name || t('document');
  return html`<a class="file" href=${url} target="_blank" rel="noopener" download=${name}>
    <span class="file-icon">${icon('document')}</span>
    <span class="file-name">${name}<small>${size(file.sizeBytes)}</small></span>
  </a>`;
}

/** @param {Bubble} bubble */
function buttonsView({ buttons = [] }) {
  if (buttons.length === 0) return nothing;
  return html`<div class="buttons">
    ${buttons.map(
      ({ text, press }) =>
        html`<button type="button" ?disabled=${press === undefined} @click=${press}>
          ${text}
        </button>`,
    )}
  </div>`;
}

/** @param {Bubble} bubble */
function reactionsView({ reactions = [] }) {
  if (reactions.length === 0) return nothing;
  return html`<p class="reactions" role="img" aria-label="${t('reaction')} ${reactions.join(' ')}">
    ${reactions.join(' ')}
  </p>`;
}

function placeView({ lat, lon, address }) {
  return html`<div class="place">
    <span class="place-pin">${icon('location')}</span>
    <p>${address || t('location')}<small>${lat.toFixed(4)}, ${lon.toFixed(4)}</small></p>
  </div>`;
}

function personView({ name, phone }) {
  return html`<div class="file">
    <span class="file-icon">${icon('contact')}</span>
    <span class="file-name">${name}<small>${phoneNumber(phone)}</small></span>
  </div>`;
}
