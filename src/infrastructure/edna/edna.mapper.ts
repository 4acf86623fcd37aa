import { DeliveryError } from '../../domain/errors.js';
import { comment } from '../../domain/ids.js';
import type { Line } from '../../domain/line.js';
import {
  inLines,
  type Attachment,
  type AttachmentKind,
  type Button,
  type Keyboard,
  type Template,
} from '../../domain/message.js';
import type { Dispatch, Route } from '../../domain/ports.js';
import type { Language } from '../../domain/reasons.js';
import type { MessengerTemplate } from '../../domain/templates.js';
import { fileName, shortenName } from '../file-name.js';
import {
  channelOf,
  hasTemplates,
  typeOfImType,
  type ContentType,
  type Dialect,
} from './edna.channels.js';
import { notSupported, tooLong } from './edna.refusals.js';
import { checkFilled, oneTimeCode, toStructure } from './edna.structure.js';
import {
  EDNA_LIMITS,
  type EdnaContent,
  type EdnaHistoryQuery,
  type EdnaHsm,
  type EdnaKeyboard,
  type EdnaLegacy,
  type EdnaMax,
  type EdnaMaxBot,
  type EdnaMaxContent,
  type EdnaSchedule,
  type EdnaSimple,
  type EdnaStructure,
  type EdnaSubscriber,
} from './edna.wire.js';

export type EdnaBody = EdnaSchedule | EdnaSimple | EdnaLegacy | EdnaHsm | EdnaMaxBot | EdnaMax;

/**
 * A message in the dialect of its route.
 * @param template the one a manager chose, where edna has it
 * @throws {DeliveryError} `rejected` with the reason, where the channel or the dialect cannot carry it
 */
export function toEdna(
  dispatch: Dispatch,
  line: Line,
  language: Language,
  template?: MessengerTemplate,
): EdnaBody {
  const carried = toCarried(dispatch, language, template);
  return TO_DIALECT[dispatch.route.dialect](dispatch, carried, line);
}

/** Outgoing messages to the client of a dispatch, the newest first. */
export function toHistoryQuery(
  dispatch: Dispatch,
  since: Date,
  page: { readonly offset: number; readonly limit: number },
  line: Line,
): EdnaHistoryQuery {
  return {
    subscriberFilter: toSubscriber(dispatch, line),
    direction: 'OUT',
    dateFrom: since.toISOString(),
    ...page,
    sort: [{ property: 'messageId', direction: 'DESC' }],
  };
}

/** Content that some channel of edna can carry, and edna's word for it. */
export type Carried =
  | {
      readonly type: 'TEXT';
      readonly text: string;
      /** Around a text that a template was chosen for, and that template. */
      readonly structure?: EdnaStructure;
      readonly template?: MessengerTemplate;
    }
  | {
      /** MAX alone, where templates are nothing special. */
      readonly type: 'KEYBOARD';
      readonly text: string;
      readonly keyboard: EdnaKeyboard;
      readonly structure?: undefined;
      readonly template?: undefined;
    }
  | {
      readonly type: Exclude<ContentType, 'TEXT' | 'LOCATION'>;
      readonly attachment: Attachment;
      readonly name: string;
      readonly caption: string;
    }
  | {
      readonly type: 'LOCATION';
      readonly latitude: number;
      readonly longitude: number;
      readonly address: string;
    };

/** @throws {DeliveryError} `rejected` where the channel has no word for it */
export function toCarried(
  { content, route }: Dispatch,
  language: Language,
  template?: MessengerTemplate,
): Carried {
  const { carries, textChars = Infinity } = channelOf(route.channelType);
  const type = carries[content.kind];
  const isLost = content.kind === 'location' && route.dialect === 'simple';
  if (!type || isLost) throw notSupported(content, language);
  switch (content.kind) {
    case 'text': {
      const keyboard = content.keyboard && toKeyboard(content.keyboard, route.dialect);
      const text = keyboard ? content.text : inLines(content.text, content.keyboard ?? []);
      if (text.length > textChars) throw tooLong(text.length, textChars, language);
      const { template: used } = content;
      if (!used) return keyboard ? { type: 'KEYBOARD', text, keyboard } : { type: 'TEXT', text };
      checkFilled(text);
      if (hasTemplates(route)) {
        return { type: 'TEXT', text, structure: toStructure(used, template), template };
      }
      return withFile(text, used, route);
    }
    case 'location': {
      const { latitude, longitude, address } = content;
      return { type: 'LOCATION', latitude, longitude, address };
    }
    case 'picture':
    case 'video':
    case 'file':
    case 'voice':
    case 'audio':
    case 'sticker': {
      if (type === 'TEXT' || type === 'LOCATION') throw notSupported(content, language);
      const { kind, attachment, caption } = content;
      return { type, attachment, name: nameOf(attachment, kind), caption };
    }
    case 'contact':
    case 'reaction':
    case 'unsupported':
      throw notSupported(content, language);
  }
}

/** Where templates are nothing special, the file on top of one goes as any other, with the text beneath. */
function withFile(text: string, { media }: Template, { dialect, channelType }: Route): Carried {
  if (!media) return { type: 'TEXT', text };
  const type = channelOf(channelType).carries[media.kind];
  const hasCaptions = dialect !== 'cascade' && dialect !== 'legacy';
  if (!hasCaptions || !type || type === 'TEXT' || type === 'LOCATION') {
    return { type: 'TEXT', text: `${text}\n${media.attachment.url}`.trim() };
  }
  const { kind, attachment } = media;
  return { type, attachment, name: nameOf(attachment, kind), caption: text };
}

/**
 * Only MAX's two interfaces take buttons with any text: those of WhatsApp's cascades are known for templates alone.
 * Buttons that do not fit go in words, all of them.
 */
function toKeyboard(rows: Keyboard, dialect: Dialect): EdnaKeyboard | undefined {
  const { buttonChars, buttonUrlChars } = EDNA_LIMITS;
  const fit = ({ text, url = '' }: Button) =>
    text.length <= buttonChars && url.length <= buttonUrlChars;
  const isTaken = dialect === 'max-bot' || dialect === 'max';
  if (!isTaken || !rows.flat().every(fit)) return undefined;
  return {
    rows: rows.map((row) => ({
      buttons: row.map(({ text, url }) =>
        url === undefined ? { type: 'MESSAGE', text } : { type: 'LINK', text, url },
      ),
    })),
  };
}

function nameOf(attachment: Attachment, kind: AttachmentKind): string {
  return shortenName(fileName(attachment, kind), EDNA_LIMITS.attachmentNameChars);
}

const TO_DIALECT = {
  cascade: toSchedule,
  simple: toSimple,
  legacy: toLegacy,
  'max-bot': toMaxBot,
  max: toMax,
} as const satisfies Record<
  Dialect,
  (dispatch: Dispatch, carried: Carried, line: Line) => EdnaBody
>;

function toSchedule(dispatch: Dispatch, carried: Carried, line: Line): EdnaSchedule {
  const { requestId, messageId, route } = dispatch;
  const { contentKey } = channelOf(route.channelType);
  if (!contentKey || !route.cascadeId) {
    throw new DeliveryError('blocked', 'edna: no cascade for this channel', {
      reason: { key: 'edna-refused', args: { code: 'no-cascade' } },
    });
  }
  return {
    requestId,
    cascadeId: toNumber(route.cascadeId),
    subscriberFilter: toSubscriber(dispatch, line),
    comment: comment(messageId),
    content: { [contentKey]: toContent(carried) },
  };
}

function toNumber(id: string): number | string {
  const number = Number(id);
  return Number.isSafeInteger(number) ? number : id;
}

function toSubscriber({ address }: Dispatch, line: Line): EdnaSubscriber {
  return { address, type: line.edna.subscriberIdType };
}

function toContent(carried: Carried): EdnaContent {
  if ('text' in carried) {
    const { text, structure, template } = carried;
    if (template?.contentType === 'AUTHENTICATION') {
      // The only template that is named, and its buttons are edna's business.
      const messageMatcherId = toNumber(template.id);
      return { contentType: 'AUTHENTICATION', text: oneTimeCode(text, template), messageMatcherId };
    }
    return { contentType: 'TEXT', text, ...structure };
  }
  if ('attachment' in carried) {
    const { url, sizeBytes } = carried.attachment;
    return {
      contentType: carried.type,
      attachment: { url, name: carried.name, ...(sizeBytes && { size: sizeBytes }) },
    };
  }
  const { latitude, longitude, address } = carried;
  return {
    contentType: 'LOCATION',
    location: { latitude, longitude, ...(address && { address }) },
  };
}

function toSimple(dispatch: Dispatch, carried: Carried, line: Line): EdnaSimple {
  const imType = imTypeOf(dispatch, line);
  const base = { id: dispatch.requestId, imType, subject: dispatch.address };
  if (!('attachment' in carried)) {
    return { ...base, text: 'text' in carried ? carried.text : carried.address };
  }
  const { url, sizeBytes, mimeType } = carried.attachment;
  return {
    ...base,
    text: carried.caption,
    attachment: {
      url,
      ...(mimeType && { mimeType }),
      name: carried.name,
      ...(sizeBytes && { size: sizeBytes }),
    },
  };
}

function toLegacy(dispatch: Dispatch, carried: Carried, line: Line): EdnaLegacy | EdnaHsm {
  const base = {
    id: dispatch.requestId,
    subject: subjectOf(dispatch),
    address: dispatch.address,
    imType: imTypeOf(dispatch, line),
    contentType: carried.type.toLowerCase(),
    comment: comment(dispatch.messageId),
  };
  if ('text' in carried) {
    const { keyboard, ...around } = carried.structure ?? {};
    const buttons = keyboard?.rows.flatMap((row) => row.buttons) ?? [];
    const row = buttons.length > 0 && { keyboard: { row: { buttons } } };
    return { ...base, text: carried.text, ...around, ...row };
  }
  if ('attachment' in carried) {
    const attachmentUrl = carried.attachment.url;
    return carried.type === 'AUDIO'
      ? { ...base, attachmentUrl }
      : { ...base, attachmentUrl, attachmentName: carried.name };
  }
  const { latitude, longitude, address } = carried;
  return {
    ...base,
    latitude: String(latitude),
    longitude: String(longitude),
    ...(address && { locationAddress: address }),
  };
}

function toMaxBot(dispatch: Dispatch, carried: Carried): EdnaMaxBot {
  const { address } = dispatch;
  return { sender: subjectOf(dispatch), maxId: address, content: toMaxContent(carried) };
}

function toMax(dispatch: Dispatch, carried: Carried): EdnaMax {
  const { address } = dispatch;
  const type = LOOKS_LIKE_PHONE.test(address) ? 'PHONE' : 'MAX_ID';
  return {
    from: subjectOf(dispatch),
    to: { value: address, type },
    content: toMaxContent(carried),
  };
}

/** MAX ids have eight or nine digits; phones of the countries it is open to have eleven or twelve. */
const LOOKS_LIKE_PHONE = /^[1-9]\d{10,14}$/;

function toMaxContent(carried: Carried): EdnaMaxContent {
  if (carried.type === 'KEYBOARD') return carried;
  if ('text' in carried) return { type: 'TEXT', text: carried.text };
  if ('attachment' in carried) {
    const { type, attachment, name, caption } = carried;
    return { type, url: attachment.url, name, ...(caption && { caption }) };
  }
  const { latitude, longitude, address } = carried;
  return { type: 'LOCATION', latitude, longitude, ...(address && { text: address }) };
}

function subjectOf({ route }: Dispatch): string {
  if (route.subject) return route.subject;
  throw new DeliveryError('blocked', 'edna: the name of the channel is not known', {
    reason: { key: 'edna-refused', args: { code: 'no-channel' } },
  });
}

function imTypeOf({ route }: Dispatch, line: Line): string {
  const type = route.channelType;
  return !type || type === typeOfImType(line.edna.imType) ? line.edna.imType : type.toLowerCase();
}
