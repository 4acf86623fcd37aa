import { RateLimit } from '../rate-limit.ts';
import type { Clock } from '../clock.ts';
import type { Ledger } from '../ledger.ts';
import type { SeenRequest } from '../twin-server.ts';
import type { Connections } from './connections.ts';
import { refuse, refuseData, refuseOrigin, refuseSignature } from './refusals.ts';
import { breach } from './route-parts.ts';
import { accountOfScope, type AmojoAccount, type AmojoSettings } from './settings.ts';
import { whyNotSigned } from './signature.ts';

export interface GateParts {
  readonly settings: AmojoSettings;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly ledger: Ledger;
  /** The twin's own time, as its `Date` headers show it. */
  readonly now: () => number;
}

/** What every request to amojo passes before it is looked at. */
export class Gate {
  readonly #parts: GateParts;
  readonly #limit: RateLimit;

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#limit = new RateLimit(parts.clock, () => parts.settings.amojoPerSecond);
  }

  /** @throws {Refusal} 400, 404, 403 or 429 */
  checkChannel(request: SeenRequest): void {
    if (request.params.channel !== this.#parts.settings.channelId) throw refuseOrigin('channel');
    this.#check(request);
  }

  /** @returns the account of the scope. @throws {Refusal} 400, 404, 403 or 429 */
  checkScope(request: SeenRequest): AmojoAccount {
    const { settings, connections } = this.#parts;
    const account = accountOfScope(settings, request.params.scope ?? '');
    if (account === undefined) throw refuseOrigin('scope');
    this.#check(request);
    if (connections.of(account.accountId) !== undefined) return account;
    const why = 'scope: the channel is not connected';
    if (settings.disconnectedScope === 404) throw refuseOrigin(why);
    throw refuse(403, 'ORIGIN_NOT_CONNECTED', why);
  }

  #check(request: SeenRequest): void {
    const why = whyNotSigned(request, this.#parts.settings, this.#parts.now());
    if (why !== undefined) throw refuseSignature(why);
    this.#checkType(request);
    if (this.#limit.isExceeded()) throw refuse(429, 'TOO_MANY_REQUESTS', 'slow down');
  }

  #checkType(request: SeenRequest): void {
    const { settings, ledger } = this.#parts;
    const type = request.headers['content-type'];
    if (request.raw.length === 0 || type === 'application/json') return;
    const reason = `is ${type}, and application/json is the only supported one`;
    if (settings.otherContentType === 'reject400') throw refuseData('Content-Type', reason);
    breach(ledger, request, `Content-Type: ${reason}`);
  }
}
