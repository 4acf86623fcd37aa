import { createHash } from 'node:crypto';
import { post } from './post.ts';

/** A file as the far end got it. */
export interface FetchedFile {
  readonly url: string;
  readonly sizeBytes: number;
  readonly contentType: string | undefined;
  /** Tells two files apart, whatever address they were fetched from. */
  readonly sha1: string;
  readonly bytes: Buffer;
}

const MAX_BYTES = 20 * 1024 * 1024;

export function sha1Of(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex');
}

/**
 * Fetches a file as edna and amoCRM do, some time after they have answered.
 * @param from `loopback` refuses every other host, so that a sandbox never calls out
 * @throws {Error} with the reason
 */
export async function fetchFile(
  url: string,
  from: 'loopback' | 'anywhere',
  signal?: AbortSignal,
): Promise<FetchedFile> {
  const { hostname, protocol } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') throw new Error(`not a web address: ${url}`);
  if (from === 'loopback' && !isLoopback(hostname)) {
    throw new Error(`only loopback addresses are fetched, not ${hostname}`);
  }
  const { status, headers, body, error } = await post(url, {
    method: 'GET',
    maxBytes: MAX_BYTES,
    signal,
  });
  if (status !== undefined && status !== 200) throw new Error(`answered ${status}`);
  if (error !== undefined) throw new Error(error);
  const contentType = headers?.['content-type'];
  return {
    url,
    sizeBytes: body.length,
    contentType: typeof contentType === 'string' ? contentType : undefined,
    sha1: sha1Of(body),
    bytes: body,
  };
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
