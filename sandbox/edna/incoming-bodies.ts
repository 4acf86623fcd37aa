import { dig, isObject, textOrNull, type JsonObject } from '../json.ts';
import type { Channel } from './catalogue.ts';
import type { ClientMessage, UserInfo, WritingOptions } from './client-message.ts';

/** What a callback about a client's message is made of. */
export interface IncomingParts {
  readonly id: number | bigint;
  readonly address: string;
  readonly subscriberId: number;
  readonly channel: Channel;
  readonly userInfo: UserInfo;
  readonly content: JsonObject;
  readonly receivedAt: number;
  readonly replyTo: WritingOptions['replyTo'];
}

/** All keys of `messageContent`, null where the content says nothing about them. */
export function messageContent(content: JsonObject): JsonObject {
  const nothing = {
    text: null,
    attachment: null,
    location: null,
    caption: null,
    payload: null,
    story: null,
    items: null,
  };
  return { type: content.type, ...nothing, ...content };
}

/** edna's current body. */
export function currentBody(parts: IncomingParts): JsonObject {
  const { id, address, subscriberId, channel, userInfo, content, receivedAt } = parts;
  return {
    id,
    subject: channel.subject,
    subjectId: channel.subjectId,
    subscriber: { id: subscriberId, identifier: address },
    userInfo,
    messageContent: content,
    receivedAt: isoSeconds(receivedAt),
    ...quoted(parts.replyTo),
    lastMessage: null,
  };
}

function quoted(replyTo: IncomingParts['replyTo']): JsonObject {
  const isOurs = replyTo !== undefined && 'messageId' in replyTo;
  return {
    replyOutMessageId: isOurs ? replyTo.messageId : null,
    replyOutMessageExternalRequestId: isOurs ? replyTo.requestId : null,
    replyInMessageId: replyTo !== undefined && !isOurs ? replyTo.id : null,
  };
}

/** The flat body of the legacy API. */
export function legacyBody(parts: IncomingParts): JsonObject {
  const { id, address, channel, userInfo, content, receivedAt } = parts;
  const location = isObject(content.location) ? content.location : {};
  return withoutNulls({
    id,
    imSubject: channel.subject,
    imSubjectId: channel.subjectId,
    address,
    imType: channel.type.toLowerCase(),
    contentType: String(content.type).toLowerCase(),
    text: content.text,
    caption: content.caption,
    attachmentUrl: dig(content, 'attachment', 'url'),
    attachmentName: dig(content, 'attachment', 'name'),
    latitude: location.latitude,
    longitude: location.longitude,
    locationAddress: location.address,
    payload: content.payload,
    userName: userInfo.userName,
    firstName: userInfo.firstName,
    lastName: userInfo.lastName,
    avatarUrl: userInfo.avatarUrl,
    receivedAt: legacyTime(receivedAt),
  });
}

/** The simple body: `subject` is the client's phone. */
export function simpleBody(parts: IncomingParts): JsonObject {
  const { id, address, channel, content } = parts;
  const url = textOrNull(dig(content, 'attachment', 'url'));
  return withoutNulls({
    id: `msg-${id}`,
    imType: channel.type.toLowerCase(),
    subject: address,
    text: content.text ?? content.caption,
    fromClient: true,
    attachment: url === null ? null : { url, name: dig(content, 'attachment', 'name') },
  });
}

export const INCOMING_BODIES = {
  current: currentBody,
  legacy: legacyBody,
  simple: simpleBody,
} satisfies Record<ClientMessage['form'], (parts: IncomingParts) => JsonObject>;

function withoutNulls(body: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(body).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** Seconds precision, as edna writes its times. */
export function isoSeconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The legacy API writes milliseconds and an offset without a colon. */
export function legacyTime(time: number): string {
  return new Date(time).toISOString().replace('Z', '+0000');
}
