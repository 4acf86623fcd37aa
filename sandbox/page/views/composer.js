import { html, nothing } from '/lit-html/lit-html.js';
import { live } from '/lit-html/directives/live.js';
import { leaveMenu, switchMenu } from '../attach-menu.js';
import { kindOf, packed, sampleOf, takesText } from '../attachments.js';
import { draftOf, keepDraft, putBack, takeDraft } from '../drafts.js';
import { t } from '../i18n.js';
import { canRecord, startRecording, stopRecording } from '../recorder.js';
import { goToEnd } from '../scrolling.js';
import { page } from '../store.js';
import { icon } from './icons.js';

/**
 * Where somebody writes; `place` names the client or the chat, whose draft is kept.
 * @typedef {{ who: 'client' | 'manager', place: string, label: string,
 *   kinds: import('../attachments.js').Kind[],
 *   sendText: (text: string) => Promise<unknown>,
 *   sendFile: (kind: string, text: string, file: object | undefined) => Promise<unknown> }} Composer
 */

/** @param {Composer} composer */
export function composerView(composer) {
  const { who, place, label } = composer;
  if (page.recording === who) return recordingView();
  return html`<form
    class="composer"
    data-test="composer-${who}"
    @submit=${(event) => submit(event, composer)}
  >
    <button
      id="attach-${who}"
      type="button"
      class="round"
      aria-label=${t('attach')}
      aria-expanded=${page.menu === who}
      @click=${() => switchMenu(who)}
    >
      ${icon('attach')}
    </button>
    ${page.menu === who ? menuView(composer) : nothing}
    <textarea
      id="text-${who}"
      rows="1"
      aria-label=${label}
      placeholder=${label}
      enterkeyhint="send"
      .value=${live(draftOf(place))}
      @input=${({ target }) => keepDraft(place, target.value)}
      @keydown=${sendOnEnter}
    ></textarea>
    <button class="round send" aria-label=${t('send')}>${icon('send')}</button>
  </form>`;
}

function recordingView() {
  return html`<div class="composer recording" role="status">
    <span class="dot" aria-hidden="true"></span><span class="grow">${t('recording')}</span>
    <button type="button" class="plain" @click=${() => stopRecording(false)}>${t('cancel')}</button>
    <button
      type="button"
      class="round send"
      aria-label=${t('send')}
      @click=${() => stopRecording(true)}
    >
      ${icon('send')}
    </button>
  </div>`;
}

/** @param {Composer} composer */
function menuView(composer) {
  return html`<div class="menu" role="group" aria-label=${t('attach')}>
    <p class="menu-title">${t('samples')}</p>
    <div class="tiles">
      ${composer.kinds.map(
        (kind) =>
          html`<button
            type="button"
            class="tile tile-${kind}"
            @click=${() => sendSample(kind, composer)}
          >
            <span class="tile-icon">${icon(kind)}</span>${t(kind)}
          </button>`,
      )}
    </div>
    <label class="menu-row">
      ${icon('folder')}${t('ownFile')}
      <input type="file" class="unseen" @change=${(event) => sendOwn(event, composer)} />
    </label>
    ${
      canRecord
        ? html`<button type="button" class="menu-row" @click=${() => record(composer)}>
            ${icon('voice')}${t('record')}
          </button>`
        : nothing
    }
  </div>`;
}

/** @param {Composer} composer */
function record(composer) {
  leaveMenu(composer.who);
  return startRecording(composer.who, (file) => void sendFile('voice', file, composer));
}

async function sendSample(kind, composer) {
  leaveMenu(composer.who);
  const sample = await sampleOf(kind);
  if (sample !== undefined) await sendFile(kind, sample.file, composer);
}

async function sendOwn({ target }, composer) {
  const [file] = target.files;
  leaveMenu(composer.who);
  if (file === undefined) return;
  const content = await packed(file.name, file);
  if (content !== undefined) await sendFile(kindOf(file), content, composer);
}

/** What is written goes along as the caption, where the kind has one. */
async function sendFile(kind, file, { who, place, sendFile: send }) {
  const text = takesText(kind) ? takeDraft(place) : '';
  goToEnd(who);
  const answer = await send(kind, text, file);
  if (answer === undefined) putBack(place, text);
}

async function submit(event, { who, place, sendText }) {
  event.preventDefault();
  const text = takeDraft(place);
  if (text === '') return;
  goToEnd(who);
  document.querySelector(`#text-${who}`)?.focus();
  const answer = await sendText(text);
  if (answer === undefined) putBack(place, text);
}

function sendOnEnter(event) {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit();
}
