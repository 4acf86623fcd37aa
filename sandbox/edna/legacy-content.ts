import { isLoopback } from '../fetched-file.ts';
import { shown, textOrNull, type JsonObject } from '../json.ts';
import { NOTHING, type PhoneContent } from './out-message.ts';
import { WHATSAPP_LIMITS } from './structure.ts';

const MEDIA = ['image', 'document', 'video', 'audio'];

/** Makes a refusal by its code. */
export type LegacyNo = (code: string, detail: string) => Error;

/** What `imOutMessage` carries: its fields lie flat in the body, types are in lower case. */
export function readLegacyContent(body: JsonObject, no: LegacyNo): PhoneContent {
  const type = body.contentType;
  if (type === undefined || type === null || type === '') {
    throw no('error-content-type-not-specified', 'contentType is empty');
  }
  if (type === 'text') return { ...NOTHING, type: 'TEXT', text: readText(body, no) };
  if (type === 'location') return { ...NOTHING, type: 'LOCATION', location: readPlace(body, no) };
  if (typeof type === 'string' && MEDIA.includes(type)) {
    return { ...NOTHING, type: type.toUpperCase(), attachment: readAttachment(body, no) };
  }
  throw no('error-content-type-format', `contentType ${shown(type)} is unknown`);
}

function readText({ text }: JsonObject, no: LegacyNo): string {
  if (typeof text !== 'string' || text === '') {
    throw no('error-content-not-specified', 'text is empty');
  }
  if (text.length > WHATSAPP_LIMITS.textChars) {
    throw no('error-content-format', `text is longer than ${WHATSAPP_LIMITS.textChars}`);
  }
  return text;
}

/** The reference has the degrees as strings; numbers are taken as well. */
function readPlace(body: JsonObject, no: LegacyNo): NonNullable<PhoneContent['location']> {
  const latitude = toNumber(body.latitude);
  const longitude = toNumber(body.longitude);
  if (latitude === undefined) throw no('error-latitude-not-specified', 'latitude');
  // The vendor's own spelling.
  if (longitude === undefined) throw no('error-longtitude-not-specified', 'longitude');
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) {
    throw no('error-content-format', 'there is no such place');
  }
  return { latitude, longitude, address: textOrNull(body.locationAddress) };
}

function readAttachment(body: JsonObject, no: LegacyNo): NonNullable<PhoneContent['attachment']> {
  const url = textOrNull(body.attachmentUrl);
  if (url === null || !URL.canParse(url)) {
    throw no('error-attachment-url-not-specified', 'attachmentUrl is no address');
  }
  // The amoCRM twin serves its files over plain HTTP.
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && !isLoopback(hostname)) {
    throw no('error-content-format', 'attachmentUrl is not https');
  }
  return { url, name: textOrNull(body.attachmentName) };
}

function toNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
