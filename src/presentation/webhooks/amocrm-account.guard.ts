import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { accountHookToken } from '../../domain/ids.js';
import { Lines, type Line } from '../../domain/line.js';
import { isSameSecret } from '../same-secret.js';

/** A post to the address of account webhooks without the token in it. */
export class WrongAccountToken extends Error {
  override readonly name = 'WrongAccountToken';

  constructor() {
    super(
      'The token in the address does not fit. It follows from AMOCRM_CHANNEL_SECRET; "bridge templates sync" registers the right address.',
    );
  }
}

/** A request that was let through, and the line whose token it carries. */
export type AccountRequest = Request & { line?: Line };

/** amoCRM signs its account webhooks with nothing, so that the address itself is the secret. */
@Injectable()
export class AmocrmAccountGuard implements CanActivate {
  private readonly tokens: readonly { readonly line: Line; readonly token: string }[];

  constructor(lines: Lines) {
    this.tokens = lines.all.map((line) => ({
      line,
      token: accountHookToken(line.amo.channelSecret),
    }));
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<AccountRequest>();
    const { token: presented } = request.params;
    if (typeof presented !== 'string') throw new WrongAccountToken();
    const found = this.tokens.filter(({ token }) => isSameSecret(presented, token));
    if (!found[0]) throw new WrongAccountToken();
    request.line = found[0].line;
    return true;
  }
}
