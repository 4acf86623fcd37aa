import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

export interface PostDraft {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly timeoutMs?: number;
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

/**
 * Sends one request on a connection of its own and never throws. A kept connection that the
 * receiver has just closed would lose a hook, and amoCRM sends each hook once.
 */
export function post(url: string, draft: PostDraft = {}): Promise<PostResult> {
  const { method = 'POST', headers = {}, body = '', timeoutMs = 10_000, signal } = draft;
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const settle = (result: Omit<PostResult, 'durationMs'>): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      resolve({ ...result, durationMs: performance.now() - startedAt });
    };
    const fail = (error: Error): void => settle({ error: error.message, body: Buffer.alloc(0) });
    let target: URL;
    try {
      target = new URL(url);
    } catch {
      resolve({ error: `not an address: ${url}`, body: Buffer.alloc(0), durationMs: 0 });
      return;
    }
    const send = target.protocol === 'https:' ? tlsRequest : plainRequest;
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const request = send(
      target,
      {
        method,
        agent: false,
        headers: { ...headers, 'Content-Length': String(bytes.length), Connection: 'close' },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () =>
          settle({
            status: response.statusCode,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    const abort = (): void => {
      request.destroy(new Error('the sandbox was closed'));
    };
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    signal?.addEventListener('abort', abort);
    request.on('error', fail);
    if (signal?.aborted === true) abort();
    request.end(bytes);
  });
}
