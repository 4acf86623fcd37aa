import { channelOfChat, channelOfClient } from './channels.js';
import { chosenClient } from './clients.js';
import { page } from './store.js';

/** @returns {(import('./types.js').Chat & { told: number })[]} without what was never posted */
export function chats() {
  return (page.state?.chats ?? []).map((chat) => ({
    ...chat,
    messages: chat.messages.filter(
      ({ from, hook, msgid, tick }) =>
        from === 'client' || hook !== undefined || msgid !== undefined || tick?.state !== 'none',
    ),
    told: chat.messages.length,
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
