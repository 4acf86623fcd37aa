import { conversationId, apiSourceId } from '../../domain/ids.js';
import type { InboundEvent } from '../../domain/journal.js';
import type { Attachment, Content, Message } from '../../domain/message.js';
import { invalid } from './api-body.js';
import type { Whom } from './api-lines.js';
import type { ContentWire, MessageWire } from './api.wire.js';

/** Clocks differ; further ahead, every later message of the chat would stand behind this one. */
const AHEAD_MS = 5 * 60_000;

/**
 * A message that a program puts into a chat: as the client's, or in the name of somebody of the company.
 * @param clientName what the client was called last
 * @throws {ApiRefusal} 400
 */
export function toEvent(
  wire: MessageWire,
  { line, conversation, formerly }: Whom,
  call: { readonly key: string; readonly at: Date },
  clientName: string | undefined,
): InboundEvent {
  const { from, receiver, silent } = wire;
  const at = wire.at === undefined ? undefined : timeOf(wire.at, call.at);
  const isClient = from.kind === 'client';
  const stray = [
    ...(isClient && from.id !== undefined ? ['from.id: the client is the conversation’s'] : []),
    ...(isClient && from.refId !== undefined
      ? ['from.refId: the client is the conversation’s']
      : []),
    ...(isClient && receiver ? ['receiver: the client is the sender'] : []),
  ];
  if (stray.length > 0) throw invalid(stray);
  const { channel, address } = conversation;
  const message: Message = {
    sourceId: apiSourceId(call.key),
    sender: { name: from.name ?? clientName ?? '' },
    content: toContent(wire.content),
    ...(from.kind !== 'client' && {
      author: {
        kind: from.kind,
        id: from.id ?? `${from.kind}:${from.refId}`,
        refId: from.refId ?? '',
        ...nameOf(receiver?.name ?? clientName),
      },
    }),
    silent: silent ?? !isClient,
    sentAt: at ?? call.at,
  };
  return {
    type: 'inbound',
    line: line.key,
    channel,
    address,
    ...(formerly && { formerly }),
    ...(at && { keepsTime: true }),
    message,
  };
}

/** Our id of the conversation a message goes into. */
export function conversationOf({ conversation }: Whom): string {
  const { channel, address } = conversation;
  return conversation.conversationId ?? conversationId(channel, address);
}

function nameOf(clientName: string | undefined) {
  return clientName === undefined ? {} : { clientName };
}

function timeOf(text: string, now: Date): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime()) || at.getTime() < 0) throw invalid(['at: is no moment']);
  if (at.getTime() > now.getTime() + AHEAD_MS) throw invalid(['at: lies in the future']);
  return at;
}

/** The form has been checked: what its type needs is there. */
function toContent(wire: ContentWire): Content {
  const { type, text = '', location, contact } = wire;
  switch (type) {
    case 'text':
      return { kind: 'text', text };
    case 'location':
      return {
        kind: 'location',
        latitude: location?.latitude ?? 0,
        longitude: location?.longitude ?? 0,
        address: text,
      };
    case 'contact':
      return { kind: 'contact', name: contact?.name ?? '', phone: contact?.phone ?? '', text };
    default:
      return { kind: type, attachment: toAttachment(wire), caption: text };
  }
}

function toAttachment({
  media = '',
  fileName,
  fileSize,
  durationSeconds,
}: ContentWire): Attachment {
  return {
    url: media,
    ...(fileName !== undefined && { name: fileName }),
    ...(fileSize !== undefined && { sizeBytes: fileSize }),
    ...(durationSeconds !== undefined && { durationSeconds }),
  };
}
