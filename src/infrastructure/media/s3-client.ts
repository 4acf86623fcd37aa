import { S3Client } from '@aws-sdk/client-s3';
import type { Bucket } from '../../domain/settings.js';

const ANY_NUMBER = { maxSockets: Infinity };

/**
 * A client of S3 and of what speaks like it, as plain as it can be:
 * - checksums only where S3 asks for them, and no `Expect: 100-continue`: other servers do not know all of it
 *   (docs.aws.amazon.com/sdkref/latest/guide/feature-dataintegrity.html)
 * - the bucket in the path where the server is named: a name of its own for each bucket is Amazon's habit
 * - as many connections as are asked for, where the SDK stops at 50: who calls has a limit of his own, and a reader
 *   who takes his time keeps the next one waiting for nothing
 * - one repeat, for a kept connection that was just being closed; whoever calls has repeats of his own
 * @param limits.idleMs while nothing is sent and nothing comes; absent where whoever reads may take his time
 */
export function s3Client(
  bucket: Bucket,
  limits: { readonly connectMs: number; readonly idleMs?: number },
): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey } = bucket;
  return new S3Client({
    ...(endpoint && { endpoint, forcePathStyle: true }),
    region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 2,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: limits.connectMs,
      socketTimeout: limits.idleMs ?? 0,
      httpAgent: ANY_NUMBER,
      httpsAgent: ANY_NUMBER,
    },
  });
}
