import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { AccessEvents, CrmAccess, type AccessView, type Grant } from '../../domain/crm-access.js';
import { DeliveryError, JournalUnavailable } from '../../domain/errors.js';
import type { Line } from '../../domain/line.js';
import { LineBook } from '../../line-book.js';
import { OauthTokens, type KeptAccess, type PairLife } from '../journal/oauth-tokens.js';
import { faultWords, NO_ACCESS, type AccessFault } from './access-words.js';
import { AmocrmOauth, Integration, OauthRefusal, type TokenPair } from './amocrm.oauth.js';
import { notSet, Pause, type Pass } from './amocrm.rest.js';
import { TokenSeal } from './token-seal.js';

/** A pair is changed this long before it expires, or at half its life, so that a fault of amoCRM's has time to pass. */
const EARLY_MS = 10 * 60_000;

/** One change of a pair takes one request, of at most 6 s, and one commit. */
const LEASE_MS = 20_000;

/** While another process changes the pair: looked at so often, and no longer than it holds the lease. */
const LOOK_MS = 250;
const LOOKS = LEASE_MS / LOOK_MS;

/** Between two tries to change a pair: a refusal will hardly be mended sooner, silence may be over at once. */
const RETRY_REFUSED_MS = 60_000;
const RETRY_SILENT_MS = 5_000;

/** A new pair is worth an account, so the journal is asked again and again to keep it: 31 s in all. */
const KEEP_WAITS_MS = [1_000, 2_000, 4_000, 8_000, 16_000];

/** The account of a fresh token is asked for so often. */
const ACCOUNT_TRIES = 3;

/** Tokens to accounts: the long-lived ones of the settings, and those that administrators gave by consent. */
@Injectable()
export class AmocrmTokens extends CrmAccess implements BeforeApplicationShutdown {
  private readonly seal?: TokenSeal;
  /** Pairs that the journal could not keep yet, by account: the ones before are spent. */
  private readonly unkept = new Map<string, { access: KeptAccess; pair: TokenPair }>();
  /** Changes under way: amoCRM may have spent a token already. */
  private readonly changing = new Set<Promise<unknown>>();
  private isStopping = false;
  /** Accounts whose trouble was told, where the journal does not know of it. */
  private readonly told = new Set<string>();

  constructor(
    private readonly oauth: AmocrmOauth,
    private readonly store: OauthTokens,
    private readonly book: LineBook,
    integration: Integration,
    private readonly events: AccessEvents,
    private readonly pause: Pause,
  ) {
    super();
    const { settings } = integration;
    if (settings) this.seal = new TokenSeal(settings.secretKey);
  }

  override get isSet(): boolean {
    return this.seal !== undefined;
  }

  override isOpen(line: Line): boolean {
    return this.isSet || this.longLived(line) !== undefined;
  }

  /** A pass that works now, for all we know. @throws {DeliveryError} */
  of(line: Line): Promise<Pass> {
    const pass = this.longLived(line);
    return pass ? Promise.resolve(pass) : inDelivery(() => this.current(line));
  }

  /** Another one, once amoCRM has refused a pass. @throws {DeliveryError} */
  async instead(line: Line, refused: Pass): Promise<Pass | undefined> {
    const { version, baseUrl } = refused;
    if (version !== undefined) return inDelivery(() => this.current(line, version));
    this.tellOnce(new URL(baseUrl).host, 'AMOCRM_TOKEN was refused');
    return undefined;
  }

  override async redeem(host: string, code: string): Promise<Grant> {
    const pair = await this.oauth.redeem(host, code);
    for (let tried = 1; ; tried += 1) {
      try {
        return { ...pair, ...(await this.oauth.account(host, pair.accessToken)), host };
      } catch (error) {
        const isNo = !(error instanceof DeliveryError) || error.outcome === 'blocked';
        if (isNo || tried === ACCOUNT_TRIES) throw error;
        await this.pause.wait(1_000 * tried);
      }
    }
  }

  override async keep(grant: Grant): Promise<void> {
    const { accountNumber: number, host } = grant;
    const account = keyOf(grant);
    await this.store.keep({ account, number, host }, this.sealed(host, grant), lifeOf(grant));
    this.unkept.delete(account);
    this.told.delete(host);
    this.events.tell({ event: 'connected', account: host });
  }

  override async takeBack(number: string): Promise<void> {
    const host = await this.store.takeBack(number, 'off');
    if (host) this.events.tell({ event: 'auth-failed', account: host, why: faultWords('off') });
  }

  override async stateOf(line: Line): Promise<AccessView> {
    if (!this.seal || this.longLived(line)) return { state: 'none' };
    const access = await this.store.find(keyOf(line.amo));
    if (!access) return { state: 'none', why: NO_ACCESS };
    const fault = (access.fault as AccessFault | undefined) ?? this.unreadable(access);
    if (!fault) return { state: 'connected' };
    return { state: fault === 'off' ? 'off' : 'auth-failed', why: faultWords(fault) };
  }

  override async keepAlive(line: Line): Promise<void> {
    if (!this.isSet || this.longLived(line)) return;
    await this.of(line).catch(() => undefined);
  }

  /** The journal closes afterwards, and a pair that is not kept by then is lost. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await Promise.allSettled(this.changing);
  }

  private longLived({ key, crm }: Line): Pass | undefined {
    const token = this.book.tokenOf(key);
    return crm && token ? { baseUrl: crm.baseUrl, token } : undefined;
  }

  /** @param refused version of a pair that amoCRM does not take any more */
  private async current(line: Line, refused?: number): Promise<Pass> {
    if (!this.seal) throw notSet();
    const accountId = keyOf(line.amo);
    for (let looks = 0; ; looks += 1) {
      await this.keepLate(accountId);
      const access = await this.store.find(accountId);
      if (!access) throw new DeliveryError('blocked', `amocrm: ${NO_ACCESS}`);
      const pass = this.passOf(access);
      const works = !access.isExpired && access.version !== refused;
      if (works && (!access.isDue || access.isPutOff || this.isStopping)) return pass;
      if (access.isPutOff || this.isStopping) throw this.notNow(access);
      if (await this.store.lease(access, LEASE_MS)) {
        if (this.isStopping) throw this.notNow(access);
        const next = await this.toItsEnd(this.change(access, works ? pass : undefined));
        if (next) return next;
      } else if (works) {
        return pass;
      } else if (looks >= LOOKS) {
        throw new DeliveryError('not-sent', 'amocrm: its tokens are being changed');
      } else {
        await this.pause.wait(LOOK_MS);
      }
    }
  }

  /** @throws {DeliveryError} where only people can help */
  private passOf(access: KeptAccess): Pass {
    const { host, fault, version } = access;
    if (fault === 'off' || fault === 'refused') throw blocked(fault);
    const token = this.seal?.open(access.access, bound(host, 'access'));
    if (token === undefined) {
      this.tellOnce(host, faultWords('unreadable'));
      throw blocked('unreadable');
    }
    return { baseUrl: this.oauth.addressOf(host), token, version };
  }

  /**
   * Changes the pair; the lease is ours.
   * @param old what still works if this does not
   * @returns nothing where another pair is there by now
   */
  private async change(access: KeptAccess, old: Pass | undefined): Promise<Pass | undefined> {
    const { account, host } = access;
    const refreshToken = this.seal?.open(access.refresh, bound(host, 'refresh'));
    if (refreshToken === undefined) throw blocked('unreadable');
    let pair: TokenPair;
    try {
      pair = await this.oauth.refresh(host, refreshToken);
    } catch (error) {
      return this.notChanged(access, old, error);
    }
    this.unkept.set(account, { access, pair });
    await this.keepLate(account, KEEP_WAITS_MS);
    return undefined;
  }

  private async toItsEnd<T>(change: Promise<T>): Promise<T> {
    this.changing.add(change);
    try {
      return await change;
    } finally {
      this.changing.delete(change);
    }
  }

  private async notChanged(access: KeptAccess, old: Pass | undefined, error: unknown) {
    if (!(error instanceof OauthRefusal)) {
      const asked = error instanceof DeliveryError ? error.details.retryAfterMs : undefined;
      await this.store.fail(access, undefined, asked ?? RETRY_SILENT_MS);
      if (old) return old;
      throw error;
    }
    const { fault } = error;
    // Somebody who was quicker has spent the token: that is no fault, and the pair is another.
    if (await this.store.fail(access, fault, RETRY_REFUSED_MS)) {
      this.events.tell({ event: 'auth-failed', account: access.host, why: faultWords(fault) });
    }
    return fault === 'refused' ? undefined : old;
  }

  /** A pair is used only once it is kept: whoever reads the journal has to find the token that is not spent. */
  private async keepLate(account: string, waits: readonly number[] = []): Promise<void> {
    const late = this.unkept.get(account);
    if (!late) return;
    const { access, pair } = late;
    for (let tried = 0; ; tried += 1) {
      try {
        const sealed = this.sealed(access.host, pair);
        const isKept = await this.store.renew(access, sealed, lifeOf(pair));
        this.unkept.delete(account);
        if (isKept) this.events.tell({ event: 'token-refreshed', account: access.host });
        return;
      } catch (error) {
        const wait = waits[tried];
        if (wait === undefined || this.isStopping) throw error;
        await this.pause.wait(wait);
      }
    }
  }

  /** While another try has to wait. */
  private notNow({ fault }: KeptAccess): DeliveryError {
    if (fault) return blocked(fault as AccessFault);
    return new DeliveryError('not-sent', 'amocrm does not change its tokens right now');
  }

  private unreadable({ host, access }: KeptAccess): AccessFault | undefined {
    const isRead = this.seal?.open(access, bound(host, 'access')) !== undefined;
    return isRead ? undefined : 'unreadable';
  }

  private sealed(host: string, { accessToken, refreshToken }: TokenPair) {
    if (!this.seal) throw notSet();
    return {
      access: this.seal.seal(accessToken, bound(host, 'access')),
      refresh: this.seal.seal(refreshToken, bound(host, 'refresh')),
    };
  }

  private tellOnce(account: string, why: string): void {
    if (this.told.has(account)) return;
    this.told.add(account);
    this.events.tell({ event: 'auth-failed', account, why });
  }
}

/** UUIDs are written in either case. */
function keyOf({ accountId }: { readonly accountId: string }): string {
  return accountId.toLowerCase();
}

function lifeOf({ expiresInMs }: Pick<TokenPair, 'expiresInMs'>): PairLife {
  return { expiresInMs, refreshInMs: expiresInMs - Math.min(EARLY_MS, expiresInMs / 2) };
}

function bound(host: string, kind: 'access' | 'refresh'): string {
  return `${host} ${kind}`;
}

function blocked(fault: AccessFault): DeliveryError {
  return new DeliveryError('blocked', `amocrm: ${faultWords(fault)}`);
}

/** Those who ask amoCRM know one error; a journal that is away means that nothing was sent. */
async function inDelivery<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof JournalUnavailable)) throw error;
    throw new DeliveryError('not-sent', 'amocrm: its tokens cannot be read or kept', {
      cause: error,
    });
  }
}
