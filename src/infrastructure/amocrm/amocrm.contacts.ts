import { Injectable } from '@nestjs/common';
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';
import { CrmContacts, type Contact } from '../../domain/contacts.js';
import type { Line } from '../../domain/line.js';
import { dig, idOf, textOf } from '../json.js';
import { AmocrmAccounts } from './amocrm.accounts.js';

/*
 * Contacts, their leads and chats: https://www.amocrm.ru/developers/content/crm_platform/contacts-api (copy of
 * 2026-01-07). The search is a full-text one, so what it finds is compared with the number.
 */

/** Numbers are written with one country code or another, or none: the last digits are in all of them. */
const SEARCHED_DIGITS = 10;
/** Somebody with more cards than that has a number that belongs to nobody: `0000000000`. */
const MOST_CARDS = 50;
/** A client's message waits no longer for his card, so an answer that comes later is of no use. */
const PATIENCE_MS = 25_000;
/** https://www.amocrm.ru/developers/content/crm_platform/leads_pipelines: won and lost, the same in every pipeline. */
const CLOSED = new Set([142, 143]);

@Injectable()
export class AmocrmContacts extends CrmContacts {
  constructor(private readonly accounts: AmocrmAccounts) {
    super();
  }

  override isOpen(line: Line): boolean {
    return this.accounts.of(line).isOpen;
  }

  override async withPhone(phone: string, line: Line): Promise<readonly Contact[]> {
    const query = `query=${phone.slice(-SEARCHED_DIGITS)}&with=leads&limit=${MOST_CARDS}`;
    const body = await this.ask(line, `/contacts?${query}`);
    const cards = itemsOf(body, 'contacts').filter((card) => {
      return phonesOf(card).some((one) => isSame(one, phone, line.edna.phoneCountry));
    });
    const leads = cards.flatMap((card) => itemsOf(card, 'leads').flatMap(numberOf));
    const open = leads.length > 0 ? await this.openAmong(leads, line) : new Set<number>();
    return cards.flatMap((card) => {
      const [id] = numberOf(card);
      const updated = Number(dig(card, 'updated_at'));
      if (id === undefined) return [];
      const hasOpenLead = itemsOf(card, 'leads')
        .flatMap(numberOf)
        .some((lead) => open.has(lead));
      return [{ id, hasOpenLead, changedAt: new Date((updated || 0) * 1_000) }];
    });
  }

  override async ofChat(chatId: string, line: Line): Promise<number | undefined> {
    const query = `chat_id[]=${encodeURIComponent(chatId)}`;
    const [link] = itemsOf(await this.ask(line, `/contacts/chats?${query}`), 'chats');
    return Number(dig(link, 'contact_id')) || undefined;
  }

  override async linkChat(chatId: string, contactId: number, line: Line): Promise<void> {
    const body = [{ contact_id: contactId, chat_id: chatId }];
    await this.accounts.of(line).call('POST', '/contacts/chats', body, PATIENCE_MS);
  }

  private async openAmong(leads: readonly number[], line: Line): Promise<ReadonlySet<number>> {
    const some = leads.slice(0, MOST_CARDS);
    const filter = some.map((id) => `filter[id][]=${id}`).join('&');
    const body = await this.ask(line, `/leads?${filter}&limit=${MOST_CARDS}`);
    const open = itemsOf(body, 'leads').filter(
      (lead) => !CLOSED.has(Number(dig(lead, 'status_id'))),
    );
    return new Set(open.flatMap(numberOf));
  }

  private ask(line: Line, path: string): Promise<unknown> {
    return this.accounts.of(line).call('GET', path, undefined, PATIENCE_MS);
  }
}

function itemsOf(body: unknown, what: string): readonly unknown[] {
  const items = dig(body, '_embedded', what);
  return Array.isArray(items) ? items : [];
}

function numberOf(item: unknown): readonly number[] {
  const id = Number(idOf(dig(item, 'id')));
  return Number.isSafeInteger(id) && id > 0 ? [id] : [];
}

function phonesOf(card: unknown): readonly string[] {
  const fields = dig(card, 'custom_fields_values');
  return (Array.isArray(fields) ? fields : [])
    .filter((field) => dig(field, 'field_code') === 'PHONE')
    .flatMap((field) => {
      const values = dig(field, 'values');
      return (Array.isArray(values) ? values : []).flatMap(
        (one) => textOf(dig(one, 'value')) ?? [],
      );
    });
}

/** @param phone digits with country code */
function isSame(written: string, phone: string, country = 'RU'): boolean {
  if (written.replace(/\D/g, '') === phone) return true;
  const defaultCountry = country as CountryCode;
  return parsePhoneNumberFromString(written, { defaultCountry })?.number === `+${phone}`;
}
