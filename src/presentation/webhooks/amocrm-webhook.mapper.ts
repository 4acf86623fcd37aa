import {
  anonymousSourceId,
  outboundSourceId,
  parseConversationId,
  requestId,
  type SourceId,
} from '../../domain/ids.js';
import type { OutboundEvent } from '../../domain/journal.js';
import type { Line, Lines } from '../../domain/line.js';
import { toParts, type Content, type Message, type Quote } from '../../domain/message.js';
import { type Belonging, lineOf } from './amocrm-line.js';
import { toContent } from './amocrm-content.mapper.js';
import {
  type AmocrmContent,
  AmocrmFlatHook,
  AmocrmHook,
  AmocrmHookV1,
  type AmocrmSender,
} from './amocrm-webhook.wire.js';
import { toPhone } from './phone.js';
import { type Reading, ignored, quarantine } from './reading.js';
import { readAs } from './wire-fields.js';
import {
  type Fields,
  has,
  isFields,
  isScalar,
  toDate,
  toNumber,
  toText,
  toWord,
} from './wire-values.js';

/** How a hook came. */
export interface HookContext {
  /** The scope in its path. */
  readonly scopeId?: string;
  readonly lines: Lines;
  /** Lines whose secret fits its signature. */
  readonly signers: readonly Line[];
  /** When it came. */
  readonly at: Date;
}

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
    read: () => ignored('reaction'),
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
];

/** What one hook of amoCRM's says. Total: whatever comes, something is made of it. */
export function toEvent(body: unknown, context: HookContext): Reading {
  const form = isFields(body) ? FORMS.find(({ fits }) => fits(body)) : undefined;
  return form && isFields(body) ? form.read(body, context) : quarantine('unknown-shape');
}

function fromV2({ account_id, message }: AmocrmHook, context: HookContext): Reading {
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
    sender: message.sender,
    content: toContent(message.message),
    groupId: toWord(message.message.media_group_id),
    quote: quoteOf(message.message),
    sentAt: sentAt(message, context.at),
  });
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
  readonly writesFirst: boolean;
  readonly sender?: AmocrmSender;
  readonly content: Content;
  readonly groupId?: string;
  readonly quote?: Quote;
  readonly sentAt: Date;
}

function toOutbound({ scopeId, lines, signers }: HookContext, outgoing: Outgoing): Reading {
  const line = lineOf({ ...outgoing.belonging, scopeId }, lines, signers);
  if ('type' in line) return line;
  const { conversationId, chatId, participantId, writesFirst, content, quote } = outgoing;
  const phone = toPhone(outgoing.phone ?? '', line.edna.phoneCountry);
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

/** A quote knows the message by amoCRM's id, and brings its text for where that id is not known here. */
function quoteOf({ reply_to }: AmocrmContent): Quote | undefined {
  const messageId = toWord(reply_to?.message?.id);
  const text = toWord(reply_to?.message?.text);
  if (messageId === undefined && text === undefined) return undefined;
  return { ...(messageId !== undefined && { messageId }), ...(text !== undefined && { text }) };
}

function sentAt(
  times: { readonly msec_timestamp?: unknown; readonly timestamp?: unknown },
  at: Date,
): Date {
  const isKnown = (toNumber(times.msec_timestamp) ?? 0) > 0;
  return toDate(isKnown ? times.msec_timestamp : times.timestamp, at);
}
