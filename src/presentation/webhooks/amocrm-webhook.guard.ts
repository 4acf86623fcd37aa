import { createHmac, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { type Line, Lines, secretsOf } from '../../domain/line.js';
import { rawBody } from './raw-body.js';
import { WebhookSettings } from './webhook-settings.js';

/** A hook that no secret of ours has signed. */
export class WrongSignature extends Error {
  override readonly name = 'WrongSignature';

  constructor() {
    super(
      'The signature does not fit. The header X-Signature must be the hex HMAC-SHA1 of the body as it is sent, with the secret of the channel: the setting AMOCRM_CHANNEL_SECRET.',
    );
  }
}

/** A request that has passed the guard. */
export interface SignedRequest extends Request {
  /** Lines whose secret fits its signature. */
  signers?: readonly Line[];
  /** Nobody looked at its signature. */
  isUnsigned?: boolean;
}

/**
 * Lets a hook through whose signature fits its bytes, before anything parses them, and says whose secret it was.
 * Every secret we hold is tried: a genuine hook to a wrong address is kept for the operator, for amoCRM sends it once.
 */
@Injectable()
export class AmocrmWebhookGuard implements CanActivate {
  constructor(
    private readonly lines: Lines,
    private readonly settings: WebhookSettings,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<SignedRequest>();
    request.isUnsigned = this.settings.signature === 'off';
    request.signers = request.isUnsigned
      ? this.lines.all
      : signersOf(rawBody(request), request.headers['x-signature'], this.lines.all);
    if (request.signers.length === 0 && this.settings.signature === 'on') {
      throw new WrongSignature();
    }
    return true;
  }
}

/** @param header of one or of several; upper and lower case are the same */
export function signersOf(
  raw: Buffer,
  header: string | readonly string[] | undefined,
  lines: readonly Line[],
): readonly Line[] {
  if (typeof header !== 'string' || !/^[0-9a-f]{40}$/i.test(header.trim())) return [];
  const signature = Buffer.from(header.trim(), 'hex');
  const fitting = new Map<string, boolean>();
  const hasFitting = (secret: string): boolean => {
    const fits = fitting.get(secret) ?? hasSigned(secret, raw, signature);
    fitting.set(secret, fits);
    return fits;
  };
  return lines.filter((line) => secretsOf(line).some(hasFitting));
}

/** amoCRM signs the body without the newline that ends it on the wire: seen on real hooks, though not documented. */
function hasSigned(secret: string, raw: Buffer, signature: Buffer): boolean {
  if (secret === '') return false;
  const fits = (...pieces: readonly Buffer[]) => {
    const hmac = createHmac('sha1', secret);
    for (const piece of pieces) hmac.update(piece);
    return timingSafeEqual(hmac.digest(), signature);
  };
  const endsInNewline = raw.at(-1) === NEWLINE[0];
  return fits(raw) || (endsInNewline && fits(raw.subarray(0, -1))) || fits(raw, NEWLINE);
}

const NEWLINE = Buffer.from('\n');
