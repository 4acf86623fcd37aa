import type { Config, Environment } from './config.js';

/** An integration of amoCRM's, by which administrators of accounts give access to them. */
export interface OauthSettings {
  /** amoCRM's page of consent. */
  readonly consentUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** As it stands in the integration, to the letter. */
  readonly redirectUri: string;
  /** What keys are made of: for tokens at rest, and for the `state` that goes through a browser. */
  readonly secretKey: string;
}

export const CALLBACK_PATH = '/oauth/amocrm/callback';

const NEEDED = {
  AMOCRM_CLIENT_ID: 'the id of the integration',
  AMOCRM_CLIENT_SECRET: 'the secret key of the integration',
  PUBLIC_URL: 'the integration’s redirect address begins with it',
} as const;

type Variables = Pick<Environment, 'SECRET_KEY' | keyof typeof NEEDED>;

/** What is missing beside what is set: the widget needs the integration's id and key, consent also where to come back. */
export function missingForOauth(env: Variables): string[] {
  const pair = ['AMOCRM_CLIENT_ID', 'AMOCRM_CLIENT_SECRET'] as const;
  const [other] = pair.filter((name) => env[name] !== undefined);
  const needed = Object.keys(NEEDED) as (keyof typeof NEEDED)[];
  const asked = env.SECRET_KEY === undefined ? pair.filter(() => other !== undefined) : needed;
  return asked
    .filter((name) => env[name] === undefined)
    .map(
      (name) =>
        `${name} is required with ${env.SECRET_KEY ? 'SECRET_KEY' : other}: ${NEEDED[name]}`,
    );
}

/** @param env that was checked */
export function oauthOf(
  env: Variables & Pick<Environment, 'AMOCRM_OAUTH_URL'>,
  publicUrl: Config['publicUrl'],
): OauthSettings | undefined {
  const { AMOCRM_CLIENT_ID: clientId, AMOCRM_CLIENT_SECRET: clientSecret } = env;
  const { AMOCRM_OAUTH_URL: consentUrl, SECRET_KEY: secretKey } = env;
  if (!clientId || !clientSecret || !secretKey || !publicUrl) return undefined;
  const redirectUri = publicUrl + CALLBACK_PATH;
  return { consentUrl, clientId, clientSecret, secretKey, redirectUri };
}
