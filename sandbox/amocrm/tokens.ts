import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { accountsOf, type AmojoAccount, type AmojoSettings } from '../amojo/settings.ts';
import type { Clock } from '../clock.ts';

interface Grant {
  readonly accountId: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  isUsed: boolean;
}

/** Why a code or a token was not taken. */
export type Unusable = 'unknown' | 'used' | 'expired';

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Codes and tokens of the integration, in all accounts. Their time goes by the twin's clock. */
export class Tokens {
  readonly #settings: AmojoSettings;
  readonly #clock: Clock;
  readonly #codes = new Map<string, Grant>();
  readonly #access = new Map<string, Grant>();
  readonly #refresh = new Map<string, Grant>();
  /** Accounts in which the integration is switched off: no token opens them. */
  readonly #switchedOff = new Set<string>();

  constructor(settings: AmojoSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** The code of a user's consent, which switches the integration on. */
  grantCode(accountId: string): string {
    this.#switchedOff.delete(accountId);
    const code = `def502${randomBytes(40).toString('hex')}`;
    this.#codes.set(code, this.#grant(accountId, this.#settings.codeSeconds));
    return code;
  }

  /** @param api the account's address, for the token's claims */
  exchangeCode(code: string, api: (accountId: string) => string): TokenPair | Unusable {
    return this.#spend(this.#codes.get(code), api);
  }

  /** Spends a refresh token: each works once. */
  refresh(token: string, api: (accountId: string) => string): TokenPair | Unusable {
    return this.#spend(this.#refresh.get(token), api);
  }

  /** The account a Bearer token opens: a granted one, or the long-lived one of the settings. */
  accountOf(token: string): AmojoAccount | undefined {
    const grant = this.#access.get(token);
    const isGood = grant !== undefined && !grant.isUsed && grant.expiresAt > this.#clock.now();
    const account = accountsOf(this.#settings).find(({ accountId, restToken }) =>
      isGood ? accountId === grant.accountId : restToken === token,
    );
    return account && this.#switchedOff.has(account.accountId) ? undefined : account;
  }

  /** The account of a refresh token that still works. */
  accountOfRefresh(token: string): AmojoAccount | undefined {
    const grant = this.#refresh.get(token);
    if (grant === undefined || whyUnusable(grant, this.#clock.now()) !== undefined)
      return undefined;
    return accountsOf(this.#settings).find(({ accountId }) => accountId === grant.accountId);
  }

  /** The integration is switched off: all its tokens are revoked, the long-lived one rests. */
  revoke(accountId: string): void {
    this.#switchedOff.add(accountId);
    for (const grants of [this.#codes, this.#access, this.#refresh]) {
      for (const grant of grants.values()) grant.isUsed ||= grant.accountId === accountId;
    }
  }

  switchOn(accountId: string): void {
    this.#switchedOff.delete(accountId);
  }

  #spend(grant: Grant | undefined, api: (accountId: string) => string): TokenPair | Unusable {
    if (grant === undefined) return 'unknown';
    const why = whyUnusable(grant, this.#clock.now());
    if (why !== undefined) return why;
    grant.isUsed = true;
    const { accountId } = grant;
    const accessToken = this.#jwt(accountId, api(accountId));
    const refreshToken = `def502${randomBytes(300).toString('hex')}`;
    const { accessTokenSeconds, refreshTokenSeconds } = this.#settings;
    this.#access.set(accessToken, this.#grant(accountId, accessTokenSeconds));
    this.#refresh.set(refreshToken, this.#grant(accountId, refreshTokenSeconds));
    return { accessToken, refreshToken };
  }

  #grant(accountId: string, seconds: number): Grant {
    return { accountId, expiresAt: this.#clock.now() + seconds * 1000, isUsed: false };
  }

  #jwt(accountId: string, apiDomain: string): string {
    const { integrationId, integrationSecret, accessTokenSeconds } = this.#settings;
    const now = Math.floor(this.#clock.now() / 1000);
    const account = accountsOf(this.#settings).find((one) => one.accountId === accountId);
    const claims = {
      aud: integrationId,
      jti: randomUUID(),
      iat: now,
      nbf: now,
      exp: now + accessTokenSeconds,
      sub: '880011',
      account_id: account?.accountNumber,
      api_domain: apiDomain,
      scopes: ['crm', 'files', 'notifications'],
    };
    const unsigned = [{ typ: 'JWT', alg: 'HS256' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const mac = createHmac('sha256', integrationSecret).update(unsigned).digest('base64url');
    return `${unsigned}.${mac}`;
  }
}

function whyUnusable(grant: Grant, now: number): Unusable | undefined {
  if (grant.isUsed) return 'used';
  return grant.expiresAt > now ? undefined : 'expired';
}
