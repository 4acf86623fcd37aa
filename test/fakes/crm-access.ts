import { CrmAccess, type AccessView, type Grant } from '../../src/domain/crm-access.js';
import type { Line } from '../../src/domain/line.js';
import { ACCOUNT_ID } from '../builders.js';

/** Access to accounts that is kept in memory; codes are good unless a spec says otherwise. */
export class FakeCrmAccess extends CrmAccess {
  override isSet = true;
  /** What the next codes are answered. */
  fails?: Error;
  keepFails?: Error;
  accountId = ACCOUNT_ID;
  readonly redeemed: { readonly host: string; readonly code: string }[] = [];
  readonly kept: Grant[] = [];
  readonly takenBack: string[] = [];
  /** How often it was looked after. */
  looks = 0;
  view: AccessView = { state: 'none' };

  override async redeem(host: string, code: string): Promise<Grant> {
    this.redeemed.push({ host, code });
    if (this.fails) throw this.fails;
    return {
      accountId: this.accountId,
      accountNumber: '31990077',
      host,
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      expiresInMs: 86_400_000,
    };
  }

  override async keep(grant: Grant): Promise<void> {
    if (this.keepFails) throw this.keepFails;
    this.kept.push(grant);
  }

  override async takeBack(accountNumber: string): Promise<void> {
    if (this.keepFails) throw this.keepFails;
    this.takenBack.push(accountNumber);
  }

  override async keepAlive(_line: Line): Promise<void> {
    this.looks += 1;
  }

  override isOpen(): boolean {
    return this.isSet;
  }

  override stateOf(_line: Line): Promise<AccessView> {
    return Promise.resolve(this.view);
  }
}
