import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { Lines } from '../../domain/line.js';
import { isSameSecret, secretIn } from '../same-secret.js';

/** A post to edna's webhook without the token that is set for it. */
export class WrongWebhookToken extends Error {
  override readonly name = 'WrongWebhookToken';

  constructor() {
    super(
      'The token does not fit. Send it in the header Authorization as "Token <token>"; it is the setting EDNA_WEBHOOK_TOKEN.',
    );
  }
}

/**
 * Lets a post through that carries one of the lines' tokens, where any line has one. edna sends its own key as
 * `Authorization: Token <key>`; what cannot set headers puts the token into the address.
 * edna probes an address with GET and HEAD before it knows any token, so these always pass.
 */
@Injectable()
export class EdnaWebhookGuard implements CanActivate {
  private readonly tokens: readonly string[];

  constructor(lines: Lines) {
    this.tokens = lines.all.flatMap(({ edna }) => edna.webhookToken || []);
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const isProbe = request.method === 'GET' || request.method === 'HEAD';
    if (isProbe || this.tokens.length === 0) return true;
    const presented = presentedBy(request);
    if (presented.some((one) => this.tokens.some((token) => isSameSecret(one, token)))) return true;
    throw new WrongWebhookToken();
  }
}

function presentedBy(request: Request): readonly string[] {
  const header = request.headers.authorization ?? '';
  return [header, secretIn(header, 'token', 'bearer'), request.params.token, request.query.token]
    .flat()
    .filter((one) => typeof one === 'string' && one !== '') as readonly string[];
}
