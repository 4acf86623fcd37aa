import type { IncomingHttpHeaders } from 'node:http';
import { sign } from 'aws4';

/** What a request is signed with. */
export interface S3Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

interface Signed {
  readonly method: string;
  /** Path and query, as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/;

/** S3 takes no request that is older, or comes from the future. */
const SKEW_MS = 15 * 60_000;

/**
 * Why S3 would refuse a request, by the code it answers with; undefined where it would not. The signature is made
 * anew from what came (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html), by other hands than
 * those that made it.
 */
export function refusalOf(request: Signed, key: S3Key, now: Date): string | undefined {
  const { method, url, headers } = request;
  const [, id, day, region, names = '', signature] =
    AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  if (signature === undefined) return 'AccessDenied';
  if (id !== key.accessKeyId) return 'InvalidAccessKeyId';
  if (region !== key.region) return 'AuthorizationHeaderMalformed';
  const date = String(headers['x-amz-date']);
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const at = Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
  if (!(Math.abs(now.getTime() - at) <= SKEW_MS)) return 'RequestTimeTooSkewed';
  const signed = names.split(';');
  const isWhole = ['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) =>
    signed.includes(name),
  );
  const unsigned = Object.keys(headers).some(
    (name) => name.startsWith('x-amz-') && !signed.includes(name),
  );
  if (!isWhole || unsigned || !date.startsWith(day ?? '')) return 'AccessDenied';
  const question = {
    service: 's3',
    region: key.region,
    method,
    path: url,
    headers: Object.fromEntries(signed.map((name) => [name, String(headers[name])])),
    extraHeadersToInclude: Object.fromEntries(signed.map((name) => [name, true])),
  };
  const made = sign(question, key);
  const remade = /Signature=(\w+)$/.exec(String(made.headers?.['Authorization']))?.[1];
  return remade === signature ? undefined : 'SignatureDoesNotMatch';
}
