import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether two secrets are equal, in a time that does not tell how far they are: both are hashed first, so that neither
 * length nor content shows.
 */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** A header's secret after its scheme, if that is one of `schemes`. @param schemes in lower case */
export function secretIn(header: string, ...schemes: readonly string[]): string | undefined {
  const [, scheme = '', secret] = /^(\S+)\s+(\S.*)$/.exec(header.trim()) ?? [];
  return schemes.includes(scheme.toLowerCase()) ? secret : undefined;
}
