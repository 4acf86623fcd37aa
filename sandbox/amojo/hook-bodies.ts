import type { JsonObject } from '../json.ts';
import type { ChatMessage, Participant } from './chat.ts';
import type { ChatAction, HookContext, HookForm } from './manager-content.ts';

/** Typing lasts five seconds from its start. */
const TYPING_SECONDS = 5;

/** A hook about a message, with its keys in the order real ones have them. */
export const MESSAGE_HOOKS = {
  v2: ({ accountId, now, chat, manager, sourceId, unknownPhone }, message) => ({
    account_id: accountId,
    time: seconds(now),
    message: {
      receiver: receiverBody(message.receiver ?? chat.client, unknownPhone),
      sender: { id: manager.id, name: manager.name },
      conversation: conversationBody(chat),
      ...(sourceId === undefined ? {} : { source: { external_id: sourceId } }),
      timestamp: message.timestamp,
      msec_timestamp: message.msecTimestamp,
      message: message.raw,
    },
  }),
  v1: ({ chat }, message) => ({
    receiver: chat.client.clientId ?? '',
    conversation_id: chat.clientId ?? '',
    type: message.type,
    text: message.text,
    media: message.media,
    thumbnail: '',
    file_name: message.fileName,
    file_size: message.fileSize,
    msec_timestamp: message.msecTimestamp,
  }),
  flat: ({ accountId, subdomain, chat, manager }, message) => ({
    message: { id: message.id, text: message.text, date: message.timestamp },
    sender: { id: manager.id, name: manager.name },
    conversation: { id: chat.id },
    account: { id: accountId, subdomain },
  }),
} satisfies Record<HookForm, (context: HookContext, message: ChatMessage) => JsonObject>;

/** `message.message` of a v2 hook. */
export function innerMessage(message: {
  readonly id: string;
  readonly type: string;
  readonly text: string;
  readonly media: string;
  readonly thumbnail: string;
  readonly fileName: string;
  readonly fileSize: number;
  readonly markup?: JsonObject;
  readonly template?: JsonObject;
  readonly mediaGroupId?: string;
  readonly replyTo?: ChatMessage;
  readonly forwards?: ChatMessage;
  readonly post?: { readonly id: string };
}): JsonObject {
  const { id, type, text, media, thumbnail, fileName, fileSize } = message;
  const { markup = null, template, mediaGroupId, replyTo, forwards, post } = message;
  return {
    id,
    type,
    text,
    markup,
    tag: '',
    media,
    thumbnail,
    file_name: fileName,
    file_size: fileSize,
    ...(mediaGroupId === undefined ? {} : { media_group_id: mediaGroupId }),
    ...(template === undefined ? {} : { template }),
    ...(replyTo === undefined ? {} : { reply_to: { message: embedded(replyTo) } }),
    ...(forwards === undefined ? {} : { forwards: forwardsBody(forwards) }),
    ...(post === undefined ? {} : { post: { id: post.id } }),
  };
}

function forwardsBody(message: ChatMessage): JsonObject {
  return { messages: [embedded(message)], conversation_ref_id: message.chat.id };
}

/** A quoted message; `msgid` only where the integration sent it. */
function embedded(message: ChatMessage): JsonObject {
  const { sender, receiver } = message;
  return {
    id: message.id,
    msgid: message.clientId,
    type: message.type,
    text: message.text,
    media: message.media,
    thumbnail: '',
    file_name: message.fileName,
    file_size: message.fileSize,
    timestamp: message.timestamp,
    msec_timestamp: message.msecTimestamp,
    sender: { id: sender.id, name: sender.name, client_id: sender.clientId },
    ...(receiver === undefined
      ? {}
      : { receiver: { id: receiver.id, name: receiver.name, client_id: receiver.clientId } }),
  };
}

/**
 * A hook about typing or a reaction. amoCRM's table and its sample disagree about where the user
 * and the message stand, so both shapes are made: `sample` unless asked otherwise.
 */
export function actionHook(context: HookContext, action: ChatAction): JsonObject {
  const { accountId, now, chat, manager } = context;
  const envelope = { account_id: accountId, time: seconds(now) };
  const conversation = conversationBody(chat);
  const user = { id: manager.id };
  const isSample = action.shape !== 'table';
  if (action.kind === 'typing') {
    const typing = { conversation, expired_at: seconds(now) + TYPING_SECONDS };
    return {
      ...envelope,
      action: isSample ? { typing: { user, ...typing } } : { user, typing },
    };
  }
  const { to, emoji, isRemoved = false } = action;
  const { clientId, sender, receiver, timestamp, msecTimestamp } = to;
  const target = isSample
    ? { msgid: to.id }
    : {
        message: {
          id: to.id,
          client_id: clientId,
          sender: { id: sender.id, client_id: sender.clientId },
          receiver: receiver && { id: receiver.id, client_id: receiver.clientId },
          timestamp,
          msec_timestamp: msecTimestamp,
        },
      };
  const type = isRemoved ? 'unreact' : 'react';
  return {
    ...envelope,
    action: {
      reaction: { ...target, user, conversation, type, emoji: isRemoved ? undefined : emoji },
    },
  };
}

/** Keys that are not known are absent in real hooks, as `JSON.stringify` leaves out undefined. */
function receiverBody(
  { id, name, phone, email, clientId }: Participant,
  unknownPhone: 'absent' | 'empty',
): JsonObject {
  const unknown = unknownPhone === 'empty' ? '' : undefined;
  return { id, name, phone: phone ?? unknown, email: email ?? unknown, client_id: clientId };
}

function conversationBody({ id, clientId }: { id: string; clientId?: string }): JsonObject {
  return { id, client_id: clientId };
}

function seconds(time: number): number {
  return Math.floor(time / 1000);
}
