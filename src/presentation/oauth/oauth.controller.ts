import { createHmac, randomBytes } from 'node:crypto';
import { BadRequestException, Controller, Get, Logger, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CrmAccess } from '../../domain/crm-access.js';
import { DeliveryError, JournalUnavailable } from '../../domain/errors.js';
import { Settings } from '../../domain/settings.js';
import type { OauthSettings } from '../../oauth-settings.js';
import { ConnectAccount, NotOurAccount, NotOurHost } from '../../use-cases/connect-account.js';
import { Alarm } from '../dispatcher/alarm.js';
import { isSameSecret } from '../same-secret.js';
import { consentPage, policyOf, STATUS, type ConsentEnd } from './consent-page.js';
import { CONSENT_MS, ConsentState, MODES, type ConsentMode } from './consent-state.js';

/** The integration of the settings, as far as browsers and amoCRM's hooks have to do with it. */
export class OauthDoor {
  readonly state?: ConsentState;

  constructor(readonly settings?: OauthSettings) {
    if (settings) this.state = new ConsentState(settings.secretKey);
  }
}

export class OauthOff extends Error {
  override readonly name = 'OauthOff';

  constructor() {
    super(
      'Access by consent is off. Set AMOCRM_CLIENT_ID, AMOCRM_CLIENT_SECRET, SECRET_KEY and PUBLIC_URL, or use a long-lived token: AMOCRM_TOKEN.',
    );
  }
}

export class WrongDisableSignature extends Error {
  override readonly name = 'WrongDisableSignature';

  constructor() {
    super(
      'The signature does not fit. It must be the hex HMAC-SHA256 of "client_uuid|account_id" with the secret key of the integration: the setting AMOCRM_CLIENT_SECRET.',
    );
  }
}

/**
 * Anybody can come with codes that are none, and each of them is a request of ours: amoCRM blocks an address that sends
 * too many. People connect an account once. So many of those who began here, and as many of those who say that a widget
 * was installed: the latter need nothing for it, and are not to keep the former out.
 */
const MOST_CODES = 10;
const MINUTE_MS = 60_000;

const COOKIE = 'amocrm_consent';

/** Far longer than any code of amoCRM's, which has some hundred characters. */
const MOST_CHARS = 4_096;

type Query = Readonly<Record<string, unknown>>;

/**
 * Access to amoCRM accounts by consent: https://www.amocrm.ru/developers/content/oauth/step-by-step (copy of
 * 2026-01-07).
 */
@Controller('oauth/amocrm')
@ApiTags('oauth')
export class OauthController {
  private readonly logger = new Logger(OauthController.name);
  /** When the latest codes came that were sent on: of those who began here, and of those who did not. */
  private readonly codesAt = { asked: [] as readonly number[], unasked: [] as readonly number[] };

  constructor(
    private readonly door: OauthDoor,
    private readonly connect: ConnectAccount,
    private readonly access: CrmAccess,
    private readonly settings: Settings,
    private readonly alarm: Alarm,
  ) {}

  @Get('start')
  @ApiOperation({ summary: 'Leads an administrator of an amoCRM account to its page of consent' })
  @ApiQuery({ name: 'mode', required: false, enum: MODES })
  start(@Query('mode') asked: unknown, @Res() response: Response): void {
    const { settings, state: states } = this.opened();
    const mode = asked === undefined || asked === '' ? 'post_message' : asked;
    if (!isMode(mode)) throw new BadRequestException(`mode is one of: ${MODES.join(', ')}.`);
    const { state, cookie } = states.issue(mode, this.alarm.date());
    const target = new URL(settings.consentUrl);
    target.searchParams.set('client_id', settings.clientId);
    target.searchParams.set('state', state);
    target.searchParams.set('mode', mode);
    response
      .cookie(COOKIE, cookie, { ...cookieOf(settings), maxAge: CONSENT_MS })
      .set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' })
      .redirect(302, target.href);
  }

  @Get('callback')
  @ApiOperation({ summary: 'Where amoCRM leads the administrator back to, with a code' })
  async callback(
    @Query() query: Query,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { settings, state: states } = this.opened();
    const state = textOf(query, 'state');
    // Where a widget is installed, amoCRM itself calls, and has no state of ours.
    const isAsked = state !== undefined || textOf(query, 'from_widget') === undefined;
    const cookie = cookieIn(request);
    const read = states.read(state ?? '', cookie, this.alarm.date());
    const mode = isMode(read) ? read : undefined;
    const { end, why } =
      isAsked && read !== mode
        ? { end: read as ConsentEnd, why: undefined }
        : await this.finish(query, isAsked);
    if (end !== 'connected') this.logger.warn({ msg: 'amocrm oauth refused', why: end });
    if (cookie !== undefined) response.clearCookie(COOKIE, cookieOf(settings));
    const nonce = randomBytes(16).toString('base64');
    response
      .status(STATUS[end])
      .set({
        'Content-Security-Policy': policyOf(nonce),
        'Cache-Control': 'no-store',
        // The address has the code in it.
        'Referrer-Policy': 'no-referrer',
        'X-Content-Type-Options': 'nosniff',
      })
      .type('html')
      .send(consentPage(end, { mode, language: this.settings.language, nonce, why }));
  }

  /** amoCRM calls once; where nothing can be kept, the next request to the account finds out. */
  @Get('disabled')
  @ApiOperation({ summary: 'amoCRM tells that an account has switched the integration off' })
  @ApiQuery({ name: 'account_id', description: 'The account’s number' })
  @ApiQuery({ name: 'client_uuid', description: 'The id of the integration' })
  @ApiQuery({ name: 'signature', description: 'HMAC-SHA256 of both with its secret key, hex' })
  async disabled(@Query() query: Query): Promise<{ readonly code: 'ok' }> {
    const { clientId, clientSecret } = this.opened().settings;
    const account = textOf(query, 'account_id') ?? '';
    const right = createHmac('sha256', clientSecret).update(`${clientId}|${account}`).digest('hex');
    const given = textOf(query, 'signature')?.toLowerCase() ?? '';
    const isOurs = textOf(query, 'client_uuid')?.toLowerCase() === clientId.toLowerCase();
    if (!isOurs || !/^\d+$/.test(account) || !isSameSecret(given, right)) {
      throw new WrongDisableSignature();
    }
    await this.access.takeBack(account);
    return { code: 'ok' };
  }

  private async finish(
    query: Query,
    isAsked: boolean,
  ): Promise<{ readonly end: ConsentEnd; readonly why?: string }> {
    if (query['error'] !== undefined) return { end: 'denied' };
    const code = textOf(query, 'code');
    const host = textOf(query, 'referer');
    if (code === undefined || host === undefined) return { end: 'incomplete' };
    const whose = isAsked ? 'asked' : 'unasked';
    if (this.isTooMany(whose)) return { end: 'too-many' };
    try {
      await this.connect.execute(host, code, isAsked);
      return { end: 'connected' };
    } catch (error) {
      if (error instanceof NotOurHost) {
        this.codesAt[whose] = this.codesAt[whose].slice(0, -1);
        return { end: 'foreign' };
      }
      if (error instanceof NotOurAccount) return { end: 'foreign' };
      if (error instanceof JournalUnavailable) return { end: 'not-kept' };
      if (!(error instanceof DeliveryError)) throw error;
      const isNo = error.outcome === 'blocked' || error.outcome === 'rejected';
      return isNo ? { end: 'not-taken', why: error.message } : { end: 'no-answer' };
    }
  }

  private isTooMany(whose: 'asked' | 'unasked'): boolean {
    const now = this.alarm.now();
    const latest = this.codesAt[whose].filter((at) => at > now - MINUTE_MS);
    const isTooMany = latest.length >= MOST_CODES;
    this.codesAt[whose] = isTooMany ? latest : [...latest, now];
    return isTooMany;
  }

  private opened(): { readonly settings: OauthSettings; readonly state: ConsentState } {
    const { settings, state } = this.door;
    if (!settings || !state) throw new OauthOff();
    return { settings, state };
  }
}

function isMode(mode: unknown): mode is ConsentMode {
  return (MODES as readonly unknown[]).includes(mode);
}

/** The path as the browser sees it: a proxy may have put something before ours. */
function cookieOf({ redirectUri }: OauthSettings) {
  const { pathname, protocol } = new URL(redirectUri);
  return {
    httpOnly: true,
    sameSite: 'lax',
    secure: protocol === 'https:',
    path: pathname.replace(/\/callback$/, ''),
  } as const;
}

function cookieIn({ headers }: Request): string | undefined {
  return new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]+)`).exec(headers.cookie ?? '')?.[1];
}

function textOf(query: Query, name: string): string | undefined {
  const value = query[name];
  return typeof value === 'string' && value !== '' && value.length <= MOST_CHARS
    ? value
    : undefined;
}
