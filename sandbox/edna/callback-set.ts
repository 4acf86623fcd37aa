import type { Answer } from '../answer.ts';
import { isLoopback } from '../fetched-file.ts';
import { isGiven, isObject, shown, type JsonObject } from '../json.ts';
import { post, SHORT_ANSWER_BYTES } from '../post.ts';
import type { CallbackKind, Urls } from './callback-urls.ts';
import type { Channel } from './catalogue.ts';
import { refuseLegacy } from './refusals.ts';
import type { EdnaSettings } from './settings.ts';

const URL_CHARS = 500;

const FIELDS: Record<CallbackKind, string> = {
  incoming: 'inMessageCallbackUrl',
  status: 'statusCallbackUrl',
  template: 'messageMatcherCallbackUrl',
};

export interface CallbackRequest {
  /** Undefined for the whole account. */
  readonly channel: Channel | undefined;
  readonly urls: Urls;
}

/**
 * A body of `callback/set`.
 * @throws {Refusal} with the code in the body, and HTTP 200 unless the settings say otherwise
 */
export function readCallbacks(body: unknown, settings: EdnaSettings): CallbackRequest {
  const no = noOf(settings);
  if (!isObject(body)) throw no('error-syntax', 'the body is no JSON object');
  const channel = readSubjectId(body.subjectId, settings.channels, no);
  const urls = readUrls(body, no);
  for (const url of Object.values(urls)) checkAddress(url, settings, no);
  return { channel, urls };
}

/** Tries addresses: they count only if they answer now. @throws {Refusal} for the first that does not */
export async function probe(urls: Urls, settings: EdnaSettings): Promise<void> {
  for (const url of new Set(Object.values(urls))) await probeOne(url, settings, noOf(settings));
}

function noOf({ callbackRefusalStatus }: EdnaSettings): No {
  return (code, detail) => refuseLegacy(code, callbackRefusalStatus, detail);
}

type No = (code: string, detail: string) => Error;

function readSubjectId(value: unknown, channels: readonly Channel[], no: No): Channel | undefined {
  if (!isGiven(value)) return undefined;
  if (!Number.isInteger(value)) throw no('error-subject-id-format', 'subjectId is no integer');
  const channel = channels.find(({ subjectId, active }) => subjectId === value && active);
  if (channel === undefined) throw no('error-subject-unknown', `no channel ${shown(value)}`);
  return channel;
}

function readUrls(body: JsonObject, no: No): Urls {
  const given = Object.entries(FIELDS).flatMap(([kind, field]) => {
    const url = body[field] ?? '';
    if (typeof url !== 'string') throw no('error-syntax', `${field} is no text`);
    return url === '' ? [] : [[kind, url] as const];
  });
  if (given.length === 0) throw no('url-not-specified', 'no address is given');
  return Object.fromEntries(given);
}

function checkAddress(url: string, settings: EdnaSettings, no: No): void {
  if (url.length > URL_CHARS) {
    throw no('error-callback-url-max-length', `${url.length} characters, ${URL_CHARS} at most`);
  }
  const target = URL.canParse(url) ? new URL(url) : undefined;
  const isExempt =
    settings.callbackAddresses === 'https, loopback exempt' &&
    target?.protocol === 'http:' &&
    isLoopback(target.hostname);
  // An address without a port is on the port of its scheme.
  const isHttps = target?.protocol === 'https:' && target.port === '';
  if (!isHttps && !isExempt) throw no('error-callback-url-not-https', `${url} is not https on 443`);
}

/** Tries an address without any secret, as the bridge has to answer it. */
async function probeOne(url: string, settings: EdnaSettings, no: No): Promise<void> {
  const code = 'error-callback-url-not-available';
  if (settings.callbackTo === 'loopback' && !isLoopback(new URL(url).hostname)) {
    throw no(code, `the sandbox calls loopback addresses only, not ${url}`);
  }
  const methods = { 'get+head': ['GET', 'HEAD'], head: ['HEAD'], off: [] }[settings.probe];
  for (const method of methods) {
    const { status, error } = await post(url, {
      method,
      timeoutMs: settings.callbackTimeoutMs,
      maxBytes: SHORT_ANSWER_BYTES,
    });
    if (status !== 200) throw no(code, `${method} ${url}: ${status ?? error ?? 'no answer'}`);
  }
}

/** What `callback/set` answers where all is well. */
export const CALLBACKS_SET: Answer = { status: 200, body: { code: 'ok' } };
