import { createHmac } from 'node:crypto';
import { accountsOf, type AmojoSettings } from '../amojo/settings.ts';
import type { Connections } from '../amojo/connections.ts';
import { isLoopback } from '../fetched-file.ts';
import { post, type PostResult } from '../post.ts';
import { refererOf } from './oauth-routes.ts';
import type { Tokens } from './tokens.ts';

/** `signature` of the disable hook. @param accountNumber the account's number, not its uuid */
export function disableSignature(secret: string, integrationId: string, accountNumber: number) {
  return createHmac('sha256', secret).update(`${integrationId}|${accountNumber}`).digest('hex');
}

/** The integration in the settings of an account, as its administrator switches it. */
export class Integration {
  readonly #settings: AmojoSettings;
  readonly #tokens: Tokens;
  readonly #connections: Connections;
  readonly #url: () => string;

  /** @param url of the twin */
  constructor(
    settings: AmojoSettings,
    tokens: Tokens,
    connections: Connections,
    url: () => string,
  ) {
    this.#settings = settings;
    this.#tokens = tokens;
    this.#connections = connections;
    this.#url = url;
  }

  /**
   * Installs the integration's widget: amoCRM itself calls the redirect address, with a code and
   * without a state. https://www.amocrm.ru/developers/content/oauth/step-by-step
   * @param accountId `amojo_id`; the main account if left out
   * @param redirectUri another address than the registered one, such as of a bridge behind it
   */
  async install(
    accountId: string = this.#settings.accountId,
    redirectUri: string = this.#settings.redirectUri,
  ): Promise<PostResult> {
    const account = accountsOf(this.#settings).find((one) => one.accountId === accountId);
    if (account === undefined) throw new Error(`The sandbox has no account ${accountId}`);
    const url = new URL(redirectUri);
    url.searchParams.set('code', this.#tokens.grantCode(accountId));
    url.searchParams.set('referer', refererOf(account, this.#settings, this.#url()));
    url.searchParams.set('platform', String(this.#settings.oauthPlatform));
    url.searchParams.set('from_widget', '1');
    return this.#call(url);
  }

  /**
   * Switches the integration off: its tokens are revoked and the channel is disconnected.
   * @param accountId `amojo_id`; the main account if left out
   * @returns what the disable hook was answered; undefined where no address is set
   */
  async disable(accountId: string = this.#settings.accountId): Promise<PostResult | undefined> {
    this.#tokens.revoke(accountId);
    this.#connections.close(accountId);
    const { disableHookUrl, integrationId, integrationSecret } = this.#settings;
    const account = accountsOf(this.#settings).find((one) => one.accountId === accountId);
    if (disableHookUrl === undefined || account === undefined) return undefined;
    const { accountNumber } = account;
    const url = new URL(disableHookUrl);
    url.searchParams.set('account_id', String(accountNumber));
    url.searchParams.set('client_uuid', integrationId);
    const signature = disableSignature(integrationSecret, integrationId, accountNumber);
    url.searchParams.set('signature', signature);
    return this.#call(url);
  }

  /** Switches it on again; tokens that were revoked stay so, the long-lived one works. */
  enable(accountId: string = this.#settings.accountId): void {
    this.#tokens.switchOn(accountId);
  }

  async #call(url: URL): Promise<PostResult> {
    const { hookTimeoutMs, fetchFrom } = this.#settings;
    if (fetchFrom === 'loopback' && !isLoopback(url.hostname)) {
      const error = `only loopback addresses are called, not ${url.hostname}`;
      return { error, body: Buffer.alloc(0), durationMs: 0 };
    }
    return post(url.href, { method: 'GET', timeoutMs: hookTimeoutMs });
  }
}
