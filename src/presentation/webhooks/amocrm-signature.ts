import { createHmac, timingSafeEqual } from 'node:crypto';
import { setImmediate as others } from 'node:timers/promises';
import { secretsOf, type Line } from '../../domain/line.js';

/** So much is hashed before other requests have their turn: a millisecond or two. */
const STEP_BYTES = 1024 * 1024;

/** @param header of one or of several; upper and lower case are the same */
export function signatureIn(header: string | readonly string[] | undefined): Buffer | undefined {
  if (typeof header !== 'string' || !/^[0-9a-f]{40}$/i.test(header.trim())) return undefined;
  return Buffer.from(header.trim(), 'hex');
}

/** The lines with the secret that a signature was made with; none where no secret fits. */
export async function signersAmong(
  lines: readonly Line[],
  raw: Buffer,
  signature: Buffer,
): Promise<readonly Line[]> {
  let bytes = 0;
  for (const secret of new Set(lines.flatMap(secretsOf))) {
    if (bytes >= STEP_BYTES) {
      await others();
      bytes = 0;
    }
    if (hasSigned(secret, raw, signature)) {
      return lines.filter((line) => secretsOf(line).includes(secret));
    }
    bytes += 2 * raw.length;
  }
  return [];
}

/** amoCRM signs the body without the newline that ends it on the wire: seen on real hooks, though not documented. */
function hasSigned(secret: string, raw: Buffer, signature: Buffer): boolean {
  if (secret === '') return false;
  const fits = (...pieces: readonly Buffer[]) => {
    const hmac = createHmac('sha1', secret);
    for (const piece of pieces) hmac.update(piece);
    return timingSafeEqual(hmac.digest(), signature);
  };
  if (fits(raw)) return true;
  return raw.at(-1) === NEWLINE[0] ? fits(raw.subarray(0, -1)) : fits(raw, NEWLINE);
}

const NEWLINE = Buffer.from('\n');
