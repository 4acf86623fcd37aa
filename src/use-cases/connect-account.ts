import { Injectable } from '@nestjs/common';
import { AccessEvents, CrmAccess } from '../domain/crm-access.js';
import { Lines } from '../domain/line.js';

/** A host that is none of amoCRM's, nor of a line of ours: our secret is not sent there. */
export class NotOurHost extends Error {
  override readonly name = 'NotOurHost';
}

/** An account that no line is joined to: what opens it is not kept. */
export class NotOurAccount extends Error {
  override readonly name = 'NotOurAccount';
}

/** https://www.amocrm.ru/developers/content/oauth/oauth: every account has one name under one of these. */
const ACCOUNT_HOST =
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.(?:amocrm\.ru|amocrm\.com|kommo\.com)$/;

/** An administrator has given access to an account: from a code to tokens that are kept. */
@Injectable()
export class ConnectAccount {
  constructor(
    private readonly access: CrmAccess,
    private readonly lines: Lines,
    private readonly events: AccessEvents,
  ) {}

  /**
   * @param host as amoCRM's redirect names it: anybody can write one
   * @param isAsked whether somebody of ours began it; else only the accounts of the settings are asked
   * @throws {NotOurHost | NotOurAccount | DeliveryError | JournalUnavailable}
   */
  async execute(host: string, code: string, isAsked: boolean): Promise<void> {
    const asked = host.toLowerCase();
    if (!this.isOfLine(asked) && !(isAsked && ACCOUNT_HOST.test(asked))) throw new NotOurHost();
    try {
      const grant = await this.access.redeem(asked, code);
      const isOurs = this.lines.all.some(
        ({ amo }) => amo.accountId.toLowerCase() === grant.accountId.toLowerCase(),
      );
      if (!isOurs) throw new NotOurAccount('no line is joined to this account');
      await this.access.keep(grant);
    } catch (error) {
      const why = error instanceof Error ? error.message : 'no reason was given';
      this.events.tell({ event: 'consent-refused', account: asked, why });
      throw error;
    }
  }

  private isOfLine(host: string): boolean {
    return this.lines.all.some(({ crm }) => crm && hostOf(crm.baseUrl) === host);
  }
}

/** Without a scheme, in lower case, with the port where it has one: `http://127.0.0.1:28102` → `127.0.0.1:28102`. */
function hostOf(address: string): string {
  return address
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*$/, '')
    .toLowerCase();
}
