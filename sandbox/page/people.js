import { t } from './i18n.js';
import { page } from './store.js';

/** @typedef {import('./types.js').Chat} Chat */

const ANNA = '79995550142';
/** Channels the bridge can answer on: the sandbox's edna has no cascade for the others. */
const CHAT_CHANNELS = new Set(['WHATSAPP', 'MAX_BOT', 'MAX']);

/** Anna first, then those who wrote, then those made here; each once. */
export function clients() {
  const known = page.state?.clients ?? [];
  const own = page.ownClients.map(({ address }) => address);
  const addresses = new Set([ANNA, ...known.map(({ address }) => address), ...own]);
  return [...addresses].map((address) => ({
    address,
    name: nameOf(address),
    messages: (known.find((one) => one.address === address)?.messages ?? []).filter(isPosted),
  }));
}

export function chosenClient() {
  const all = clients();
  return all.find(({ address }) => address === page.client) ?? all[0];
}

/** @param {string} address */
function nameOf(address) {
  const phone = page.state?.clients.find((one) => one.address === address);
  const own = page.ownClients.find((one) => one.address === address);
  const chat = page.state?.chats.find((one) => one.address === address);
  return phone?.name || own?.name || chat?.client.name || (address === ANNA ? t('anna') : '');
}

/** The demonstration makes messages it shows as commands and never posts. */
function isPosted({ from, callback }) {
  return from === 'business' || callback !== undefined;
}

/** Channels a client can write to. */
export function chatChannels() {
  return (page.state?.channels ?? []).filter(
    ({ active, type }) => active && CHAT_CHANNELS.has(type),
  );
}

/** @param {string} address */
export function channelOfClient(address) {
  return page.channels[address] ?? chatChannels()[0]?.subject;
}

/** @returns {Chat[]} without what was never posted */
export function chats() {
  return (page.state?.chats ?? []).map((chat) => ({
    ...chat,
    messages: chat.messages.filter(
      ({ from, hook, msgid, tick }) =>
        from === 'client' || hook !== undefined || msgid !== undefined || tick?.state !== 'none',
    ),
  }));
}

/** The chat the reader opened, else the one the client on the phone is in. */
export function chosenChat() {
  const all = chats();
  const opened = all.find(({ id }) => id === page.chat);
  if (opened !== undefined) return opened;
  const { address } = chosenClient();
  const ofClient = all.filter((chat) => chat.address === address);
  const subject = channelOfClient(address);
  return ofClient.findLast((chat) => channelOfChat(chat)?.subject === subject) ?? ofClient.at(-1);
}

/** The bridge names a conversation after the channel's number; of another bridge it may be unknown. */
export function channelOfChat({ conversationId }) {
  const parts = conversationId?.split(':') ?? [];
  return page.state?.channels.find(
    ({ subject, subjectId }) => parts.includes(String(subjectId)) || parts.includes(subject),
  );
}

/** @param {string} subject */
export function channelBySubject(subject) {
  return page.state?.channels.find((channel) => channel.subject === subject);
}

/** The newest message of the other side, by which a dot knows whether it was looked at. */
export function newestOf(messages, own) {
  const last = messages.findLast(({ from }) => from !== own);
  return String(last?.id ?? last?.messageId ?? '');
}
