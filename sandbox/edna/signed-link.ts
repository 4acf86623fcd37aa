import { createHmac, timingSafeEqual } from 'node:crypto';

/** edna keeps what clients send for seven days. */
export const LINK_LIFE_SECONDS = 604_800;

/** Known to the file store alone, so that only links it made itself open a file. */
const SECRET = 'the-file-store-of-the-sandbox';

/** @returns the query that opens a file until `expires`, in seconds since 1970 */
export function signedQuery(path: string, keyId: string, expires: number): string {
  const query = new URLSearchParams({
    AWSAccessKeyId: keyId,
    Expires: String(expires),
    Signature: signatureOf(path, keyId, String(expires)),
  });
  return query.toString();
}

/** `bad`: the signature is missing, or belongs to another file, key or time. */
export function linkState(
  path: string,
  query: URLSearchParams,
  now: number,
): 'good' | 'bad' | 'expired' {
  const keyId = query.get('AWSAccessKeyId') ?? '';
  const expires = query.get('Expires') ?? '';
  const given = Buffer.from(query.get('Signature') ?? '');
  const right = Buffer.from(signatureOf(path, keyId, expires));
  if (given.length !== right.length || !timingSafeEqual(given, right)) return 'bad';
  return Number(expires) * 1000 < now ? 'expired' : 'good';
}

function signatureOf(path: string, keyId: string, expires: string): string {
  return createHmac('sha1', SECRET).update(`${path}\n${keyId}\n${expires}`).digest('base64url');
}
