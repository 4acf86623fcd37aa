import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

export interface PostDraft {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly timeoutMs?: number;
  /** A longer answer is not read to its end: it comes back with its status and an `error`. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/** What came back, or why nothing did. */
export interface PostResult {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly error?: string;
  readonly durationMs: number;
}

/** Enough for an answer of which the status alone is looked at. */
export const SHORT_ANSWER_BYTES = 64 * 1024;

/**
 * Sends one request on a connection of its own and never throws. A kept connection that the
 * receiver has just closed would lose a hook, and amoCRM sends each hook once.
 */
export async function post(url: string, draft: PostDraft = {}): Promise<PostResult> {
  const startedAt = performance.now();
  const result = await exchange(url, draft).catch((error: Error) => ({
    error: error.message,
    body: Buffer.alloc(0),
  }));
  return { ...result, durationMs: performance.now() - startedAt };
}

/** @throws {Error} with the reason where no answer came, or the request could not even be made */
async function exchange(url: string, draft: PostDraft): Promise<Omit<PostResult, 'durationMs'>> {
  if (!URL.canParse(url)) throw new Error(`not an address: ${url}`);
  const target = new URL(url);
  const { method = 'POST', headers = {}, body = '', timeoutMs = 10_000, signal } = draft;
  const { maxBytes = Infinity } = draft;
  const { promise, resolve, reject } = Promise.withResolvers<Omit<PostResult, 'durationMs'>>();
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const send = target.protocol === 'https:' ? tlsRequest : plainRequest;
  const request = send(
    target,
    {
      method,
      agent: false,
      headers: { ...headers, 'Content-Length': String(bytes.length), Connection: 'close' },
    },
    (response) => {
      const { statusCode: status, headers: received } = response;
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        chunks.push(chunk);
        if (length <= maxBytes) return;
        const error = `larger than ${maxBytes} bytes`;
        resolve({ status, headers: received, error, body: Buffer.alloc(0) });
        request.destroy();
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status, headers: received, body: Buffer.concat(chunks) }));
    },
  );
  const stop = (why: string): void => {
    reject(new Error(why));
    request.destroy();
  };
  const abort = (): void => stop('the sandbox was closed');
  const timer = setTimeout(() => stop(`no answer within ${timeoutMs} ms`), timeoutMs);
  signal?.addEventListener('abort', abort);
  request.on('error', reject);
  if (signal?.aborted === true) abort();
  request.end(bytes);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
