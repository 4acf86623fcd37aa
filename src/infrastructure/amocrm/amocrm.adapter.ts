import { Injectable } from '@nestjs/common';
import { DeliveryError } from '../../domain/errors.js';
import { CrmDirectory, type CrmAccount } from '../../domain/ports.js';
import { Http } from '../http.js';
import { isTaken, toDeliveryError } from '../http-answer.js';
import { dig, parseJson, textOf } from '../json.js';
import { notSet, type Pass, type RestAccess } from './amocrm.rest.js';

/** Where the account is, and the long-lived token that opens it. Without both, nothing can be asked. */
export class AmocrmAccess implements CrmAccount, RestAccess {
  readonly baseUrl?: string;
  readonly token?: string;

  constructor(given: CrmAccount = {}) {
    Object.assign(this, given);
  }

  get isOpen(): boolean {
    return Boolean(this.baseUrl && this.token);
  }

  async pass(): Promise<Pass> {
    const { baseUrl, token } = this;
    if (!baseUrl || !token) throw notSet();
    return { baseUrl, token };
  }

  async instead(): Promise<undefined> {
    return undefined;
  }
}

/** amoCRM's REST interface, version 4. https://www.amocrm.ru/developers/content/crm_platform (copy of 2026-01-07) */
@Injectable()
export class AmocrmDirectory extends CrmDirectory {
  constructor(private readonly http: Http) {
    super();
  }

  override async amojoId({ baseUrl, token }: CrmAccount): Promise<string> {
    if (!baseUrl || !token) {
      throw notSet();
    }
    const answer = await this.http.send({
      upstream: 'amocrm',
      method: 'GET',
      url: `${baseUrl.replace(/\/+$/, '')}/api/v4/account?with=amojo_id`,
      headers: { Authorization: `Bearer ${token}` },
    });
    if (!isTaken(answer)) {
      const isWrongPlace = answer.status === 404 || answer.status === 405;
      throw toDeliveryError('amocrm', answer, isWrongPlace ? { outcome: 'blocked' } : {});
    }
    const id = textOf(dig(parseJson(answer.body), 'amojo_id'));
    if (!id) throw new DeliveryError('blocked', 'amocrm named no amojo_id');
    return id;
  }
}
