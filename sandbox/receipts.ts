import type { AmojoTwin } from './amojo/amojo-twin.ts';
import type { ChatMessage } from './amojo/chat.ts';
import { clientAddresses } from './client-addresses.ts';
import { keysOf } from './content-key.ts';
import type { EdnaTwin } from './edna/edna-twin.ts';
import type { OutMessage } from './edna/out-message.ts';
import { dig, parseJson } from './json.ts';
import type { Parcel } from './outbox.ts';

/**
 * Whether the bridge has taken edna's word that the client has all of a manager's message. Of equal
 * messages it is certain only once there is a receipt for each.
 */
export function isOnPhone(message: ChatMessage, edna: EdnaTwin, amojo: AmojoTwin): boolean {
  const addressFor = clientAddresses(edna);
  const address = addressFor(message.chat.client);
  const written = amojo.book.chats
    .filter(({ client }) => addressFor(client) === address)
    .flatMap(({ messages }) => messages.filter(({ direction }) => direction === 'outgoing'))
    .flatMap(({ text, media }) => keysOf(text, amojo.hashOf(media)));
  const receipts = edna.callbacks.filter(
    (parcel) =>
      parcel.endpoint === 'status' && parcel.address === address && parcel.takenSeq !== undefined,
  );
  const proven = edna.messages
    .filter((one) => one.address === address && receipts.some((parcel) => proves(parcel, one)))
    .flatMap(({ content, file }) => keysOf(content.text, file?.sha1));
  const keys = keysOf(message.text, amojo.hashOf(message.media));
  return keys.length > 0 && keys.every((key) => count(written, key) <= count(proven, key));
}

/** Each of edna's dialects has names of its own for the id and the status. */
function proves({ raw }: Parcel, { messageId, requestId }: OutMessage): boolean {
  const body = parseJson(raw);
  const id = dig(body, 'requestId') ?? dig(body, 'id') ?? dig(body, 'imOutMessageId');
  const isIts = dig(body, 'messageId') === messageId || (id !== null && id === requestId);
  return isIts && /^(delivered|read)$/i.test(String(dig(body, 'status') ?? dig(body, 'dlvStatus')));
}

function count(keys: readonly string[], key: string): number {
  return keys.filter((one) => one === key).length;
}
