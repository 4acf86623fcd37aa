import { page } from './store.js';

/** Channels the bridge can answer on: the sandbox's edna has no cascade for the others. */
const CHAT_CHANNELS = new Set(['WHATSAPP', 'MAX_BOT', 'MAX']);

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
