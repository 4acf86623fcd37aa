import { createHmac, randomUUID } from 'node:crypto';

/** The integration whose widget is shown. */
export interface Integration {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Half an hour, as in the documentation's example. */
const LIFE_SECONDS = 1_800;

/**
 * A token as amoCRM's page gives one to a widget for each of its requests: JWT, HS256 with the integration's secret.
 * https://www.amocrm.ru/developers/content/oauth/disposable-tokens (copy of 2026-01-07)
 * @param changes to the claims, or to the header
 */
export function oneTimeToken(
  host: string,
  { clientId, clientSecret }: Integration,
  changes: {
    readonly at?: Date;
    readonly claims?: Readonly<Record<string, unknown>>;
    readonly header?: Readonly<Record<string, unknown>>;
  } = {},
): string {
  const { at = new Date(), claims = {}, header = {} } = changes;
  const seconds = Math.floor(at.getTime() / 1_000);
  const signed = [
    { typ: 'JWT', alg: 'HS256', ...header },
    {
      iss: `https://${host}`,
      aud: 'https://bridge.example.test',
      jti: randomUUID(),
      iat: seconds,
      nbf: seconds,
      exp: seconds + LIFE_SECONDS,
      account_id: 31_990_077,
      user_id: 8_042_161,
      subdomain: host.split('.')[0],
      client_uuid: clientId,
      ...claims,
    },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = createHmac('sha256', clientSecret).update(signed).digest('base64url');
  return `${signed}.${signature}`;
}
