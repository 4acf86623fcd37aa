import { createHmac } from 'node:crypto';
import { accountsOf, type AmojoSettings } from '../amojo/settings.ts';
import type { Connections } from '../amojo/connections.ts';
import { isLoopback } from '../fetched-file.ts';
import { post, type PostResult } from '../post.ts';
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

  constructor(settings: AmojoSettings, tokens: Tokens, connections: Connections) {
    this.#settings = settings;
    this.#tokens = tokens;
    this.#connections = connections;
  }

  /**
   * Switches the integration off: its tokens are revoked and the channel is disconnected.
   * @param accountId `amojo_id`; the main account if left out
   * @returns what the disable hook was answered; undefined where no address is set
   */
  async disable(accountId: string = this.#settings.accountId): Promise<PostResult | undefined> {
    this.#tokens.revoke(accountId);
    this.#connections.close(accountId);
    const { disableHookUrl, integrationId, integrationSecret, hookTimeoutMs, fetchFrom } =
      this.#settings;
    const account = accountsOf(this.#settings).find((one) => one.accountId === accountId);
    if (disableHookUrl === undefined || account === undefined) return undefined;
    const { accountNumber } = account;
    const url = new URL(disableHookUrl);
    url.searchParams.set('account_id', String(accountNumber));
    url.searchParams.set('client_uuid', integrationId);
    const signature = disableSignature(integrationSecret, integrationId, accountNumber);
    url.searchParams.set('signature', signature);
    if (fetchFrom === 'loopback' && !isLoopback(url.hostname)) {
      const error = `only loopback addresses are called, not ${url.hostname}`;
      return { error, body: Buffer.alloc(0), durationMs: 0 };
    }
    return post(url.href, { method: 'GET', timeoutMs: hookTimeoutMs });
  }

  /** Switches it on again; tokens that were revoked stay so, the long-lived one works. */
  enable(accountId: string = this.#settings.accountId): void {
    this.#tokens.switchOn(accountId);
  }
}
