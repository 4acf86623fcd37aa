import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What amoCRM signs a request over. */
export interface SignedParts {
  readonly method: string;
  /** Hex MD5 of the body's bytes, in lower case. */
  readonly contentMd5: string;
  readonly contentType: string;
  readonly date: string;
  /** Path alone: no host, no query. */
  readonly path: string;
}

export function md5Of(body: Buffer | string): string {
  return createHash('md5').update(body).digest('hex');
}

export function stringToSign({ method, contentMd5, contentType, date, path }: SignedParts): string {
  return [method.toUpperCase(), contentMd5, contentType, date, path].join('\n');
}

/** The signature of a request to amojo. */
export function requestSignature(secret: string, parts: SignedParts): string {
  return hmac(secret, stringToSign(parts));
}

/** The signature of a hook: over the body and nothing else. */
export function hookSignature(secret: string, body: string | Buffer): string {
  return hmac(secret, body);
}

function hmac(secret: string, text: string | Buffer): string {
  return createHmac('sha1', secret).update(text).digest('hex');
}

/** Methods of before 2019, for which the signature over the body alone may still be good. */
const LEGACY_PATH = /\/(?:connect|disconnect|delivery_status)$|\/custom\/[^/]+$/;

export interface SigningRules {
  readonly channelSecret: string;
  readonly dateToleranceSeconds: number;
  readonly legacySignature: boolean;
}

/**
 * Checks a signed request.
 * @param now milliseconds since 1970
 * @returns why it is refused, or undefined where it is good
 */
export function whyNotSigned(
  request: { method: string; path: string; headers: IncomingHttpHeaders; raw: Buffer },
  { channelSecret: secret, dateToleranceSeconds, legacySignature }: SigningRules,
  now: number,
): string | undefined {
  const { method, path, headers, raw } = request;
  const { date = '', 'content-type': contentType = '' } = headers;
  const contentMd5 = single(headers['content-md5']);
  const given = single(headers['x-signature']);
  const sentAt = parseDate(date);
  if (given === '') return 'X-Signature is missing';
  if (legacySignature && contentMd5 === '' && raw.length > 0 && LEGACY_PATH.test(path)) {
    return isEqual(given, hmac(secret, raw)) ? undefined : 'X-Signature does not fit the body';
  }
  if (contentMd5 !== md5Of(raw)) return 'Content-MD5 is not the MD5 of the body';
  if (sentAt === undefined) return 'Date is no RFC 2822 date';
  if (Math.abs(now - sentAt) > dateToleranceSeconds * 1000) {
    return `Date is ${Math.round((now - sentAt) / 1000)} s old, ${dateToleranceSeconds} allowed`;
  }
  if (contentType === '' && raw.length > 0) return 'Content-Type is missing';
  const expected = requestSignature(secret, { method, contentMd5, contentType, date, path });
  return isEqual(given, expected) ? undefined : 'X-Signature does not fit method, date and path';
}

function single(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : '';
}

function isEqual(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

const RFC_2822 =
  /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})? (?:GMT|UTC|[+-]\d{4})$/;

/** RFC 2822 with a numeric zone or GMT; ISO 8601 and unix times are not dates here. */
function parseDate(text: string): number | undefined {
  if (!RFC_2822.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
