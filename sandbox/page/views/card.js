import { html, nothing } from '/lit-html/lit-html.js';
import { repeat } from '/lit-html/directives/repeat.js';
import { writeAsManager } from '../api.js';
import { managerContent } from '../attachments.js';
import { channelName, phoneNumber } from '../format.js';
import { channelOfChat } from '../channels.js';
import { chats, chosenChat } from '../chats.js';
import { t } from '../i18n.js';
import { isChatUnread } from '../seen.js';
import { change, page } from '../store.js';
import { avatar } from './avatar.js';
import { bubbleView } from './bubble.js';
import { composerView } from './composer.js';
import { openDialog } from './dialogs.js';
import { earlierView } from './earlier.js';
import { emptyView } from './empty.js';
import { icon } from './icons.js';

/** The chat card of amoCRM: one chat, and above it all chats. */
export function cardView() {
  const chat = chosenChat();
  return html`<section class="side manager-side" aria-label=${t('card')} data-part="manager">
    ${chatsView(chat)}
    <div class="card">
      ${
        chat === undefined
          ? html`<div class="messages" data-follow="none">
              ${emptyView('manager', t('cardEmpty'), t('cardEmptyHint'))}
            </div>`
          : html`${headView(chat)} ${messagesView(chat)} ${quotedView(chat)}
            ${composerView(composerOf(chat))}`
      }
    </div>
  </section>`;
}

function chatsView(chosen) {
  return html`<nav class="people" aria-label=${t('chats')}>
    <div class="chips">${chats().map((chat) => chipView(chat, chosen))}</div>
    <button type="button" class="person add worded" @click=${() => openDialog('write-first')}>
      ${icon('pencil')}${t('writeFirst')}
    </button>
  </nav>`;
}

function chipView(chat, chosen) {
  const isChosen = chat.id === chosen?.id;
  const isUnread = !isChosen && isChatUnread(chat);
  const channel = channelOfChat(chat);
  const open = () => change({ chat: chat.id, client: chat.address, quoted: undefined });
  return html`<button
    type="button"
    class="person"
    aria-current=${isChosen ? 'true' : nothing}
    @click=${open}
  >
    ${avatar(titleOf(chat), chat.address)}
    <span
      >${titleOf(chat)}${
        channel === undefined ? nothing : html`<small>${channelName(channel)}</small>`
      }</span
    >
    ${isUnread ? html`<span class="unread" role="img" aria-label=${t('unread')}></span>` : nothing}
  </button>`;
}

function titleOf({ client, address }) {
  return client.name || phoneNumber(client.phone ?? address) || t('noName');
}

function headView(chat) {
  const channel = channelOfChat(chat);
  const where = [
    phoneNumber(chat.client.phone ?? chat.address),
    channel && channelName(channel),
    chat.isWriteFirst ? t('wroteFirst') : undefined,
  ];
  return html`<header class="card-head">
    ${avatar(titleOf(chat), chat.address)}
    <div class="card-title">
      <h2>${titleOf(chat)}</h2>
      <p>${where.filter(Boolean).join(' · ')}</p>
    </div>
    <span class="badge ${chat.hasLead ? 'good' : ''}" data-test="lead"
      >${t(chat.hasLead ? 'lead' : 'noLead')}</span
    >
  </header>`;
}

function messagesView(chat) {
  const bubbles = chat.messages.map((message) => toBubble(message, chat));
  const byKey = new Map(chat.messages.map((message) => [message.id, message]));
  return html`<ol
    class="messages"
    role="log"
    tabindex="0"
    aria-label=${t('card')}
    data-test="card"
    data-follow="${chat.id} ${bubbles.at(-1)?.key}"
  >
    ${earlierView(chat.told)}
    ${repeat(
      bubbles,
      ({ key }) => key,
      (bubble) => bubbleView(bubble, replyButton(byKey.get(bubble.key), chat)),
    )}
  </ol>`;
}

function replyButton(message, { id }) {
  const quote = () => {
    change({ quoted: { chat: id, message } });
    document.querySelector('#text-manager')?.focus();
  };
  return html`<button
    type="button"
    class="reply"
    aria-label=${t('reply')}
    title=${t('reply')}
    @click=${quote}
  >
    ${icon('reply')}
  </button>`;
}

function quotedView({ id }) {
  const quoted = quotedIn(id);
  if (quoted === undefined) return nothing;
  return html`<div class="quoted">
    <p><small>${t('replyingTo')}</small>${excerptOf(quoted)}</p>
    <button
      type="button"
      class="round"
      aria-label=${t('cancelReply')}
      @click=${() => change({ quoted: undefined })}
    >
      ${icon('close')}
    </button>
  </div>`;
}

/** The card may have gone on to another chat by itself. */
function quotedIn(chat) {
  return page.quoted?.chat === chat ? page.quoted.message : undefined;
}

function excerptOf({ text, fileName, type }) {
  return text || fileName || type;
}

function composerOf({ id }) {
  const send = (content) => {
    const replyTo = quotedIn(id)?.id;
    change({ quoted: undefined });
    return writeAsManager(id, { ...content, replyTo });
  };
  return {
    who: 'manager',
    place: `chat ${id}`,
    label: t('writeAsManager'),
    kinds: ['picture', 'document', 'voice', 'video'],
    sendText: (text) => send({ text }),
    sendFile: (kind, text, file) => send(managerContent(kind, text, file)),
  };
}

/** @param {import('../types.js').CardMessage} message @param {import('../types.js').Chat} chat */
function toBubble(message, chat) {
  const { id, from, type, text, at, file, fileName, fileError, location, contact } = message;
  const { replyTo, isEdited, sender, markup, reactions } = message;
  const quoted =
    replyTo &&
    chat.messages.find(
      (one) => one.id === replyTo.id || (one.msgid !== undefined && one.msgid === replyTo.msgid),
    );
  const isOwn = from === 'manager';
  const tags = [isOwn ? sender : undefined, isEdited ? t('edited') : undefined].filter(Boolean);
  return {
    key: id,
    isOwn,
    kind: type,
    // The address of a place stands in its card.
    text: type === 'location' ? '' : [text, listWords(markup)].filter(Boolean).join('\n'),
    buttons: buttonsIn(markup),
    reactions,
    at,
    file,
    fileName,
    hasFile: fileName !== undefined,
    fileError,
    place: location && { ...location, address: text },
    person: contact,
    quote: quoted && excerptOf(quoted),
    tag: tags.length > 0 ? tags.join(' · ') : undefined,
    ...(isOwn ? markOf(message) : {}),
  };
}

/** What a robot offers to press; in the card nobody can. */
function buttonsIn({ buttons = [], list_message: list } = {}) {
  const rows = (list?.sections ?? []).flatMap((section) => section.rows ?? []);
  return [...buttons.flat().map(({ text }) => text), ...rows.map(({ title }) => title)].map(
    (text) => ({ text }),
  );
}

function listWords({ list_message: list } = {}) {
  return [list?.header, list?.body, list?.footer].filter(Boolean).join('\n');
}

/** What the manager is told: by the bridge, or that the bridge knows nothing of it. */
function markOf({ tick, hook }) {
  if (tick?.state === 'error') {
    const code = tick.code === undefined ? '' : ` · ${tick.code}`;
    return { mark: 'failed', trouble: `${tick.error || t('markFailed')}${code}` };
  }
  if (tick?.state === 'delivered' || tick?.state === 'read') return { mark: tick.state };
  if (hook?.state === 'lost' || hook?.state === 'given up') {
    return { mark: 'failed', trouble: t('hookLost') };
  }
  return { mark: hook?.state === 'under way' ? 'waiting' : 'sent' };
}
