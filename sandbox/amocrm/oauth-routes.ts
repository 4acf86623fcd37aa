import type { Answer } from '../answer.ts';
import { accountsOf, type AmojoAccount, type AmojoSettings } from '../amojo/settings.ts';
import { dig } from '../json.ts';
import type { SeenRequest, TwinServer } from '../twin-server.ts';
import { consentPage } from './consent-page.ts';
import { refuseOauth, refuseParameter } from './oauth-problems.ts';
import { BLOCKED, problem } from './problems.ts';
import type { TokenPair, Tokens, Unusable } from './tokens.ts';

export interface OauthParts {
  readonly settings: AmojoSettings;
  readonly server: TwinServer;
  readonly tokens: Tokens;
}

const CODE_HINTS: Record<Unusable, string> = {
  unknown: 'Cannot decrypt the authorization code',
  used: 'Authorization code has been revoked',
  expired: 'Authorization code has expired',
};
const TOP_LEVEL_DOMAINS = { 1: 'ru', 2: 'com' };

/**
 * The page of consent, the exchange of codes and tokens, and what an account is called now. All
 * accounts live at one address here, so it is the code that tells them apart.
 */
export function addOauthRoutes(parts: OauthParts): void {
  const { server } = parts;
  server.route('get', '/oauth', 'oauth', (request) => authorise(request, parts));
  server.route('post', '/oauth2/access_token', 'access-token', (request) =>
    giveTokens(request, parts),
  );
  server.route('get', '/oauth2/account/current/subdomain', 'subdomain', ({ headers }) => {
    const token = String(headers['x-refresh-token'] ?? '');
    const account = parts.tokens.accountOfRefresh(token);
    if (account === undefined) throw refuseOauth(401, 'Token has been revoked');
    return { status: 200, body: subdomainBody(account, parts.settings) };
  });
}

/**
 * `client_id`, `state` and `mode` as amoCRM has them; `account` (an `amojo_id`) and `consent` are
 * what the user clicks on the page, so only the twin has those.
 */
function authorise({ query }: SeenRequest, { settings, server, tokens }: OauthParts): Answer {
  if (query.get('client_id') !== settings.integrationId) throw refuseParameter('client_id');
  const mode = query.get('mode');
  if (mode !== null && mode !== 'popup' && mode !== 'post_message') throw refuseParameter('mode');
  const consent = query.get('consent') ?? settings.consent;
  const accounts = accountsOf(settings);
  if (consent === 'ask') return { status: 200, body: consentPage(query, accounts) };
  const id = query.get('account') ?? settings.accountId;
  const account = accounts.find(({ accountId }) => accountId === id);
  if (account === undefined) throw refuseParameter('account');

  const target = new URL(settings.redirectUri);
  const state = query.get('state');
  const said =
    consent === 'refuse'
      ? { error: 'access_denied' }
      : {
          code: tokens.grantCode(account.accountId),
          referer: refererOf(account, settings, server.url),
          platform: String(settings.oauthPlatform),
        };
  for (const [key, value] of Object.entries(said)) target.searchParams.set(key, value);
  if (state !== null) target.searchParams.set('state', state);
  return { status: 302, headers: { Location: target.href } };
}

function giveTokens({ body, at }: SeenRequest, { settings, server, tokens }: OauthParts): Answer {
  if (settings.oauthRefusal !== 'none') return SWITCHED[settings.oauthRefusal]();
  const read = (key: string): string => {
    const text = dig(body, key);
    if (typeof text !== 'string' || text === '') throw refuseParameter(key);
    return text;
  };
  if (read('client_id') !== settings.integrationId) throw refuseParameter('client_id');
  if (read('client_secret') !== settings.integrationSecret) throw refuseParameter('client_secret');
  if (read('redirect_uri') !== settings.redirectUri) throw refuseParameter('redirect_uri');
  const api = (accountId: string): string => {
    const account = accountsOf(settings).find((one) => one.accountId === accountId) ?? settings;
    return refererOf(account, settings, server.url);
  };
  const grantType = read('grant_type');
  if (grantType === 'authorization_code') {
    const pair = tokens.exchangeCode(read('code'), api);
    if (typeof pair === 'string') throw refuseOauth(400, CODE_HINTS[pair]);
    return tokenAnswer(pair, settings, at);
  }
  if (grantType !== 'refresh_token') throw refuseParameter('grant_type');
  const pair = tokens.refresh(read('refresh_token'), api);
  if (pair === 'used') throw refuseOauth(401, 'Token has been revoked');
  if (typeof pair === 'string') throw refuseOauth(401, 'Invalid refresh token');
  return tokenAnswer(pair, settings, at);
}

/** Nobody who calls can help it, and nothing is spent. */
const SWITCHED = {
  revoked: () => ({ ...refuseOauth(401, 'Token has been revoked').answer, excused: true }),
  unpaid: () => ({ ...problem(402, 'The account is not paid'), excused: true }),
  blocked: () => ({ ...BLOCKED, excused: true }),
};

function tokenAnswer(pair: TokenPair, settings: AmojoSettings, at: number): Answer {
  return {
    status: 200,
    body: {
      token_type: 'Bearer',
      expires_in: settings.accessTokenSeconds,
      server_time: Math.floor(at / 1000),
      access_token: pair.accessToken,
      refresh_token: pair.refreshToken,
    },
  };
}

/** The account's host without a scheme. */
export function refererOf(account: AmojoAccount, settings: AmojoSettings, url: string): string {
  return settings.referer === 'twin' ? new URL(url).host : domainOf(account, settings);
}

function domainOf({ subdomain }: AmojoAccount, { oauthPlatform }: AmojoSettings): string {
  return `${subdomain}.${oauthPlatform === 1 ? 'amocrm.ru' : 'kommo.com'}`;
}

function subdomainBody(account: AmojoAccount, settings: AmojoSettings) {
  return {
    id: account.accountNumber,
    subdomain: account.subdomain,
    domain: domainOf(account, settings),
    top_level_domain: TOP_LEVEL_DOMAINS[settings.oauthPlatform],
  };
}
