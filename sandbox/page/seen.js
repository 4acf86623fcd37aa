import { chats, chosenChat } from './chats.js';
import { chosenClient, clients } from './clients.js';
import { page } from './store.js';

const isNarrow = matchMedia('(max-width: 1079px)');

/**
 * The newest message the reader has looked at, by phone or chat; undefined until the page is shown.
 * @type {Map<string, string> | undefined}
 */
let seen;

/** What stands on the screen has been seen; so has all there was when the page was opened. */
export function markSeen() {
  if (page.state === undefined) return;
  const isFirst = seen === undefined;
  seen ??= new Map();
  const client = chosenClient();
  const chat = chosenChat();
  for (const { address, messages } of clients()) {
    const isShown = address === client.address && isOnScreen('client');
    if (isFirst || isShown) seen.set(`phone ${address}`, newestOf(messages, 'client'));
  }
  for (const { id, messages } of chats()) {
    const isShown = id === chat?.id && isOnScreen('manager');
    if (isFirst || isShown) seen.set(`chat ${id}`, newestOf(messages, 'manager'));
  }
}

/** Whether the business wrote what nobody has looked at on this phone. */
export function isPhoneUnread({ address, messages }) {
  return isNews(`phone ${address}`, newestOf(messages, 'client'));
}

/** Whether the client wrote what nobody has looked at in this chat. */
export function isChatUnread({ id, messages }) {
  return isNews(`chat ${id}`, newestOf(messages, 'manager'));
}

function isNews(place, newest) {
  return newest !== '' && seen?.get(place) !== newest;
}

function isOnScreen(tab) {
  return !isNarrow.matches || page.tab === tab;
}

/** The newest message of the other side. */
function newestOf(messages, own) {
  const last = messages.findLast(({ from }) => from !== own);
  return String(last?.id ?? last?.messageId ?? '');
}
