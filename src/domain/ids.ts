import { createHash, createHmac } from 'node:crypto';

/*
 * Ids that both sides see. They are made and parsed here and nowhere else; everywhere else they are opaque strings.
 */
declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

/** `<channel id>_<amojo account id>`: a channel of ours, connected to one amoCRM account. */
export type ScopeId = Id<'ScopeId'>;
/** What a line is filed under: its scope, and its source if it has one. */
export type LineKey = Id<'LineKey'>;
/** The conversation as amojo knows it from us, and the client's participant id there: `edna:<channel>:<address>`. */
export type ConversationId = Id<'ConversationId'>;
/** A message on the side it came from; unique together with line and direction. */
export type SourceId = Id<'SourceId'>;
/** Our id of a send request at edna: a UUID, the same on every attempt. */
export type RequestId = Id<'RequestId'>;

const REQUEST_NAMESPACE = '6f1d3c52-9a0e-5b7d-8c41-2e94d07a5b13';
const COMMENT_PREFIX = 'amo:';
const CONVERSATION_PREFIX = 'edna:';

export function scopeId(channelId: string, accountId: string): ScopeId {
  return `${channelId}_${accountId}` as ScopeId;
}

export function lineKey(scope: ScopeId, sourceExternalId?: string): LineKey {
  return (sourceExternalId ? `${scope}/${sourceExternalId}` : scope) as string as LineKey;
}

export function conversationId(channel: string, address: string): ConversationId {
  return `${CONVERSATION_PREFIX}${channel}:${address}` as ConversationId;
}

/** A channel holds no colon (it is a number or an `imType`), an address may. */
export function parseConversationId(
  text: string,
): { channel: string; address: string } | undefined {
  const match = /^edna:([^:]+):(.+)$/s.exec(text);
  return match?.[1] && match[2] ? { channel: match[1], address: match[2] } : undefined;
}

/** Of a client's message; the same text is its `msgid` at amojo. */
export function inboundSourceId(channel: string, ednaMessageId: string): SourceId {
  return `edna:${channel}:${ednaMessageId}` as SourceId;
}

/** The message a text names, if the text is the id of a message that we put into the CRM. */
export function parseInboundSourceId(text: string): SourceId | undefined {
  return /^(edna:[^:]+|api):.+$/s.test(text) ? (text as SourceId) : undefined;
}

/** Of what another program puts into the CRM: the key it gave its call is the message, however often it calls. */
export function apiSourceId(idempotencyKey: string): SourceId {
  return `${API_PREFIX}${idempotencyKey}` as SourceId;
}
const API_PREFIX = 'api:';

export function isFromApi(id: SourceId): boolean {
  return id.startsWith(API_PREFIX);
}

/** Of a manager's message. */
export function outboundSourceId(scope: ScopeId, amoMessageId: string): SourceId {
  return `amo:${scope}:${amoMessageId}` as SourceId;
}

/** Of a manager's message that came without an id (hook v1): the same content at the same millisecond is the same message. */
export function anonymousSourceId(scope: ScopeId, ...facts: readonly string[]): SourceId {
  const digest = createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
  return `amo:${scope}:${ANONYMOUS_PREFIX}${digest}` as SourceId;
}
const ANONYMOUS_PREFIX = 'v1-';

/** The line that stands in for a client's message which amoCRM refuses. */
export function noticeSourceId(of: SourceId): SourceId {
  return `${of}${NOTICE_SUFFIX}` as SourceId;
}
const NOTICE_SUFFIX = ':notice';

/** A correction of a client's message; the same words are the same correction. */
export function editSourceId(of: SourceId, words: string): SourceId {
  const digest = createHash('sha256').update(words).digest('hex').slice(0, 16);
  return `${of}:edit-${digest}` as SourceId;
}

/** Stands for a message where its id is too long: enough to tell it from another one in the same place. */
export function markOf(id: SourceId): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 8);
}

export function isNotice(id: SourceId): boolean {
  return id.endsWith(NOTICE_SUFFIX);
}

/** amoCRM's id of a manager's message, the one delivery statuses are reported by; none for hook v1. */
export function amoMessageIdOf(id: SourceId): string | undefined {
  const own = ownIdOf(id);
  return own === undefined || own.startsWith(ANONYMOUS_PREFIX) ? undefined : own;
}

/** The scope of a manager's message. */
export function scopeOf(id: SourceId): ScopeId | undefined {
  return /^amo:([^:]+):/.exec(id)?.[1] as ScopeId | undefined;
}

function ownIdOf(id: SourceId): string | undefined {
  return /^amo:[^:]+:(.+)$/s.exec(id)?.[1];
}

/**
 * @param part counted from 1: edna takes a file and its caption as two messages
 * @param generation counted from 0; rises only when an operator resends, since edna remembers ids for ever
 */
export function requestId(
  scope: ScopeId,
  message: SourceId,
  part: number,
  generation: number,
): RequestId {
  const name = `${scope}/${ownIdOf(message) ?? message}/${part}/${generation}`;
  return uuidV5(name, REQUEST_NAMESPACE) as RequestId;
}

/** Goes with a message to edna and comes back with each of its receipts. */
export function comment(message: SourceId): string {
  return `${COMMENT_PREFIX}${ownIdOf(message) ?? message}`;
}

/** The message a receipt's comment names, if the comment is one of ours. */
export function parseComment(text: string, scope: ScopeId): SourceId | undefined {
  const own = text.startsWith(COMMENT_PREFIX) ? text.slice(COMMENT_PREFIX.length) : '';
  return own ? outboundSourceId(scope, own) : undefined;
}

/**
 * At most 60 of these at edna: latin letters, digits and `_`.
 * https://docs-pulse.edna.io/docs/api/templates/add-operator-template
 */
const TEMPLATE_NAME_CHARS = 60;
const TEMPLATE_SUFFIX = /_([0-9a-f]{8})_amo(\d+)$/;

/**
 * What a template of the CRM's is called at edna, where names are unique: a card with the same words has the same
 * name for ever, one that was changed has another.
 * @param words all that is to be approved
 */
export function templateName(cardId: string, name: string, words: string): string {
  const suffix = `_${templateDigest(words)}_amo${cardId}`;
  const room = TEMPLATE_NAME_CHARS - suffix.length;
  return `${latin(name).slice(0, room).replace(/_+$/, '') || 'template'}${suffix}`;
}

/** The card a template of edna's was made from, if it was, and the digest of the words it had then. */
export function parseTemplateName(
  name: string,
): { readonly cardId: string; readonly digest: string } | undefined {
  const [, digest, cardId] = TEMPLATE_SUFFIX.exec(name) ?? [];
  return digest && cardId ? { cardId, digest } : undefined;
}

export function templateDigest(words: string): string {
  return createHash('sha256').update(words).digest('hex').slice(0, 8);
}

/** Letters a person still recognises; what is not in the table is left out. */
function latin(text: string): string {
  return Array.from(text.toLowerCase(), (letter) => CYRILLIC[letter] ?? letter)
    .join('')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+/, '');
}

// oxfmt-ignore
const CYRILLIC: Readonly<Record<string, string>> = {
  а: 'a', б: 'b', в: 'v', г: 'g', д: 'd', е: 'e', ё: 'e', ж: 'zh', з: 'z', и: 'i', й: 'y', к: 'k', л: 'l', м: 'm', н: 'n', о: 'o',
  п: 'p', р: 'r', с: 's', т: 't', у: 'u', ф: 'f', х: 'h', ц: 'c', ч: 'ch', ш: 'sh', щ: 'sch', ы: 'y', э: 'e', ю: 'yu', я: 'ya', ъ: '', ь: '',
};

/**
 * What guards the address of an account's webhooks, which nobody signs. Who knows the channel's secret may do anything
 * in the channel anyway; one channel may have many accounts, so that the account is in it.
 */
export function accountHookToken(side: {
  readonly channelSecret: string;
  readonly accountId: string;
}): string {
  const of = `bridge account webhook\n${side.accountId.toLowerCase()}`;
  return createHmac('sha256', side.channelSecret).update(of).digest('hex');
}

/** RFC 9562 section 5.5. */
function uuidV5(name: string, namespace: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
