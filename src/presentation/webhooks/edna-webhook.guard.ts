import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { type Line, Lines } from '../../domain/line.js';
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

/** A post that has passed the guard. */
export interface OpenedRequest extends Request {
  /** Lines that its token opens, those that were removed among them. */
  opened?: readonly Line[];
}

/**
 * Lets a post through that carries a token of a line, where any line has one, and says which lines that opens: the
 * token of one company is no key to another's. edna sends its own key as `Authorization: Token <key>`; what cannot set
 * headers puts the token into the address.
 * edna probes an address with GET and HEAD before it knows any token, so these always pass.
 */
@Injectable()
export class EdnaWebhookGuard implements CanActivate {
  constructor(private readonly lines: Lines) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<OpenedRequest>();
    if (request.method === 'GET' || request.method === 'HEAD') return true;
    request.opened = openedBy(request, this.lines);
    if (request.opened.length === 0) throw new WrongWebhookToken();
    return true;
  }
}

function openedBy(request: Request, { all, removed }: Lines): readonly Line[] {
  const lines = [...all, ...removed];
  const isOpenToAll = all.every(hasNoToken);
  const presented = presentedBy(request);
  // Lines of one company mostly share a token; it is compared once.
  const tokens = new Set(lines.flatMap(({ edna }) => edna.webhookTokens));
  const fitting = new Set(
    [...tokens].filter((token) => presented.some((one) => isSameSecret(one, token))),
  );
  return lines.filter((line) => {
    return (
      (isOpenToAll && hasNoToken(line)) ||
      line.edna.webhookTokens.some((token) => fitting.has(token))
    );
  });
}

function hasNoToken({ edna }: Line): boolean {
  return edna.webhookTokens.length === 0;
}

function presentedBy(request: Request): readonly string[] {
  const header = request.headers.authorization ?? '';
  return [header, secretIn(header, 'token', 'bearer'), request.params.token, request.query.token]
    .flat()
    .filter((one) => typeof one === 'string' && one !== '') as readonly string[];
}
