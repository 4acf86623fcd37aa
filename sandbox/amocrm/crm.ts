import type { Chat, Participant } from '../amojo/chat.ts';
import type { AmojoAccount } from '../amojo/settings.ts';
import type { Changes } from '../changes.ts';
import type { Clock } from '../clock.ts';
import { AccountWebhooks } from './account-webhooks.ts';
import { CardFile } from './card-file.ts';
import type { FieldCode, FieldValue } from './contact.ts';
import { MAIN_PIPELINE, stagesOf } from './lead.ts';
import type { CrmSettings } from './settings.ts';
import { Sources } from './sources.ts';
import { Talks } from './talks.ts';
import { Templates } from './templates.ts';

/**
 * What one account keeps besides its chats. A live message opens a contact and an incoming lead,
 * unless its chat was linked to a contact; a lead that was closed is followed by a new one.
 */
export class Crm {
  readonly cards: CardFile;
  readonly sources = new Sources();
  readonly templates: Templates;
  readonly talks: Talks;
  readonly webhooks = new AccountWebhooks();
  readonly #accountOf: () => AmojoAccount;
  readonly #settings: CrmSettings;
  readonly #clock: Clock;
  readonly #changes: Changes;
  /** Chats whose lead is on its way. */
  readonly #expecting = new Set<string>();

  constructor(account: () => AmojoAccount, settings: CrmSettings, clock: Clock, changes: Changes) {
    this.#accountOf = account;
    this.#settings = settings;
    this.#clock = clock;
    this.#changes = changes;
    this.cards = new CardFile(clock);
    this.templates = new Templates(clock);
    this.talks = new Talks(clock);
  }

  get account(): AmojoAccount {
    return this.#accountOf();
  }

  /** A client who is in the account already, e.g. from another channel. */
  addContact(name: string, phone: string, lead?: 'open' | 'closed') {
    const contact = this.cards.addContact({ name, fields: fieldsOf({ phone }) });
    if (lead === undefined) return contact;
    const opened = this.cards.addLead({ name: `Заказ: ${name}`, contactIds: [contact.id] });
    if (lead === 'closed') this.cards.closeLead(opened);
    return contact;
  }

  /** A live message. @returns whether it opens a lead */
  takeLive(chat: Chat, client: Participant): boolean {
    if (this.#expecting.has(chat.id)) return false;
    const link = this.cards.linkOf(chat.id);
    if (link?.isByHand && this.#settings.linkedChatLead === 'never') return false;
    if (link !== undefined && this.cards.hasOpenLead(link.contactId)) return false;
    this.#expecting.add(chat.id);
    this.#clock.after(this.#settings.leadDelayMs, () => this.#openLead(chat, client));
    return true;
  }

  /** The card a manager writes first from: a contact with an open lead, known by the phone. */
  openCard(chat: Chat): void {
    const { client } = chat;
    const phone = client.phone ?? '';
    const known = phone === '' ? undefined : this.cards.find(phone)[0];
    const contact = known ?? this.cards.addContact({ name: client.name, fields: fieldsOf(client) });
    if (!this.cards.hasOpenLead(contact.id)) {
      this.cards.addLead({ name: client.name, contactIds: [contact.id] });
    }
    this.cards.link(chat.id, contact.id, false);
  }

  /** The source a hook of the chat names: with none registered, the one that came is given back. */
  sourceIdOf({ sourceId }: Chat): string | undefined {
    if (this.sources.all.length === 0) return sourceId;
    return this.sources.effective(sourceId)?.externalId;
  }

  #openLead(chat: Chat, client: Participant): void {
    this.#expecting.delete(chat.id);
    const { isUnsortedOn } = this.#settings;
    const source = this.sources.effective(chat.sourceId);
    const pipelineId = source?.pipelineId ?? MAIN_PIPELINE;
    const { unsorted, first } = stagesOf(pipelineId);
    const { name } = client;
    // A link that was made meanwhile keeps its contact.
    const known = this.cards.contactOf(chat.id);
    const contact =
      known ?? this.cards.addContact({ name, fields: fieldsOf(client), isUnsorted: isUnsortedOn });
    this.cards.addLead({
      name: `Сделка: ${name}`,
      pipelineId,
      statusId: isUnsortedOn ? unsorted : first,
      contactIds: [contact.id],
    });
    if (known === undefined) this.cards.link(chat.id, contact.id, false);
    this.#changes.announce();
  }
}

function fieldsOf({ phone, email }: Pick<Participant, 'phone' | 'email'>) {
  const fields = new Map<FieldCode, readonly FieldValue[]>();
  if (phone) fields.set('PHONE', [{ value: phone, enumCode: 'WORK' }]);
  if (email) fields.set('EMAIL', [{ value: email, enumCode: 'WORK' }]);
  return fields;
}
