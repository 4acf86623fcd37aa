import { dig, isObject, textOrNull, type JsonObject } from '../json.ts';
import type { Channel } from './catalogue.ts';
import type { OutDraft, PhoneContent } from './out-message.ts';
import { refuse, refuseLegacy } from './refusals.ts';
import { checkAddress } from './schedule.ts';

const NOTHING = { text: null, attachment: null, location: null };

/** Body of the simple dialect: `subject` is the client's phone, not the channel. */
export function readSimple(body: unknown, channels: readonly Channel[]): OutDraft {
  if (!isObject(body)) throw refuse('request-not-valid', 'the body is no JSON object');
  const id = textOrNull(body.id);
  if (id === null || id === '') throw refuse('request-not-valid', 'id is no text');
  const channel = channelOfImType(body.imType, channels);
  if (channel === undefined) throw refuse('request-not-valid', 'imType is unknown');
  const address = checkAddress(body.subject, 'PHONE');
  const url = textOrNull(dig(body, 'attachment', 'url'));
  const text = textOrNull(body.text);
  if (url === null && (text === null || text === '')) {
    throw refuse('text-not-specified', 'neither text nor attachment');
  }
  const content: PhoneContent =
    url === null
      ? { ...NOTHING, type: 'TEXT', text }
      : {
          ...NOTHING,
          type: 'DOCUMENT',
          attachment: { url, name: textOrNull(dig(body, 'attachment', 'name')) },
        };
  return { ...plain('simple', id, address, channel), content };
}

/** Body of `imOutMessage`. @param status HTTP status of its refusals, 200 or 4xx */
export function readLegacy(
  body: unknown,
  channels: readonly Channel[],
  status: number,
  checkIsUnique: (id: string) => void,
): OutDraft {
  const no = (code: string, detail: string) => refuseLegacy(code, status, detail);
  if (!isObject(body)) throw no('error-syntax', 'the body is no JSON object');
  const id = textOrNull(body.id);
  if (id === null || id === '' || id.length > 36)
    throw no('error-syntax', 'id: 1 to 36 characters');
  checkIsUnique(id);
  const channel = channels.find((one) => one.subject === body.subject);
  if (channel === undefined) throw no('error-subject-unknown', 'no such channel');
  if (body.address === undefined) throw no('error-address-not-specified', 'address is empty');
  if (typeof body.address !== 'string' || !/^[1-9]\d{9,14}$/.test(body.address)) {
    throw no('error-address-format', 'address is no phone');
  }
  if (body.imType !== undefined && channelOfImType(body.imType, channels) === undefined) {
    throw no('error-im-type-not-specified', 'imType is unknown');
  }
  if (body.contentType === undefined) throw no('error-content-type-not-specified', 'contentType');
  return {
    ...plain('legacy', id, body.address, channel),
    comment: textOrNull(body.comment),
    content: legacyContent(body, no),
  };
}

function legacyContent(
  body: JsonObject,
  no: (code: string, detail: string) => Error,
): PhoneContent {
  const type = String(body.contentType);
  if (type === 'text') {
    const text = textOrNull(body.text);
    if (text === null || text === '') throw no('error-content-not-specified', 'text is empty');
    return { ...NOTHING, type: 'TEXT', text };
  }
  if (type === 'location') {
    // The reference has them as strings; numbers are taken as well.
    const latitude = toNumber(body.latitude);
    const longitude = toNumber(body.longitude);
    if (latitude === undefined) throw no('error-latitude-not-specified', 'latitude');
    // The vendor's own spelling.
    if (longitude === undefined) throw no('error-longtitude-not-specified', 'longitude');
    const address = textOrNull(body.locationAddress);
    return { ...NOTHING, type: 'LOCATION', location: { latitude, longitude, address } };
  }
  if (!['image', 'document', 'video', 'audio'].includes(type)) {
    throw no('error-content-type-format', `contentType ${type} is unknown`);
  }
  const url = textOrNull(body.attachmentUrl);
  if (url === null || !URL.canParse(url)) {
    throw no('error-attachment-url-not-specified', 'attachmentUrl is no address');
  }
  const name = textOrNull(body.attachmentName);
  return { ...NOTHING, type: type.toUpperCase(), attachment: { url, name } };
}

function plain(dialect: 'simple' | 'legacy', requestId: string, address: string, channel: Channel) {
  return { dialect, requestId, address, channel, cascadeId: null, stageUuid: null, comment: null };
}

/** `whatsapp` → the account's WhatsApp channel. */
function channelOfImType(imType: unknown, channels: readonly Channel[]): Channel | undefined {
  if (typeof imType !== 'string') return undefined;
  return channels.find((one) => one.type === imType.toUpperCase().replace('-', '_'));
}

function toNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
