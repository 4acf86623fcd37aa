import { html, nothing } from '/lit-html/lit-html.js';
import { repeat } from '/lit-html/directives/repeat.js';
import { writeAsClient } from '../api.js';
import { clientContent } from '../attachments.js';
import { channelName, phoneNumber } from '../format.js';
import { channelBySubject, channelOfClient, chatChannels } from '../channels.js';
import { chosenClient, clients } from '../clients.js';
import { t } from '../i18n.js';
import { isPhoneUnread } from '../seen.js';
import { change, page } from '../store.js';
import { avatar } from './avatar.js';
import { bubbleView } from './bubble.js';
import { composerView } from './composer.js';
import { openDialog } from './dialogs.js';
import { earlierView } from './earlier.js';
import { emptyView } from './empty.js';
import { icon } from './icons.js';

/** The phone of one client, and above it all clients. */
export function phoneView() {
  const client = chosenClient();
  return html`<section class="side client-side" aria-label=${t('phoneOf')} data-part="client">
    ${clientsView(client)}
    <div class="phone">
      <header class="phone-head">
        <span class="shop-mark" aria-hidden="true">Т</span>
        <p class="phone-title">
          ${t('business')}<small
            >${t('seenBy')} ${phoneNumber(client.name || client.address)}</small
          >
        </p>
        ${channelSelect(client)}
      </header>
      ${messagesView(client)} ${composerView(composerOf(client))}
    </div>
  </section>`;
}

function clientsView(chosen) {
  return html`<nav class="people" aria-label=${t('clients')}>
    <div class="chips">${clients().map((client) => chipView(client, chosen))}</div>
    <button
      type="button"
      class="person add"
      aria-label=${t('newClient')}
      title=${t('newClient')}
      @click=${() => openDialog('new-client')}
    >
      ${icon('plus')}
    </button>
  </nav>`;
}

function chipView(client, chosen) {
  const { address, name } = client;
  const isChosen = address === chosen.address;
  const isUnread = !isChosen && isPhoneUnread(client);
  return html`<button
    type="button"
    class="person"
    aria-current=${isChosen ? 'true' : nothing}
    title=${phoneNumber(address)}
    @click=${() => change({ client: address, chat: undefined, quoted: undefined })}
  >
    ${avatar(name, address)}<span>${name || phoneNumber(address)}</span>
    ${isUnread ? html`<span class="unread" role="img" aria-label=${t('unread')}></span>` : nothing}
  </button>`;
}

function channelSelect({ address }) {
  const channels = chatChannels();
  if (channels.length < 2) return nothing;
  const chosen = channelOfClient(address);
  const choose = ({ target }) =>
    change({
      channels: { ...page.channels, [address]: target.value },
      chat: undefined,
      quoted: undefined,
    });
  return html`<select class="channel" aria-label=${t('channel')} @change=${choose}>
    ${channels.map(
      (channel) =>
        html`<option value=${channel.subject} ?selected=${channel.subject === chosen}>
          ${channelName(channel)}
        </option>`,
    )}
  </select>`;
}

function messagesView(client) {
  const { address, messages, told } = client;
  if (messages.length === 0) {
    return html`<div class="messages" data-follow="none">
      ${emptyView('client', t('phoneEmpty'), t('phoneEmptyHint'))}
    </div>`;
  }
  const isMixed = new Set(messages.map(({ channel }) => channel)).size > 1;
  const bubbles = messages.map((message) => toBubble(message, client, isMixed));
  return html`<ol
    class="messages"
    role="log"
    tabindex="0"
    aria-label=${t('phoneOf')}
    data-test="phone"
    data-follow="${address} ${bubbles.at(-1)?.key}"
  >
    ${earlierView(told)}
    ${repeat(
      bubbles,
      ({ key }) => key,
      (bubble) => bubbleView(bubble),
    )}
  </ol>`;
}

function composerOf({ address, name }) {
  const client = { name, channel: channelOfClient(address) };
  const send = (content) => {
    change({ chat: undefined });
    return writeAsClient(address, client, content);
  };
  return {
    who: 'client',
    place: `client ${address}`,
    label: t('writeAsClient'),
    kinds: ['picture', 'document', 'voice', 'video', 'location', 'contact'],
    sendText: (text) => send({ text }),
    sendFile: (kind, text, file) => send(clientContent(kind, text, file)),
  };
}

const KINDS = {
  IMAGE: 'picture',
  STICKER: 'sticker',
  VIDEO: 'video',
  VOICE: 'voice',
  AUDIO: 'audio',
  DOCUMENT: 'file',
};

/**
 * @param {import('../types.js').PhoneMessage} message
 * @param {{ address: string, name: string }} client
 * @param {boolean} isMixed several channels are in use
 */
function toBubble(message, client, isMixed) {
  const isOwn = message.from === 'client';
  const content = isOwn ? message.content : message;
  const channel = channelBySubject(message.channel);
  const contact = isOwn ? content.contact : undefined;
  return {
    key: String(message.id ?? message.messageId),
    isOwn,
    kind: KINDS[content.type] ?? content.type,
    text: wordsOf(content),
    buttons: buttonsOf(message, client),
    at: message.at,
    file: message.file,
    fileName: content.attachment?.name ?? message.file?.name,
    hasFile: Boolean(content.attachment),
    fileError: message.fileError,
    place: placeOf(content.location),
    person: contact && { name: contact.name ?? '', phone: contact.phones?.[0]?.phone ?? '' },
    tag: isMixed && channel !== undefined ? channelName(channel) : undefined,
    ...(isOwn ? passage(message.callback) : {}),
  };
}

function wordsOf({ type, emoji, header, text, caption, footer }) {
  if (type === 'REACTION') return emoji ? `${t('reaction')} ${emoji}` : t('reactionTaken');
  return [header?.text, text ?? caption, footer].filter(Boolean).join('\n');
}

const PRESSED = new Set(['QUICK_REPLY', 'MESSAGE', 'CALLBACK']);

/** Buttons the business sent; a press on an answer is a message, the others lead nowhere here. */
function buttonsOf({ keyboard, channel }, { address, name }) {
  const press = ({ text, payload }) =>
    writeAsClient(address, { name, channel }, { type: 'BUTTON', text, payload });
  return keyboard?.rows
    .flatMap(({ buttons }) => buttons)
    .map((button) => ({
      text: button.text,
      press: PRESSED.has(button.type) ? () => press(button) : undefined,
    }));
}

function placeOf(location) {
  if (!location) return undefined;
  const { latitude: lat, longitude: lon, address } = location;
  return { lat: Number(lat), lon: Number(lon), address };
}

/** What became of the callback that carries it to the bridge. */
function passage({ state, attempts }) {
  if (state === 'taken') return { mark: 'sent' };
  if (state === 'lost') return { mark: 'failed', trouble: t('callbackLost') };
  if (state === 'given up') return { mark: 'failed', trouble: t('callbackGivenUp') };
  return attempts.length === 0
    ? { mark: 'waiting' }
    : { mark: 'waiting', trouble: t('callbackWaiting') };
}
