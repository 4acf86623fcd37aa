import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { accountHookToken } from '../../domain/ids.js';
import { Lines, secretsOf, type Line } from '../../domain/line.js';
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

/** A request that was let through, and the lines whose token it carries: those of one account and channel share it. */
export type AccountRequest = Request & { lines?: readonly Line[] };

/**
 * amoCRM signs its account webhooks with nothing, so that the address itself is the secret. The one that follows from
 * a secret before the present one is still good: amoCRM goes on posting there.
 */
@Injectable()
export class AmocrmAccountGuard implements CanActivate {
  constructor(private readonly lines: Lines) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<AccountRequest>();
    const { token: presented } = request.params;
    if (typeof presented !== 'string') throw new WrongAccountToken();
    const found = this.lines.all.filter((line) => isOpenedBy(presented, line));
    if (found.length === 0) throw new WrongAccountToken();
    request.lines = found;
    return true;
  }
}

/** amoCRM goes on with the address from before a change of secrets, until the command registers the next one. */
function isOpenedBy(presented: string, line: Line): boolean {
  return secretsOf(line).some((channelSecret) =>
    isSameSecret(presented, accountHookToken({ ...line.amo, channelSecret })),
  );
}
