import { Injectable } from '@nestjs/common';
import { DeliveryError } from '../../domain/errors.js';
import { Lines } from '../../domain/line.js';
import type { OauthSettings } from '../../oauth-settings.js';
import { Http } from '../http.js';
import { isTaken, toDeliveryError, type Answer } from '../http-answer.js';
import { dig, idOf, numberIn, parseJson, textOf } from '../json.js';
import { isPage, WORDS } from './amocrm.answer.js';

/** The integration of the settings, where there is one. */
export class Integration {
  constructor(readonly settings?: OauthSettings) {}
}

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInMs: number;
}

/** Why a token or a code was not taken: it is spent for good, or something is wrong that can be mended. */
export type OauthFault = 'refused' | 'settings' | 'moved' | 'unpaid' | 'forbidden';

export class OauthRefusal extends DeliveryError {
  constructor(
    readonly fault: OauthFault,
    message: string,
    httpStatus: number,
  ) {
    super('blocked', message, { httpStatus });
  }
}

/**
 * Codes and tokens: https://www.amocrm.ru/developers/content/oauth/step-by-step (copy of 2026-01-07). Both kinds of
 * token are changed at the account's own host.
 */
@Injectable()
export class AmocrmOauth {
  constructor(
    private readonly http: Http,
    private readonly integration: Integration,
    private readonly lines: Lines,
  ) {}

  /** @throws {DeliveryError} `OauthRefusal` where amoCRM says no */
  redeem(host: string, code: string): Promise<TokenPair> {
    return this.ask(host, { grant_type: 'authorization_code', code });
  }

  /** Spends the token, whatever the answer. @throws {DeliveryError} `OauthRefusal` where amoCRM says no */
  refresh(host: string, refreshToken: string): Promise<TokenPair> {
    return this.ask(host, { grant_type: 'refresh_token', refresh_token: refreshToken });
  }

  /** Whose account a token opens. @throws {DeliveryError} */
  async account(
    host: string,
    accessToken: string,
  ): Promise<{ readonly accountId: string; readonly accountNumber: string }> {
    const answer = await this.http.send({
      upstream: 'amocrm',
      method: 'GET',
      url: `${this.addressOf(host)}/api/v4/account?with=amojo_id`,
      headers: { Authorization: `Bearer ${accessToken}` },
    });
    if (!isTaken(answer)) throw refusal(answer);
    const body = parseJson(answer.body);
    const accountId = textOf(dig(body, 'amojo_id'));
    const accountNumber = idOf(dig(body, 'id'));
    if (accountId && accountNumber) return { accountId, accountNumber };
    throw new DeliveryError('blocked', 'amocrm named no account', { httpStatus: answer.status });
  }

  /** An account's address. The settings may know it by another scheme than life does. */
  addressOf(host: string): string {
    const known = this.lines.all.flatMap(({ crm }) => crm?.baseUrl ?? []);
    return known.find((address) => new URL(address).host === host) ?? `https://${host}`;
  }

  private async ask(host: string, grant: Readonly<Record<string, string>>): Promise<TokenPair> {
    const { settings } = this.integration;
    if (!settings) throw new DeliveryError('blocked', 'amocrm: AMOCRM_CLIENT_ID is not set');
    const { clientId, clientSecret, redirectUri } = settings;
    const answer = await this.http.send({
      upstream: 'amocrm',
      method: 'POST',
      url: `${this.addressOf(host)}/oauth2/access_token`,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        client_id: clientId,
        client_secret: clientSecret,
        ...grant,
        redirect_uri: redirectUri,
      }),
    });
    if (!isTaken(answer)) throw refusal(answer);
    const pair = pairIn(answer);
    // It was taken, so what was spent is spent, and what came of it nobody knows.
    if (!pair) throw new DeliveryError('unknown', 'amocrm answered without tokens');
    return pair;
  }
}

/** Documented is a day. A life of nothing would have a pair changed again and again, and one for ever never. */
const LIFE_MS = { least: 60_000, most: 31 * 24 * 3_600_000 };

function pairIn({ body }: Answer): TokenPair | undefined {
  const said = parseJson(body);
  const accessToken = textOf(dig(said, 'access_token'));
  const refreshToken = textOf(dig(said, 'refresh_token'));
  const seconds = numberIn(dig(said, 'expires_in')) ?? -1;
  if (!accessToken || !refreshToken || seconds < 0) return undefined;
  return {
    accessToken,
    refreshToken,
    expiresInMs: Math.min(Math.max(seconds * 1_000, LIFE_MS.least), LIFE_MS.most),
  };
}

/** Whatever is no refusal of the request itself passes by itself: too many requests, a fault, no answer. */
function refusal(answer: Answer): DeliveryError {
  const { status } = answer;
  const fault = faultOf(answer);
  if (!fault) return toDeliveryError('amocrm', answer);
  const words = fault === 'forbidden' && isPage(answer) ? WORDS.blocked : SAID[fault];
  return new OauthRefusal(fault, `amocrm answered ${status}: ${words}`, status);
}

/** A 400 that names a parameter spends nothing: it is the settings that are wrong. */
function faultOf({ status, body }: Answer): OauthFault | undefined {
  if (status === 402) return 'unpaid';
  if (status === 403) return 'forbidden';
  if (status < 400 || status === 404 || status === 405) return 'moved';
  if (status !== 400 && status !== 401) return undefined;
  return /^Check the/i.test(textOf(dig(parseJson(body), 'hint')) ?? '') ? 'settings' : 'refused';
}

const SAID: Readonly<Record<OauthFault, string>> = {
  refused: 'the code or the token is not valid, or was used before',
  settings: 'AMOCRM_CLIENT_ID, AMOCRM_CLIENT_SECRET or PUBLIC_URL are not those of the integration',
  moved: 'the account is not at this address any more',
  unpaid: WORDS.unpaid,
  forbidden: 'the integration may not be used in this account',
};
