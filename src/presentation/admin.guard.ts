import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { isSameSecret, secretIn } from './same-secret.js';

/** What an operator's requests have to carry. Always set: made at start where the settings have none. */
export class AdminToken {
  /** @param isChosen whether an operator set it himself */
  constructor(
    readonly value: string,
    readonly isChosen = true,
  ) {}
}

export class WrongAdminToken extends Error {
  override readonly name = 'WrongAdminToken';

  constructor() {
    super(
      'The token does not fit. Send it in the header Authorization as "Bearer <token>"; it is the setting ADMIN_TOKEN.',
    );
  }
}

/** Lets operators through. */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(private readonly token: AdminToken) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<Request>();
    const presented = secretIn(headers.authorization ?? '', 'bearer') ?? '';
    if (presented !== '' && isSameSecret(presented, this.token.value)) return true;
    throw new WrongAdminToken();
  }
}

/** Who sees how the bridge is doing: everybody, until an operator has chosen a token. */
@Injectable()
export class OperatorAccess {
  constructor(private readonly token: AdminToken) {}

  allows({ headers }: Request): boolean {
    if (!this.token.isChosen) return true;
    const presented = secretIn(headers.authorization ?? '', 'bearer') ?? '';
    return presented !== '' && isSameSecret(presented, this.token.value);
  }

  /** @throws {WrongAdminToken} */
  demand(request: Request): void {
    if (!this.allows(request)) throw new WrongAdminToken();
  }
}
