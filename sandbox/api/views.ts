import type { AmojoTwin } from '../amojo/amojo-twin.ts';
import { addressOf, shownIn, type Chat, type ChatMessage, type Reaction } from '../amojo/chat.ts';
import type { Client } from '../client.ts';
import type { FetchedFile } from '../fetched-file.ts';
import type { ShelvedFile } from '../file-shelf.ts';
import type { Fault } from '../faults.ts';
import { dig, isWritable, parseJson, textOrNull } from '../json.ts';
import type { Parcel } from '../outbox.ts';
import type { SeenRequest } from '../twin-server.ts';

/** What a phone shows: both directions, in order of time. */
export function phoneView(client: Client) {
  const own = client.wrote.map((message) => ({
    at: message.receivedAt,
    order: message.seq,
    from: 'client',
    id: String(message.id),
    channel: message.channel.subject,
    content: message.content,
    file: message.file && shelvedView(message.file),
    callback: message.parcel && parcelView(message.parcel),
  }));
  const received = client.sees.map((message) => ({
    at: message.acceptedAt,
    order: message.shownSeq ?? 0,
    from: 'business',
    channel: message.channel.subject,
    messageId: message.messageId,
    requestId: message.requestId,
    status: message.status,
    type: message.content.type,
    text: message.content.text,
    attachment: message.content.attachment,
    location: message.content.location,
    header: message.content.header,
    footer: message.content.footer,
    keyboard: message.content.keyboard,
    file: fileView(message.file),
    fileError: message.fileError,
  }));
  const messages = [...own, ...received].toSorted((one, other) => one.order - other.order);
  const name = textOrNull(dig(client.wrote.at(-1)?.body, 'userInfo', 'userName'));
  return { address: client.address, name, messages };
}

/** What a manager sees in the chat card. */
export function chatView(chat: Chat, twin: AmojoTwin) {
  const { id, clientId, client, hasLead, isWriteFirst } = chat;
  return {
    id,
    conversationId: clientId,
    client: { id: client.id, clientId: client.clientId, name: client.name, phone: client.phone },
    address: addressOf(client),
    hasLead,
    isWriteFirst,
    messages: shownIn(chat).map((message) => chatMessageView(message, twin)),
  };
}

/** A message as the card shows it; `file` is what arrived, or what the manager attached. */
export function chatMessageView(message: ChatMessage, twin: AmojoTwin) {
  const { id, clientId, direction, sender, msecTimestamp, type, text, location, contact } = message;
  return {
    id,
    msgid: clientId,
    from: direction === 'incoming' ? 'client' : 'manager',
    sender: sender.name,
    at: msecTimestamp,
    type,
    text,
    media: message.media || undefined,
    fileName: message.fileName || undefined,
    file: fileView(message.file) ?? attachedView(message.media, twin),
    fileError: message.fileError,
    location,
    contact,
    replyTo: message.replyTo,
    isEdited: message.isEdited,
    markup: message.raw.markup ?? undefined,
    reactions: message.reactions.length > 0 ? message.reactions.map(emojiOf) : undefined,
    tick: direction === 'outgoing' ? message.tick : undefined,
    hook: message.parcel && parcelView(message.parcel),
  };
}

function emojiOf({ emoji }: Reaction): string {
  return emoji;
}

export function parcelView({ endpoint, state, attempts }: Parcel) {
  return { endpoint, state, attempts };
}

export function requestView(request: SeenRequest) {
  const { seq, platform, endpoint, method, path, raw, fault, isHandled, isAnswered } = request;
  const text = raw.toString('utf8');
  const parsed = parseJson(text);
  const body = parsed !== undefined && isWritable(parsed) ? parsed : text;
  const status = request.answer?.status;
  return { seq, platform, endpoint, method, path, body, status, fault, isHandled, isAnswered };
}

export function faultView(twin: 'edna' | 'amojo', { id, rule, hits }: Fault) {
  return { twin, id, ...rule, hits };
}

function attachedView(media: string, twin: AmojoTwin) {
  const file = twin.shelved(twin.hashOf(media) ?? '');
  return file && shelvedView(file);
}

function shelvedView({ name, bytes, contentType, sha1 }: ShelvedFile) {
  return { name, sizeBytes: bytes.length, contentType, sha1 };
}

function fileView(file: FetchedFile | undefined) {
  if (file === undefined) return undefined;
  const { url, sizeBytes, contentType, sha1 } = file;
  return { url, sizeBytes, contentType, sha1 };
}
