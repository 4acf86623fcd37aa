import { inboundSourceId } from '../../domain/ids.js';
import type { ChannelClaim, Line } from '../../domain/line.js';
import type { Content, Quote, Sender } from '../../domain/message.js';
import { channelName } from '../../domain/channel-name.js';
import { toContent } from './edna-content.mapper.js';
import { type PostContext, linesOf } from './edna-line.js';
import type { EdnaLegacyIncoming, EdnaSimpleIncoming } from './edna-old-webhook.wire.js';
import type { EdnaContent, EdnaIncoming, EdnaUserInfo } from './edna-webhook.wire.js';
import { toClientAddress } from './phone.js';
import { type Reading, ignored } from './reading.js';
import { type Fields, isFields, toDate, toText, toUrl, toWord } from './wire-values.js';

/** A client's message, whichever of its forms it came in. */
interface Incoming {
  readonly id: unknown;
  readonly subjectId?: unknown;
  readonly imType?: unknown;
  readonly subject?: unknown;
  readonly address: unknown;
  readonly user: EdnaUserInfo;
  readonly content: EdnaContent;
  readonly receivedAt?: unknown;
  readonly quote?: (channel: string) => Quote | undefined;
}

export function fromCurrent(wire: EdnaIncoming, context: PostContext): readonly Reading[] {
  const { id, subjectId, subject, subscriber, receivedAt } = wire;
  const incoming: Incoming = {
    id,
    subjectId,
    subject,
    address: subscriber.identifier,
    user: wire.userInfo ?? {},
    content: wire.messageContent ?? {},
    receivedAt,
    quote: (channel) => quoteOf(wire, channel),
  };
  return toInbound(incoming, context);
}

export function fromLegacy(wire: EdnaLegacyIncoming, context: PostContext): readonly Reading[] {
  const { id, imType, address, receivedAt } = wire;
  const incoming: Incoming = {
    id,
    subjectId: wire.imSubjectId,
    imType,
    subject: wire.imSubject,
    address,
    user: wire,
    content: legacyContent(wire),
    receivedAt,
  };
  return toInbound(incoming, context);
}

function legacyContent(wire: EdnaLegacyIncoming): EdnaContent {
  const { contentType: type, text, caption, payload, latitude, longitude } = wire;
  const isPlace = toWord(latitude) !== undefined && toWord(longitude) !== undefined;
  return {
    type,
    text,
    caption,
    payload,
    ...(wire.attachmentUrl !== undefined && {
      attachment: { url: wire.attachmentUrl, name: wire.attachmentName },
    }),
    ...(isPlace && { location: { latitude, longitude, address: wire.locationAddress } }),
  };
}

export function fromSimple(wire: EdnaSimpleIncoming, context: PostContext): readonly Reading[] {
  const isOurs = wire.fromClient === false || /^(?:false|0)$/i.test(toText(wire.fromClient));
  if (isOurs) return [ignored('from-us')];
  const { id, imType, subjectId, subject: address, text, attachment } = wire;
  return toInbound(
    { id, imType, subjectId, address, user: {}, content: { text, attachment } },
    context,
  );
}

/** For each line that takes the channel. */
function toInbound(incoming: Incoming, context: PostContext): readonly Reading[] {
  const claim = {
    subjectId: toWord(incoming.subjectId),
    subject: toWord(incoming.subject),
    imType: toWord(incoming.imType)?.toLowerCase(),
  };
  const lines = linesOf(claim, context);
  return 'type' in lines ? [lines] : lines.map((line) => toEvent(incoming, claim, line, context));
}

function toEvent(
  incoming: Incoming,
  { subjectId, subject, imType = '' }: ChannelClaim,
  line: Line,
  { at }: PostContext,
): Reading {
  const messenger = imType || line.edna.imType;
  const channel = subjectId ?? messenger;
  const address = toClientAddress(toText(incoming.address), line.edna.phoneCountry);
  const formerly = line.edna.replaces?.get(channel);
  const quote = incoming.quote?.(channel);
  const reaction = reactionOf(incoming.content, quote);
  if (reaction === 'of nothing') return ignored('reaction');
  return {
    type: 'inbound',
    line: line.key,
    channel,
    address,
    ...(subject !== undefined && { subject }),
    ...(formerly && { formerly }),
    message: {
      sourceId: inboundSourceId(channel, toText(incoming.id).trim()),
      sender: senderOf(incoming.user, address),
      content: reaction ?? toContent(incoming.content, channelName(messenger)),
      ...(quote && { quote }),
      sentAt: toDate(incoming.receivedAt, at),
    },
  };
}

/**
 * edna documents no reactions. A body that calls itself one, says which and names its message can mean nothing else;
 * without an emoji it is taken back, as Meta has it (developers.facebook.com/docs/whatsapp/cloud-api, reaction
 * messages). Any other stays a kind that nobody has told us of, and one that says nothing at all is nothing.
 */
function reactionOf(
  content: EdnaContent,
  quote: Quote | undefined,
): Content | 'of nothing' | undefined {
  if (toWord(content.type)?.toUpperCase() !== 'REACTION') return undefined;
  const emoji = toWord(content.emoji) ?? toWord(content.text) ?? '';
  if (emoji.length > MOST_EMOJI_CHARS) return undefined;
  if (quote) return { kind: 'reaction', emoji };
  return emoji === '' && content.attachment === undefined ? 'of nothing' : undefined;
}
/** A family of four with skin tones has 20 and a few; a sentence is no reaction. */
const MOST_EMOJI_CHARS = 32;

function senderOf(user: EdnaUserInfo, address: string): Sender {
  const full = [user.firstName, user.lastName].flatMap((part) => toWord(part) ?? []).join(' ');
  const name = full || (toWord(user.userName) ?? address);
  const avatarUrl = toUrl(user.avatarUrl);
  return avatarUrl === undefined ? { name } : { name, avatarUrl };
}

/** A story or an advertisement that was answered has no id that we could link to, so it is quoted in words. */
function quoteOf(wire: EdnaIncoming, channel: string): Quote | undefined {
  const requestId = toWord(wire.replyOutMessageExternalRequestId);
  const messageId = toWord(wire.replyOutMessageId);
  const own = toWord(wire.replyInMessageId);
  if (requestId !== undefined || messageId !== undefined || own !== undefined) {
    return {
      ...(messageId !== undefined && { messageId }),
      ...(requestId !== undefined && { requestId }),
      ...(own !== undefined && { sourceId: inboundSourceId(channel, own) }),
    };
  }
  const text = inWords(wire.messageContent?.story) ?? inWords(wire.messageContent?.referral);
  return text === undefined ? undefined : { text };
}

const TITLE = ['headline', 'title', 'text', 'caption', 'body', 'name'];
const LINK = ['url', 'sourceUrl', 'source_url', 'link', 'mediaUrl', 'media_url'];

function inWords(reference: unknown): string | undefined {
  if (!isFields(reference)) return toWord(reference);
  const words = [first(reference, TITLE), first(reference, LINK)];
  return words.filter((word) => word !== undefined).join(' ') || undefined;
}

function first(fields: Fields, keys: readonly string[]): string | undefined {
  return keys.map((key) => toWord(fields[key])).find((word) => word !== undefined);
}
