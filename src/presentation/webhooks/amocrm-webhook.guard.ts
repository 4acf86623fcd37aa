import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { type Line, Lines } from '../../domain/line.js';
import { signatureIn, signersAmong } from './amocrm-signature.js';
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
  /** Lines whose secret fits its signature, those that were removed among them. */
  signers?: readonly Line[];
  /** Nobody looked at its signature. */
  isUnsigned?: boolean;
}

/** So many unknown bodies are being looked at that another one would only wait for them in memory. */
export class TooManyUnknown extends Error {
  override readonly name = 'TooManyUnknown';

  constructor() {
    super(
      'Too many bodies are being checked whose signature is not that of the scope in their address. Post to /webhooks/amocrm/<scope id>.',
    );
  }
}

/** Of bodies whose signature is looked for among all secrets; the small ones, as hooks are, find room a while longer. */
const UNKNOWN_BYTES = { all: 8 * 1024 * 1024, large: 4 * 1024 * 1024 };
const LARGE_BYTES = 16 * 1024;

/**
 * Lets a hook through whose signature fits its bytes, before anything parses them, and says whose secret it was. The
 * secrets of the scope in its address are tried first, and a genuine hook costs no more however many lines there are.
 * Then all others are: a genuine hook to a wrong address is kept for the operator, for amoCRM sends it once, and so is
 * one for a line that was removed. With many lines that takes long, so it is done in steps between which others are
 * served.
 */
@Injectable()
export class AmocrmWebhookGuard implements CanActivate {
  private unknownBytes = 0;

  constructor(
    private readonly lines: Lines,
    private readonly settings: WebhookSettings,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<SignedRequest>();
    request.isUnsigned = this.settings.signature === 'off';
    request.signers = request.isUnsigned
      ? this.lines.all
      : await this.signersOf(rawBody(request), request);
    if (request.signers.length === 0 && !request.isUnsigned) throw new WrongSignature();
    return true;
  }

  private async signersOf(raw: Buffer, { headers, params }: Request): Promise<readonly Line[]> {
    const signature = signatureIn(headers['x-signature']);
    if (!signature) return [];
    const scope = String(params['scopeId'] ?? '').toLowerCase();
    const isOwn = (line: Line) => line.scopeId.toLowerCase() === scope;
    const lines = [...this.lines.all, ...this.lines.removed];
    const own = await signersAmong(lines.filter(isOwn), raw, signature);
    if (own.length > 0) return own;
    const rest = lines.filter((line) => !isOwn(line));
    return rest.length === 0 ? rest : this.search(rest, raw, signature);
  }

  private async search(
    lines: readonly Line[],
    raw: Buffer,
    signature: Buffer,
  ): Promise<readonly Line[]> {
    const most = raw.length > LARGE_BYTES ? UNKNOWN_BYTES.large : UNKNOWN_BYTES.all;
    if (this.unknownBytes + raw.length > most) throw new TooManyUnknown();
    this.unknownBytes += raw.length;
    try {
      return await signersAmong(lines, raw, signature);
    } finally {
      this.unknownBytes -= raw.length;
    }
  }
}
