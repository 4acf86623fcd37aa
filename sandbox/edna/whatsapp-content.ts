import { dig, isObject, shown, textOrNull, type JsonObject } from '../json.ts';
import { NOTHING, type PhoneContent } from './out-message.ts';
import { refuse, refuseSchedule } from './refusals.ts';
import { readStructure, WHATSAPP_LIMITS } from './structure.ts';

const ATTACHMENT_NAME_CHARS = 70;
const MEDIA = ['IMAGE', 'DOCUMENT', 'VIDEO', 'AUDIO'];
const VIBER_TYPES = ['TEXT', 'IMAGE', 'DOCUMENT', 'VIDEO'];
const VIBER_BUTTON_CHARS = 30;

/** One channel's content of `cascade/schedule`, checked field by field as its type asks. */
export function readContent(content: unknown, key: string): PhoneContent {
  if (!isObject(content)) throw refuse('content-not-specified', `${key} is no object`);
  if (key === 'smsContent')
    return { ...NOTHING, type: 'TEXT', text: requiredText(content, Infinity) };
  if (key === 'pushContent') return pushContent(content);
  const type = content.contentType;
  if (type === undefined || type === null || type === '') {
    throw refuse('contentType-not-specified', `${key}.contentType is empty`);
  }
  const known = key === 'viberContent' ? VIBER_TYPES : Object.keys(BY_TYPE);
  const read = typeof type === 'string' && known.includes(type) ? BY_TYPE[type] : undefined;
  if (read === undefined) throw refuseSchedule(`${key}.contentType ${shown(type)} is unknown`);
  const understood = read(content);
  const sent = isObject(content.attachment) ? withFile(understood.type, content, key) : understood;
  return key === 'viberContent' ? { ...sent, ...viberButton(content) } : sent;
}

/**
 * In a WhatsApp chat message edna sends the attachment alone, whatever type and text go with it
 * (reference, 3.3). Nothing of the kind is said of Viber, which has text, file and button in one.
 */
function withFile(type: string, content: JsonObject, key: string): PhoneContent {
  const attachment = requiredAttachment(content);
  const hasText = key === 'viberContent' && (textOrNull(content.text) ?? '') !== '';
  return { ...NOTHING, type, text: hasText ? requiredText(content) : null, attachment };
}

const BY_TYPE: Record<string, (content: JsonObject) => PhoneContent> = {
  TEXT: (content) => ({
    ...NOTHING,
    type: 'TEXT',
    text: isObject(content.attachment) ? null : requiredText(content),
    ...readStructure(content, refuseSchedule),
  }),
  LOCATION: (content) => ({
    ...NOTHING,
    type: 'LOCATION',
    location: {
      latitude: requiredDegrees(content, 'latitude', 90),
      longitude: requiredDegrees(content, 'longitude', 180),
      address: textOrNull(dig(content, 'location', 'address')),
    },
  }),
  FLOW: (content) => {
    if (textOrNull(content.action) === null) throw refuse('action-not-specified', 'FLOW');
    if (textOrNull(content.caption) === null) throw refuse('caption-not-specified', 'FLOW');
    if (!Number.isInteger(content.flowId)) throw refuseSchedule('flowId is no integer');
    const button = { type: 'FLOW', text: content.caption as string };
    return {
      ...NOTHING,
      type: 'FLOW',
      text: requiredText(content),
      keyboard: { rows: [{ buttons: [button] }] },
      flowId: Number(content.flowId),
    };
  },
  AUTHENTICATION: (content) => {
    if (!Number.isInteger(content.messageMatcherId)) {
      throw refuseSchedule('messageMatcherId is no integer');
    }
    const messageMatcherId = Number(content.messageMatcherId);
    return { ...NOTHING, type: 'AUTHENTICATION', text: requiredText(content), messageMatcherId };
  },
  ...Object.fromEntries(
    MEDIA.map((type) => [
      type,
      (content: JsonObject): PhoneContent => ({
        ...NOTHING,
        type,
        attachment: requiredAttachment(content),
      }),
    ]),
  ),
};

/** Viber has one button: `caption` is its label, `action` its address. */
function viberButton({ caption, action }: JsonObject): Pick<PhoneContent, 'keyboard'> {
  const text = textOrNull(caption) ?? '';
  const url = textOrNull(action) ?? '';
  if (text === '' && url === '') return {};
  if (text === '') throw refuse('caption-not-specified', 'the button has no label');
  if (url === '') throw refuse('action-not-specified', 'the button has no address');
  if (text.length > VIBER_BUTTON_CHARS) {
    throw refuseSchedule(`caption: ${text.length} characters, ${VIBER_BUTTON_CHARS} at most`);
  }
  return { keyboard: { rows: [{ buttons: [{ type: 'URL', text, url }] }] } };
}

function pushContent(content: JsonObject): PhoneContent {
  const text = textOrNull(dig(content, 'big', 'text')) ?? textOrNull(dig(content, 'small', 'text'));
  if (text === null) throw refuse('text-not-specified', 'pushContent has no text');
  return { ...NOTHING, type: 'TEXT', text };
}

function requiredText(content: JsonObject, limit: number = WHATSAPP_LIMITS.textChars): string {
  const text = textOrNull(content.text);
  if (text === null || text === '') throw refuse('text-not-specified', 'text is empty');
  if (text.length > limit) {
    throw refuseSchedule(`text: ${text.length} characters, ${limit} at most`);
  }
  return text;
}

function requiredAttachment(content: JsonObject): { url: string; name: string } {
  const url = textOrNull(dig(content, 'attachment', 'url'));
  const name = textOrNull(dig(content, 'attachment', 'name'));
  if (url === null || !URL.canParse(url)) {
    throw refuse('error-attachment-url-not-specified', 'attachment.url is no address');
  }
  if (name === null || name === '') {
    throw refuse('attachmentName-not-specified', 'attachment.name is empty');
  }
  if (name.length > ATTACHMENT_NAME_CHARS) {
    throw refuse(
      'attachmentName-is-too-long',
      `${name.length} characters, ${ATTACHMENT_NAME_CHARS} at most`,
    );
  }
  const size = dig(content, 'attachment', 'size');
  if (size !== undefined && size !== null && typeof size !== 'number') {
    throw refuseSchedule('attachment.size is no number');
  }
  return { url, name };
}

function requiredDegrees(content: JsonObject, key: string, limit: number): number {
  const degrees = dig(content, 'location', key);
  if (typeof degrees !== 'number') throw refuse(`${key}-not-specified`, `location.${key} is empty`);
  if (Math.abs(degrees) > limit) throw refuseSchedule(`location.${key} is beyond ${limit}`);
  return degrees;
}
