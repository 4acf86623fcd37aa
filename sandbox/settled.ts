import type { ChatMessage, Participant } from './amojo/chat.ts';
import type { ClientMessage } from './edna/client-message.ts';
import { shown, textOrNull } from './json.ts';

/**
 * What clients wrote that is no message in a chat, and is not to be missed there:
 * - words that were written anew under the same id: what counts are the latest;
 * - a reaction that stands on a message, that was replaced, or that was taken back and stands no more.
 */
export function settledOtherwise(
  messages: readonly ClientMessage[],
  rows: readonly ChatMessage[],
  addressFor: (client: Participant) => string,
): ReadonlySet<ClientMessage> {
  const standing = rows.flatMap(({ chat, reactions }) =>
    reactions
      .filter(({ by }) => by.role === 'client')
      .map(({ emoji }) => `${addressFor(chat.client)}\n${emoji}`),
  );
  const latest = new Map(messages.map((message) => [placeOf(message), message]));
  const settled = new Set(messages.filter((message) => latest.get(placeOf(message)) !== message));
  const removed: ClientMessage[] = [];
  for (const message of latest.values()) {
    if (message.content.type !== 'REACTION') continue;
    const emoji = textOrNull(message.content.emoji) ?? '';
    const at = standing.indexOf(`${message.address}\n${emoji}`);
    if (emoji === '') removed.push(message);
    else if (at >= 0) {
      standing.splice(at, 1);
      settled.add(message);
    }
  }
  for (const message of removed) {
    if (!standing.some((one) => one.startsWith(`${message.address}\n`))) settled.add(message);
  }
  return settled;
}

/** Two in one place: the later one stands for both. */
function placeOf({ id, address, channel, content, body }: ClientMessage): string {
  const { replyOutMessageId, replyInMessageId } = body;
  const quoted = replyOutMessageId ?? replyInMessageId ?? undefined;
  const isOn = content.type === 'REACTION' && quoted !== undefined;
  return [channel.subject, address, isOn ? `on ${shown(quoted)}` : `id ${id}`].join('\n');
}
