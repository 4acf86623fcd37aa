import {
  anonymousSourceId,
  outboundSourceId,
  parseConversationId,
  parseInboundSourceId,
  requestId,
  type SourceId,
} from '../../domain/ids.js';
import type { OutboundEvent } from '../../domain/journal.js';
import type { Line } from '../../domain/line.js';
import { quoting, toParts, type Content, type Message, type Quote } from '../../domain/message.js';
import { toReaction, unwrap } from './amocrm-event.mapper.js';
import { type Belonging, type HookContext, lineOf } from './amocrm-line.js';
import { toContent } from './amocrm-content.mapper.js';
import {
  type AmocrmContent,
  AmocrmFlatHook,
  AmocrmHook,
  AmocrmHookV1,
  type AmocrmMessage,
  type AmocrmSender,
} from './amocrm-webhook.wire.js';
import { toPhone } from './phone.js';
import { type Reading, ignored, quarantine } from './reading.js';
import { readAs } from './wire-fields.js';
import {
  type Fields,
  has,
  isAbsent,
  isFields,
  isScalar,
  toDate,
  toNumber,
  toText,
  toWord,
} from './wire-values.js';

interface Form {
  readonly fits: (body: Fields) => boolean;
  readonly read: (body: Fields, context: HookContext) => Reading;
}

/** A hook does not say what it is, so it is known by its fields; the first form that fits it is taken. */
const FORMS: readonly Form[] = [
  {
    fits: ({ message }) => isFields(message) && has(message, 'message'),
    read: (body, context) => readAs(AmocrmHook, body, (hook) => fromV2(hook, context)),
  },
  {
    fits: ({ action }) => isFields(action) && has(action, 'typing'),
    read: () => ignored('typing'),
  },
  {
    fits: ({ action }) => isFields(action) && has(action, 'reaction'),
    read: toReaction,
  },
  {
    fits: (body) =>
      isScalar(body.receiver) && has(body, 'receiver') && has(body, 'conversation_id'),
    read: (body, context) => readAs(AmocrmHookV1, body, (hook) => fromV1(hook, context)),
  },
  {
    fits: (body) =>
      isFields(body.message) &&
      has(body.message, 'id', 'text') &&
      has(body, 'sender', 'conversation', 'account'),
    read: (body, context) => readAs(AmocrmFlatHook, body, (hook) => fromFlat(hook, context)),
  },
  {
    fits: (body) => has(body, 'event') && isFields(body.payload),
    read: (body, context) => unwrap(body, context, toEvent),
  },
];

/** What one hook of amoCRM's says. Total: whatever comes, something is made of it. */
export function toEvent(body: unknown, context: HookContext): Reading {
  const form = isFields(body) ? FORMS.find(({ fits }) => fits(body)) : undefined;
  return form && isFields(body) ? form.read(body, context) : quarantine('unknown-shape');
}

function fromV2({ account_id, message }: AmocrmHook, context: HookContext): Reading {
  if (isEcho(message)) return ignored('own-echo');
  const conversationId = toWord(message.conversation?.client_id);
  return toOutbound(context, {
    belonging: {
      accountId: toWord(account_id),
      accountBinds: true,
      sourceExternalId: toWord(message.source?.external_id),
    },
    sourceId: (line) => outboundSourceId(line.scopeId, toText(message.message.id).trim()),
    conversationId,
    chatId: toWord(message.conversation?.id),
    participantId: toWord(message.receiver?.id),
    writesFirst: conversationId === undefined,
    phone: toText(message.receiver?.phone),
    clientId: toWord(message.receiver?.client_id),
    sender: message.sender,
    content: toContent(message.message),
    groupId: toWord(message.message.media_group_id),
    quote: (line) => quoteOf(message.message, line),
    sentAt: sentAt(message, context.at),
  });
}

/** By our own ids: the id that amoCRM gave it may not be known here yet. */
function isEcho({ message, sender }: AmocrmMessage): boolean {
  const ids = [message.client_id, message.msgid].map((id) => toText(id).trim());
  return (
    ids.some((id) => parseInboundSourceId(id) !== undefined) ||
    parseConversationId(toText(sender?.client_id).trim()) !== undefined
  );
}

function fromV1(hook: AmocrmHookV1, context: HookContext): Reading {
  const conversationId = toText(hook.conversation_id).trim();
  const at = sentAt(hook, context.at);
  const facts = [hook.type, hook.text, hook.media].map(toText);
  return toOutbound(context, {
    belonging: { accountBinds: false },
    sourceId: (line) =>
      anonymousSourceId(line.scopeId, conversationId, String(at.getTime()), ...facts),
    conversationId,
    writesFirst: false,
    content: toContent(hook),
    sentAt: at,
  });
}

function fromFlat(
  { message, sender, conversation, account }: AmocrmFlatHook,
  context: HookContext,
): Reading {
  const id = toText(conversation.id).trim();
  const isOurs = parseConversationId(id) !== undefined;
  return toOutbound(context, {
    belonging: { accountId: toWord(account?.id), accountBinds: false },
    sourceId: (line) => outboundSourceId(line.scopeId, toText(message.id).trim()),
    conversationId: isOurs ? id : undefined,
    chatId: isOurs ? undefined : id,
    writesFirst: !isOurs,
    sender,
    content: toContent({ type: 'text', text: message.text }),
    sentAt: toDate(message.date, context.at),
  });
}

/** A manager's message, whichever version of the hook it came in. */
interface Outgoing extends Partial<
  Pick<OutboundEvent, 'conversationId' | 'chatId' | 'participantId' | 'phone'>
> {
  readonly belonging: Omit<Belonging, 'scopeId'>;
  sourceId(line: Line): SourceId;
  /** Of the client, where it may be one of ours. */
  readonly clientId?: string;
  readonly writesFirst: boolean;
  readonly sender?: AmocrmSender;
  readonly content: Content;
  readonly groupId?: string;
  readonly quote?: (line: Line) => Quote | undefined;
  readonly sentAt: Date;
}

function toOutbound({ scopeId, lines, signers }: HookContext, outgoing: Outgoing): Reading {
  const { conversationId } = outgoing;
  const line = lineOf({ ...outgoing.belonging, conversationId, scopeId }, lines, signers);
  if ('type' in line) return line;
  const { chatId, participantId, writesFirst } = outgoing;
  const phone =
    addressIn(conversationId, outgoing.phone) ??
    toPhone(outgoing.phone ?? '', line.edna.phoneCountry) ??
    parseConversationId(outgoing.clientId ?? '')?.address;
  const quote = outgoing.quote?.(line);
  const content = quoting(outgoing.content, quote?.text);
  const sourceId = outgoing.sourceId(line);
  const message: Message = {
    sourceId,
    sender: { name: toWord(outgoing.sender?.name) ?? '' },
    content,
    ...(quote && { quote }),
    sentAt: outgoing.sentAt,
  };
  return {
    type: 'outbound',
    line: line.key,
    ...(conversationId !== undefined && { conversationId }),
    ...(chatId !== undefined && { chatId }),
    ...(participantId !== undefined && { participantId }),
    writesFirst,
    ...(phone !== undefined && { phone }),
    message,
    ...(outgoing.groupId !== undefined && { groupId: outgoing.groupId }),
    requestIds: toParts(content).map((_, i) => requestId(line.scopeId, sourceId, i + 1, 0)),
  };
}

/** A number that our own id of the chat has, which every number is asked about before it gets there. */
function addressIn(id: string | undefined, phone: string | undefined): string | undefined {
  const address = id === undefined ? undefined : parseConversationId(id)?.address;
  return address !== undefined && phone?.replace(/^\+/, '') === address ? address : undefined;
}

/**
 * A quote knows the message by amoCRM's id, and brings its words for where that id is not known here. What was made
 * from a template is compared with it to the letter, so there it is left out.
 */
function quoteOf({ reply_to, template }: AmocrmContent, line: Line): Quote | undefined {
  const quoted = reply_to?.message;
  if (!quoted || !isAbsent(template)) return undefined;
  const messageId = toWord(quoted.id);
  const text = toWord(quoted.text) ?? toWord(quoted.file_name);
  const sourceId =
    parseInboundSourceId(toText(quoted.msgid).trim()) ??
    (messageId === undefined ? undefined : outboundSourceId(line.scopeId, messageId));
  if (sourceId === undefined && text === undefined) return undefined;
  return {
    ...(messageId !== undefined && { messageId }),
    ...(sourceId !== undefined && { sourceId }),
    ...(text !== undefined && { text }),
  };
}

function sentAt(
  times: { readonly msec_timestamp?: unknown; readonly timestamp?: unknown },
  at: Date,
): Date {
  const isKnown = (toNumber(times.msec_timestamp) ?? 0) > 0;
  return toDate(isKnown ? times.msec_timestamp : times.timestamp, at);
}
