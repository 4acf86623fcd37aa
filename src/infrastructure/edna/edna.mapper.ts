import { DeliveryError } from '../../domain/errors.js';
import { comment } from '../../domain/ids.js';
import type { Line } from '../../domain/line.js';
import type { Dispatch } from '../../domain/ports.js';
import type { Language } from '../../domain/reasons.js';
import type { MessengerTemplate } from '../../domain/templates.js';
import { toCarried, type Carried } from './edna.carried.js';
import { channelOf, typeOfImType, type Dialect } from './edna.channels.js';
import { oneTimeCode } from './edna.structure.js';
import type {
  EdnaContent,
  EdnaHistoryQuery,
  EdnaHsm,
  EdnaLegacy,
  EdnaMax,
  EdnaMaxBot,
  EdnaMaxContent,
  EdnaSchedule,
  EdnaSimple,
  EdnaSubscriber,
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
