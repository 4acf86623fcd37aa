import { html } from '/lit-html/lit-html.js';
import { writeFirst } from '../api.js';
import { t } from '../i18n.js';
import { addOwnClient, change } from '../store.js';
import { icon } from './icons.js';

/** @param {'new-client' | 'write-first'} id */
export function openDialog(id) {
  document.querySelector(`#${id}`)?.showModal();
}

/** Both dialogs stand in the page, closed. */
export function dialogsView() {
  return html`${dialogView('new-client', 'newClient', 'add', addClient, phoneFields())}
  ${dialogView('write-first', 'writeFirst', 'send', sendFirst, [
    ...phoneFields(),
    html`<label>${t('text')}<textarea name="text" rows="3" required></textarea></label>`,
  ])}`;
}

function dialogView(id, title, action, act, fields) {
  const close = () => document.querySelector(`#${id}`)?.close();
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    close();
    await act(Object.fromEntries(new FormData(form)));
    form.reset();
  };
  return html`<dialog id=${id} aria-labelledby="${id}-title">
    <form @submit=${submit}>
      <header>
        <h2 id="${id}-title">${t(title)}</h2>
        <button type="button" class="round" aria-label=${t('close')} @click=${close}>
          ${icon('close')}
        </button>
      </header>
      ${fields}
      <footer>
        <button type="button" class="plain" @click=${close}>${t('cancel')}</button>
        <button class="primary">${t(action)}</button>
      </footer>
    </form>
  </dialog>`;
}

function phoneFields() {
  return [
    html`<label
      >${t('phone')}
      <input
        name="phone"
        type="tel"
        inputmode="tel"
        required
        pattern="[+]?(?:[ \\(\\)\\-]*[0-9]){5,15}[ \\(\\)\\-]*"
        maxlength="30"
        autocomplete="off"
      />
      <small>${t('phoneHint')}</small></label
    >`,
    html`<label>${t('name')}<input name="name" maxlength="60" autocomplete="off" /></label>`,
  ];
}

/** The sandbox hears of the client with the first message. */
function addClient({ phone, name }) {
  addOwnClient({ address: digits(phone), name: name.trim() });
}

async function sendFirst({ phone, name, text }) {
  const address = digits(phone);
  const sending = writeFirst({ phone: address, name: name.trim(), text });
  addOwnClient({ address, name: name.trim() });
  const answer = await sending;
  if (answer !== undefined) change({ chat: answer.chat });
}

function digits(phone) {
  return phone.replaceAll(/\D/g, '');
}
