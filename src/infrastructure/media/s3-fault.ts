import { MediaFault, type MediaTrouble } from '../../domain/media.js';
import { errorCode } from './error-code.js';

/** What S3 answered, or what kept it from answering. Codes: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function s3Status(error: unknown): number | undefined {
  const { $metadata } = (error ?? {}) as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}

/** Its code for a refusal, the system's for a network fault; never words, in which addresses stand. */
export function s3Code(error: unknown): string {
  const { name } = (error ?? {}) as { name?: unknown };
  const code = s3Status(error) === undefined ? errorCode(error) : undefined;
  return code ?? (typeof name === 'string' && /^\w+$/.test(name) ? name : 'network-fault');
}

/** @param trouble what it is for whoever called */
export function s3Fault(error: unknown, trouble: MediaTrouble): MediaFault {
  return new MediaFault(trouble, `the bucket: ${s3Code(error)}`, error);
}

/** A 404 of the key. One of the bucket says nothing about it. */
export function isAbsent(error: unknown): boolean {
  return s3Status(error) === 404 && s3Code(error) !== 'NoSuchBucket';
}
