import { isPhone, type Conversation } from '../../domain/conversation.js';
import { amoMessageIdOf, conversationId } from '../../domain/ids.js';
import type { Line } from '../../domain/line.js';
import {
  underQuote,
  type Content,
  type Message,
  type Quote,
  type Sender,
} from '../../domain/message.js';
import type { StatusReport } from '../../domain/ports.js';
import { explain, substitute, type Language, type Reason } from '../../domain/reasons.js';
import { fileName } from '../file-name.js';
import type {
  AmojoClient,
  AmojoDeliveryStatus,
  AmojoEdit,
  AmojoMessage,
  AmojoNewChat,
  AmojoNewMessage,
  AmojoReaction,
  AmojoReply,
  AmojoStatusCode,
} from './amojo.wire.js';

/** A client's message as amojo takes it; or one of the company's, which is told from it by its receiver. */
export function toAmojo(
  message: Message,
  conversation: Conversation,
  line: Line,
  language: Language,
): AmojoNewMessage {
  const ms = message.sentAt.getTime();
  const { chatId, participantId, toBeLinked } = conversation;
  const { author } = message;
  const replyTo = linkOf(message.quote);
  const client = {
    ...clientOf(author ? { name: author.clientName ?? '' } : message.sender, conversation),
    ...(toBeLinked && participantId && { ref_id: participantId }),
  };
  return {
    event_type: 'new_message',
    payload: {
      timestamp: Math.floor(ms / 1000),
      msec_timestamp: ms,
      msgid: message.sourceId,
      conversation_id: ourIdOf(conversation),
      ...(toBeLinked && chatId && { conversation_ref_id: chatId }),
      silent: message.silent ?? false,
      ...sourceOf(line),
      sender: author ? { id: author.id, name: message.sender.name, ref_id: author.refId } : client,
      ...(author && { receiver: client }),
      message: {
        ...withQuote(message.quote, toAmojoMessage(message.content, language)),
        ...(message.callbackData !== undefined && { callback_data: message.callbackData }),
      },
      ...(replyTo && { reply_to: replyTo }),
    },
  };
}

/** A correction as amojo takes it; none where the message does not correct another one. */
export function toAmojoEdit(
  message: Message,
  conversation: Conversation,
  line: Line,
  language: Language,
): AmojoEdit | undefined {
  if (message.edits === undefined) return undefined;
  const { payload } = toAmojo(message, conversation, line, language);
  return {
    event_type: 'edit_message',
    payload: {
      timestamp: payload.timestamp,
      msec_timestamp: payload.msec_timestamp,
      msgid: message.edits,
      conversation_id: payload.conversation_id,
      message: payload.message,
    },
  };
}

/** An error of a message that we put into the chat in somebody's name: what the message says, without its file. */
export function toImportError(
  { reason }: StatusReport,
  { message, conversation }: Required<StatusReport>['imported'],
  line: Line,
  language: Language,
): AmojoEdit {
  const { payload } = toAmojo(message, conversation, line, language);
  const { type, text } = payload.message;
  const unlike =
    payload.message.type === 'location'
      ? { location: payload.message.location }
      : payload.message.type === 'contact'
        ? { contact: payload.message.contact }
        : {};
  return {
    event_type: 'edit_message',
    payload: {
      timestamp: payload.timestamp,
      msec_timestamp: payload.msec_timestamp,
      msgid: payload.msgid,
      conversation_id: payload.conversation_id,
      message: {
        type,
        text,
        ...unlike,
        delivery_status: { status_code: -1, ...inWords(reason, language) },
      },
    },
  };
}

/** A client's reaction as amojo takes it; none where the message it is set at is not known. */
export function toReaction(
  message: Message,
  conversation: Conversation,
): AmojoReaction | undefined {
  const { content, quote } = message;
  const reply = linkOf(quote);
  if (content.kind !== 'reaction' || !reply) return undefined;
  const { participantId, toBeLinked } = conversation;
  const ours = ourIdOf(conversation);
  return {
    // Before the client's first message amojo knows neither the chat nor the client by our ids.
    ...(toBeLinked && conversation.chatId
      ? { conversation_ref_id: conversation.chatId }
      : { conversation_id: ours }),
    ...reply.message,
    user: { id: ours, ...(toBeLinked && participantId && { ref_id: participantId }) },
    ...(content.emoji ? { type: 'react', emoji: content.emoji } : { type: 'unreact' }),
  };
}

/** The chat of a conversation: the same one however often it is asked for. */
export function toAmojoChat(client: Sender, conversation: Conversation, line: Line): AmojoNewChat {
  return {
    conversation_id: ourIdOf(conversation),
    ...sourceOf(line),
    user: clientOf(client, conversation),
  };
}

/** A delivery status as amojo takes it; reason and code go with a failure only. */
export function toReport(report: StatusReport, language: Language): AmojoDeliveryStatus {
  const code = STATUS_CODES[report.status];
  const body = { msgid: report.crmMessageId, status_code: code, delivery_status: code };
  if (report.status !== 'failed') return body;
  return { ...body, ...inWords(report.reason, language) };
}

function inWords(reason: Reason | undefined, language: Language) {
  const { code: error_code, text: error } = explain(reason ?? UNTOLD, language);
  // All codes but 905 have words of amoCRM's own.
  return error === '' && error_code !== 905 ? { error_code } : { error_code, error };
}

const STATUS_CODES = {
  delivered: 1,
  read: 2,
  failed: -1,
} as const satisfies Record<StatusReport['status'], AmojoStatusCode>;

/** Code 905 must not go without a text. */
const UNTOLD = { key: 'not-accepted' } as const;

/** The conversation as amojo knows it from us; the client in it has the same id. */
export function ourIdOf({ conversationId: bornWith, channel, address }: Conversation): string {
  return bornWith ?? conversationId(channel, address);
}

function clientOf({ name, avatarUrl }: Sender, conversation: Conversation): AmojoClient {
  const { address } = conversation;
  return {
    id: ourIdOf(conversation),
    name: name || address,
    ...(avatarUrl && { avatar: avatarUrl }),
    ...(isPhone(address) && { profile: { phone: address } }),
  };
}

function sourceOf({ amo: { sourceExternalId } }: Line) {
  return sourceExternalId ? { source: { external_id: sourceExternalId } } : {};
}

function toAmojoMessage(content: Content, language: Language): AmojoMessage {
  switch (content.kind) {
    case 'text':
      return { type: 'text', text: content.text };
    case 'location': {
      const { latitude: lat, longitude: lon, address } = content;
      return { type: 'location', text: address, location: { lon, lat } };
    }
    case 'contact': {
      const { name, phone, text } = content;
      // amojo refuses a contact that lacks either.
      if (!phone) return { type: 'text', text: [name, text].filter(Boolean).join('\n') };
      return { type: 'contact', text, contact: { name: name || phone, phone } };
    }
    case 'reaction':
      return { type: 'text', text: content.emoji };
    case 'unsupported': {
      const args = { kind: content.type, channel: content.type };
      const line = substitute(content.substitute, language, args);
      return { type: 'text', text: [line, content.text].filter(Boolean).join('\n') };
    }
    case 'sticker':
      return { type: 'sticker', text: content.caption, media: content.attachment.url };
    case 'picture':
    case 'video':
    case 'file':
    case 'voice':
    case 'audio': {
      const { kind, attachment, caption } = content;
      return {
        type: kind,
        text: caption,
        media: attachment.url,
        file_name: fileName(attachment, kind),
        // Required of a picture, a video and a file; nobody has weighed it where edna does not say.
        file_size: attachment.sizeBytes ?? 0,
        ...(attachment.durationSeconds && {
          media_duration: Math.round(attachment.durationSeconds),
        }),
      };
    }
  }
}

/** A quote that amojo can show itself is linked; any other stands above the answer in words. */
function withQuote(quote: Quote | undefined, message: AmojoMessage): AmojoMessage {
  if (!quote?.text || linkOf(quote)) return message;
  return { ...message, text: underQuote(quote.text, message.text) };
}

function linkOf(quote: Quote | undefined): AmojoReply | undefined {
  if (quote?.linked === undefined) return undefined;
  const theirs = amoMessageIdOf(quote.linked);
  return { message: theirs === undefined ? { msgid: quote.linked } : { id: theirs } };
}
