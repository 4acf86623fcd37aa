import { createHash, createHmac } from 'node:crypto';

/** One request as it will leave: what is signed here is what is sent. */
export interface Unsigned {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Without host and query. */
  readonly path: string;
  /** Empty where there is none. */
  readonly body: string;
  /** As RFC 2822 or 7231 write it; amojo takes it for 15 minutes. */
  readonly date: string;
}

const CONTENT_TYPE = 'application/json';

/**
 * The headers a request to amojo needs. `Content-MD5` is in hex, not in the base64 of RFC 1864.
 * https://www.amocrm.ru/developers/content/chats/chat-capabilities (copy of 2026-01-07)
 * @param secret the channel's, 40 hex digits, used as text
 */
export function sign({ method, path, body, date }: Unsigned, secret: string) {
  const md5 = createHash('md5').update(body).digest('hex');
  const signed = [method, md5, CONTENT_TYPE, date, path].join('\n');
  return {
    Date: date,
    'Content-Type': CONTENT_TYPE,
    'Content-MD5': md5,
    'X-Signature': createHmac('sha1', secret).update(signed).digest('hex'),
  };
}
