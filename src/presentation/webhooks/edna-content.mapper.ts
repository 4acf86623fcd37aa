import type { AttachmentKind, Content } from '../../domain/message.js';
import type { SubstituteKey } from '../../domain/reasons.js';
import { kindOf, toAttachment } from './attachment.mapper.js';
import { toContact } from './edna-contact.mapper.js';
import type { EdnaContent } from './edna-webhook.wire.js';
import { readJson } from './json.js';
import { isAbsent, isFields, toNumber, toText, toWord } from './wire-values.js';

type Read = (content: EdnaContent, channel: string) => Content;

/** Every type of `messageContent` that is known to say something. */
const BY_TYPE: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['TEXT', asItStands],
  ['IMAGE', file('picture')],
  ['VIDEO', file('video')],
  ['DOCUMENT', file('file')],
  ['AUDIO', recording],
  ['VOICE', file('voice')],
  ['STICKER', file('sticker')],
  ['LOCATION', location],
  ['BUTTON', button],
  ['LIST_PICKER', picked],
  ['FLOW', form],
  ['PRODUCT', unsupported('order')],
  ['ORDER', unsupported('order')],
  ['CATALOG', unsupported('order')],
  ['CONTACT', contact],
  ['CONTACTS', contact],
  ['UNSUPPORTED', withheld],
]);

/**
 * What a client's message says. Never fails and never says nothing: what cannot be shown becomes a line that a manager
 * can act on.
 * @param channel the messenger's name for people
 */
export function toContent(content: EdnaContent, channel: string): Content {
  const type = typeOf(content);
  return (BY_TYPE.get(type) ?? (type === '' ? asItStands : unknown))(content, channel);
}

/** As edna's tables spell it; its bodies use any case, and `-` for `_`. */
function typeOf({ type }: EdnaContent): string {
  return toText(type).trim().toUpperCase().replaceAll('-', '_');
}

/** By what is there, for bodies that do not say their type, or say `TEXT` whatever they hold. */
function asItStands(content: EdnaContent, channel: string): Content {
  if (toWord(content.attachment?.url) !== undefined) return anyFile(content);
  if (toText(content.text).trim() !== '') return { kind: 'text', text: toText(content.text) };
  if (content.location) return location(content);
  if (!isAbsent(content.contact)) return contact(content);
  if (!isAbsent(content.items)) return picked(content, channel);
  if (!isAbsent(content.story)) return substituted('unknown-type', 'story', '');
  if (!isAbsent(content.referral)) return substituted('unknown-type', 'referral', '');
  return content.attachment ? substituted('file-failed', 'file', '') : withheld(content, channel);
}

function file(kind: AttachmentKind): Read {
  return (content) => {
    const attachment = content.attachment && toAttachment(content.attachment);
    return attachment
      ? { kind, attachment, caption: captionOf(content) }
      : substituted('file-failed', kind, captionOf(content));
  };
}

function anyFile(content: EdnaContent): Content {
  const attachment = content.attachment && toAttachment(content.attachment);
  return file(attachment ? kindOf(attachment) : 'file')(content, '');
}

/**
 * edna says `AUDIO` of what was recorded into the messenger and of a song that was attached. Recordings are Ogg, or
 * come without any name; what has another extension is a file with a name worth showing.
 */
function recording(content: EdnaContent): Content {
  const attachment = content.attachment && toAttachment(content.attachment);
  return file(attachment && kindOf(attachment) === 'audio' ? 'audio' : 'voice')(content, '');
}

function captionOf({ caption, text }: EdnaContent): string {
  return toText(caption) || toText(text);
}

function location(content: EdnaContent): Content {
  const place = content.location;
  const address =
    [content.caption, place?.address ?? place?.locationAddress]
      .flatMap((part) => toWord(part) ?? [])
      .join(', ') || toText(content.text);
  const latitude = toNumber(place?.latitude);
  const longitude = toNumber(place?.longitude);
  const isPlace =
    latitude !== undefined &&
    longitude !== undefined &&
    Math.abs(latitude) <= 90 &&
    Math.abs(longitude) <= 180;
  return isPlace
    ? { kind: 'location', latitude, longitude, address }
    : substituted('unknown-type', 'location', address);
}

/** Button texts go on to the letter: the CRM's robots compare them. */
function button(content: EdnaContent, channel: string): Content {
  return text(toText(content.text) || toText(content.payload), content, channel);
}

function picked(content: EdnaContent, channel: string): Content {
  const items: readonly unknown[] = Array.isArray(content.items) ? content.items : [];
  const titles = items.flatMap((item) => (isFields(item) ? (toWord(item.title) ?? []) : []));
  return text(titles.join('\n') || toText(content.text), content, channel);
}

function form(content: EdnaContent, channel: string): Content {
  const answers = toText(content.text);
  return text(answerLines(answers) || answers, content, channel);
}

/** `{"city":"Omsk","flow_token":"…"}` reads `city: Omsk`; empty where it is no such object. */
function answerLines(json: string): string {
  try {
    const answers = readJson(Buffer.from(json));
    if (!isFields(answers)) return '';
    return Object.entries(answers)
      .filter(([question, answer]) => question !== 'flow_token' && !isAbsent(answer))
      .map(([question, answer]) => `${question}: ${answerOf(answer)}`)
      .join('\n');
  } catch {
    // Not JSON, or nested beyond reading: it is passed on as it came.
    return '';
  }
}

function answerOf(answer: unknown): string {
  if (typeof answer === 'string') return answer;
  const isList = Array.isArray(answer) && answer.every((one) => typeof one !== 'object');
  return isList ? answer.join(', ') : JSON.stringify(answer);
}

function contact(content: EdnaContent): Content {
  return toContact(content.contact) ?? substituted('unknown-type', 'contact', toText(content.text));
}

function text(said: string, content: EdnaContent, channel: string): Content {
  return said.trim() === '' ? withheld(content, channel) : { kind: 'text', text: said };
}

function unsupported(key: SubstituteKey): Read {
  return (content) => substituted(key, typeOf(content).toLowerCase(), captionOf(content));
}

/** A type that nobody has told us of: its file is passed on, for a file needs no name; its text goes with the line. */
function unknown(content: EdnaContent): Content {
  return toWord(content.attachment?.url) === undefined
    ? substituted(
        'unknown-type',
        typeOf(content).toLowerCase().slice(0, MOST_TYPE_CHARS),
        captionOf(content),
      )
    : anyFile(content);
}
const MOST_TYPE_CHARS = 40;

/** The line that asks the client to write it names the messenger, so that is what stands for its type. */
function withheld(content: EdnaContent, channel: string): Content {
  return substituted('withheld', channel, captionOf(content).trim());
}

function substituted(substitute: SubstituteKey, type: string, said: string): Content {
  return { kind: 'unsupported', substitute, type, text: said };
}
