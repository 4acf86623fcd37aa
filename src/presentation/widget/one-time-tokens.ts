import { Injectable } from '@nestjs/common';
import { errors, jwtVerify, type JWTPayload } from 'jose';
import { UsedTokens } from '../../domain/ports.js';
import type { Language } from '../../domain/reasons.js';
import { Alarm } from '../dispatcher/alarm.js';
import { WidgetAccess } from './widget-access.js';
import { WidgetRefusal } from './widget-refusal.js';
import { widgetText, type WidgetText } from './widget-texts.js';

/** How far amoCRM's clock and ours may be apart. */
const CLOCKS_SECONDS = 60;

/** Tokens live for half an hour: one a second, all that time, is more than the administrators of many accounts make. */
const REMEMBERED = 2_000;

/** Who is at the widget, as amoCRM says it. */
export interface Visitor {
  /** The account's own address, without the scheme: `acme.amocrm.ru`. */
  readonly host: string;
  /** Its number, which amoCRM's support knows it by. */
  readonly account: string;
}

/**
 * The tokens that amoCRM's page gives a widget for its requests: JWT, HS256 with the integration's secret.
 * https://www.amocrm.ru/developers/content/oauth/disposable-tokens (copy of 2026-01-07)
 *
 * `aud` is not compared: it is made of the integration's redirect address, which an integration with a long-lived token
 * sets to anything, and the secret and `client_uuid` say already whom the token is for. Whether `is_admin` is there is
 * not documented; where it is and says no, that counts.
 */
@Injectable()
export class OneTimeTokens {
  constructor(
    private readonly access: WidgetAccess,
    private readonly alarm: Alarm,
    private readonly used: UsedTokens,
  ) {}

  /** Takes a token, once, at whichever replica. @throws {WidgetRefusal} in the given language, JournalUnavailable */
  async take(token: unknown, language: Language): Promise<Visitor> {
    const { clientId, clientSecret } = this.access;
    if (!clientId || !clientSecret) throw refusal(404, 'widget-off', language);
    const claims = await this.read(typeof token === 'string' ? token : '', clientSecret, language);
    const { jti = '', exp = 0, client_uuid: client, iss, account_id: account } = claims;
    const host = hostOf(iss);
    if (!host || jti === '' || String(client).toLowerCase() !== clientId.toLowerCase()) {
      throw refusal(401, 'wrong-token', language);
    }
    await this.use(jti, (exp + CLOCKS_SECONDS) * 1_000, language);
    if (claims['is_admin'] === false) throw refusal(403, 'not-admin', language);
    return { host, account: String(account) };
  }

  private async read(token: string, secret: string, language: Language): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
        algorithms: ['HS256'],
        currentDate: this.alarm.date(),
        clockTolerance: CLOCKS_SECONDS,
        requiredClaims: ['iss', 'jti', 'exp', 'client_uuid', 'account_id'],
      });
      return payload;
    } catch (error) {
      const isTime =
        error instanceof errors.JWTExpired ||
        (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf');
      throw refusal(401, isTime ? 'token-expired' : 'wrong-token', language);
    }
  }

  private async use(id: string, untilMs: number, language: Language): Promise<void> {
    const times = { now: this.alarm.date(), until: new Date(untilMs), most: REMEMBERED };
    const use = await this.used.use(id, times);
    if (use === 'again') throw refusal(401, 'token-used', language);
    if (use === 'too-many') throw refusal(429, 'too-many', language);
  }
}

function refusal(status: number, code: WidgetText, language: Language): WidgetRefusal {
  return new WidgetRefusal(status, code, widgetText(code, language));
}

function hostOf(address: unknown): string | undefined {
  const url = typeof address === 'string' ? URL.parse(address) : null;
  return url?.protocol === 'https:' ? url.host : undefined;
}
