import { html, nothing } from '/lit-html/lit-html.js';
import { kindOf, packed, sampleFile } from '../attachments.js';
import { t } from '../i18n.js';
import { canRecord, startRecording, stopRecording } from '../recorder.js';
import { goToEnd } from '../scrolling.js';
import { change, page } from '../store.js';
import { icon } from './icons.js';

/**
 * Where somebody writes.
 * @typedef {{ who: 'client' | 'manager', label: string, kinds: import('../attachments.js').Kind[],
 *   sendText: (text: string) => Promise<unknown>,
 *   sendFile: (kind: string, text: string, file: object | undefined) => Promise<unknown> }} Composer
 */

/** @param {Composer} composer */
export function composerView(composer) {
  const { who, label } = composer;
  if (page.recording === who) return recordingView();
  return html`<form
    class="composer"
    data-test="composer-${who}"
    @submit=${(event) => submit(event, composer)}
  >
    ${page.menu === who ? menuView(composer) : nothing}
    <button
      type="button"
      class="round"
      aria-label=${t('attach')}
      aria-haspopup="true"
      aria-expanded=${page.menu === who}
      @click=${() => change({ menu: page.menu === who ? undefined : who })}
    >
      ${icon('attach')}
    </button>
    <textarea
      id="text-${who}"
      rows="1"
      aria-label=${label}
      placeholder=${label}
      enterkeyhint="send"
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
  const sample = async (kind) => {
    const text = takeText(composer.who);
    await composer.sendFile(kind, text, await sampleFile(kind));
  };
  return html`<div class="menu" role="group" aria-label=${t('attach')}>
    <p class="menu-title">${t('samples')}</p>
    <div class="tiles">
      ${composer.kinds.map(
        (kind) =>
          html`<button
            type="button"
            class="tile tile-${kind}"
            @click=${() => closeAnd(() => sample(kind))}
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
        ? html`<button
            type="button"
            class="menu-row"
            @click=${() => closeAnd(() => record(composer))}
          >
            ${icon('voice')}${t('record')}
          </button>`
        : nothing
    }
  </div>`;
}

function closeAnd(act) {
  change({ menu: undefined });
  return act();
}

/** @param {Composer} composer */
function record(composer) {
  return startRecording(
    composer.who,
    (file) => void composer.sendFile('voice', takeText(composer.who), file),
  );
}

async function sendOwn({ target }, composer) {
  const [file] = target.files;
  change({ menu: undefined });
  if (file === undefined) return;
  const content = await packed(file.name, file);
  if (content === undefined) return;
  await composer.sendFile(kindOf(file), takeText(composer.who), content);
}

/** What is refused comes back, unless something else was written meanwhile. */
async function submit(event, { who, sendText }) {
  event.preventDefault();
  const text = takeText(who);
  if (text === '') return;
  const field = fieldOf(who);
  field?.focus();
  const answer = await sendText(text);
  if (answer === undefined && field !== null && field.value === '') field.value = text;
}

function sendOnEnter(event) {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit();
}

/** @returns {HTMLTextAreaElement | null} */
function fieldOf(who) {
  return document.querySelector(`#text-${who}`);
}

function takeText(who) {
  const field = fieldOf(who);
  if (field === null) return '';
  const text = field.value.trim();
  field.value = '';
  goToEnd(who);
  return text;
}
