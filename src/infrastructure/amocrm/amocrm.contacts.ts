import { Injectable } from '@nestjs/common';
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';
import { CrmContacts, NotInCrm, type Contact, type LeadDraft } from '../../domain/contacts.js';
import { DeliveryError } from '../../domain/errors.js';
import type { Line } from '../../domain/line.js';
import { dateIn, dig, idOf, numberIn, textOf } from '../json.js';
import { LineAccounts } from './amocrm.rest.js';

/*
 * Contacts, their leads and chats: https://www.amocrm.ru/developers/content/crm_platform/contacts-api, …/leads-api and
 * …/entity-links-api (copies of 2026-01-07). The search is a full-text one, so what it finds is compared with the
 * number. Whatever names an id that is not there is answered with 400 and `validation-errors`.
 */

/** Numbers are written with one country code or another, or none: the last digits are in all of them. */
const SEARCHED_DIGITS = 10;
/** Somebody with more cards than that has a number that belongs to nobody: `0000000000`. */
const MOST_CARDS = 50;
/** A client's message waits no longer for his card, so an answer that comes later is of no use. */
const PATIENCE_MS = 25_000;
/** Ids that `filter[id]` takes in one request; a contact with more leads made since is none. */
const MOST_LEADS = 50;
/** https://www.amocrm.ru/developers/content/crm_platform/leads_pipelines: won and lost, the same in every pipeline. */
const CLOSED = new Set([142, 143]);

@Injectable()
export class AmocrmContacts extends CrmContacts {
  constructor(private readonly accounts: LineAccounts) {
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
      const updated = dateIn((numberIn(dig(card, 'updated_at')) ?? 0) * 1_000);
      if (id === undefined) return [];
      const hasOpenLead = itemsOf(card, 'leads')
        .flatMap(numberOf)
        .some((lead) => open.has(lead));
      return [{ id, hasOpenLead, changedAt: updated ?? new Date(0) }];
    });
  }

  override async ofChat(chatId: string, line: Line): Promise<number | undefined> {
    const query = `chat_id[]=${encodeURIComponent(chatId)}`;
    const [link] = itemsOf(await this.ask(line, `/contacts/chats?${query}`), 'chats');
    return toId(dig(link, 'contact_id'))[0];
  }

  override async linkChat(chatId: string, contactId: number, line: Line): Promise<void> {
    const body = [{ contact_id: contactId, chat_id: chatId }];
    await this.post(line, '/contacts/chats', body, (path) =>
      path.includes('chat_id') ? 'chat' : 'contact',
    );
  }

  override async createLead(lead: LeadDraft, line: Line): Promise<number> {
    const { name, pipelineId, contactId } = lead;
    const body = [
      {
        ...(name !== undefined && { name }),
        ...(pipelineId !== undefined && { pipeline_id: pipelineId }),
        _embedded: { contacts: [{ id: contactId }] },
      },
    ];
    const made = await this.post(line, '/leads', body, (path) =>
      path.includes('pipeline_id') ? 'pipeline' : 'contact',
    );
    const leads = dig(made, '_embedded', 'leads');
    const id: unknown = Array.isArray(leads) ? dig(leads[0], 'id') : undefined;
    if (typeof id !== 'number') throw new DeliveryError('unknown', 'amocrm named no lead');
    return id;
  }

  override async findLead(
    { name, contactId }: LeadDraft,
    since: Date,
    line: Line,
  ): Promise<number | undefined> {
    const rest = this.accounts.of(line);
    const ask = (path: string) => rest.call('GET', path, undefined, PATIENCE_MS);
    const contact = await ask(`/contacts/${contactId}?with=leads`).catch((error: unknown) => {
      // It was there when the call began, and has been deleted since.
      const isGone = error instanceof DeliveryError && error.details.httpStatus === 404;
      throw isGone ? new NotInCrm('contact') : error;
    });
    const ids = itemsOf(contact, 'leads').flatMap((lead) => {
      const id = dig(lead, 'id');
      return typeof id === 'number' ? [id] : [];
    });
    if (ids.length === 0) return undefined;
    // Ids only grow: what was made just now is among the highest.
    const newest = ids.toSorted((a, b) => b - a).slice(0, MOST_LEADS);
    const query = newest.map((id) => `filter[id][]=${id}`).join('&');
    const leads = itemsOf(await ask(`/leads?${query}&limit=${MOST_LEADS}`), 'leads');
    // amoCRM dates leads by its clock: by ours, if that is ahead, one made just now would be older than the call.
    const sinceSeconds = Math.floor(rest.onItsClock(since).getTime() / 1000);
    const found = leads.find(
      (lead) =>
        (numberIn(dig(lead, 'created_at')) ?? 0) >= sinceSeconds &&
        (name === undefined || dig(lead, 'name') === name),
    );
    const id = dig(found, 'id');
    return typeof id === 'number' ? id : undefined;
  }

  override async linkLead(leadId: number, contactId: number, line: Line): Promise<void> {
    const body = [{ to_entity_id: contactId, to_entity_type: 'contacts' }];
    await this.post(line, `/leads/${leadId}/link`, body, (path) =>
      path.includes('to_entity_id') ? 'contact' : 'lead',
    );
  }

  private async openAmong(leads: readonly number[], line: Line): Promise<ReadonlySet<number>> {
    const some = leads.slice(0, MOST_LEADS);
    const filter = some.map((id) => `filter[id][]=${id}`).join('&');
    const body = await this.ask(line, `/leads?${filter}&limit=${MOST_LEADS}`);
    const open = itemsOf(body, 'leads').filter(
      (lead) => !CLOSED.has(numberIn(dig(lead, 'status_id')) ?? 0),
    );
    return new Set(open.flatMap(numberOf));
  }

  private ask(line: Line, path: string): Promise<unknown> {
    return this.accounts.of(line).call('GET', path, undefined, PATIENCE_MS);
  }

  /** @param missing what a refusal is about, by the path of the field it names; empty where it names none */
  private async post(
    line: Line,
    path: string,
    body: unknown,
    missing: (path: string) => NotInCrm['what'],
  ): Promise<unknown> {
    try {
      return await this.accounts.of(line).call('POST', path, body, PATIENCE_MS);
    } catch (error) {
      if (error instanceof DeliveryError && isAboutWhatIsNamed(error)) {
        throw new NotInCrm(missing(error.message));
      }
      throw error;
    }
  }
}

/** 400 with the path of a field and the code for a choice that there is none of; or no such lead. */
function isAboutWhatIsNamed({ message, details }: DeliveryError): boolean {
  const { httpStatus } = details;
  return httpStatus === 404 || (httpStatus === 400 && message.includes('NotSupportedChoice'));
}

function itemsOf(body: unknown, what: string): readonly unknown[] {
  const items = dig(body, '_embedded', what);
  return Array.isArray(items) ? items : [];
}

function numberOf(item: unknown): readonly number[] {
  return toId(dig(item, 'id'));
}

function toId(value: unknown): readonly number[] {
  const id = Number(idOf(value));
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
