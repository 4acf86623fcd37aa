import type { Clock } from '../clock.ts';
import { isFoundBy, type Contact, type ContactDraft } from './contact.ts';
import { isOpen, isUnsorted, LOST, MAIN_PIPELINE, stagesOf, WON, type Lead } from './lead.ts';

/** A chat in the card of a contact. `id` is new after every link. */
export interface ChatLink {
  readonly id: number;
  readonly chatId: string;
  readonly contactId: number;
  /** An integration linked it, rather than amoCRM with an incoming lead. */
  readonly isByHand: boolean;
}

/** Contacts and leads of one account, and which chats belong to which contact. */
export class CardFile {
  readonly contacts: Contact[] = [];
  readonly leads: Lead[] = [];
  readonly #clock: Clock;
  readonly #links = new Map<string, ChatLink>();
  #lastId = 7_710_000;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  contact(id: number): Contact | undefined {
    return this.contacts.find((contact) => contact.id === id);
  }

  find(query: string): Contact[] {
    return this.contacts.filter((contact) => isFoundBy(contact, query));
  }

  addContact(draft: Partial<ContactDraft> & { readonly isUnsorted?: boolean }): Contact {
    const { name = '', responsibleUserId = 880_011, fields, otherFields = [] } = draft;
    const at = this.#seconds();
    const contact: Contact = {
      id: this.nextId(),
      name,
      responsibleUserId,
      fields: new Map(fields),
      otherFields,
      isUnsorted: draft.isUnsorted ?? false,
      createdAt: at,
      updatedAt: at,
    };
    this.contacts.push(contact);
    return contact;
  }

  /** Fields a draft names are replaced as a whole, the others stay. */
  changeContact(contact: Contact, draft: ContactDraft): void {
    contact.name = draft.name ?? contact.name;
    contact.responsibleUserId = draft.responsibleUserId ?? contact.responsibleUserId;
    for (const [code, values] of draft.fields) contact.fields.set(code, values);
    if (draft.otherFields.length > 0) contact.otherFields = draft.otherFields;
    contact.updatedAt = this.#seconds();
  }

  lead(id: number): Lead | undefined {
    return this.leads.find((lead) => lead.id === id);
  }

  addLead(draft: Partial<Omit<Lead, 'id'>>): Lead {
    const at = this.#seconds();
    const pipelineId = draft.pipelineId ?? MAIN_PIPELINE;
    const lead: Lead = {
      name: '',
      price: 0,
      statusId: stagesOf(pipelineId).first,
      responsibleUserId: 880_011,
      contactIds: [],
      ...draft,
      pipelineId,
      id: this.nextId(),
      createdAt: at,
      updatedAt: at,
      closedAt: null,
    };
    this.leads.push(lead);
    return lead;
  }

  /**
   * Moves a lead to a stage; the last two close it. Leaving the incoming ones accepts it.
   * @param statusId in another pipeline its first one, if left out
   */
  moveLead(lead: Lead, statusId?: number, pipelineId = lead.pipelineId): void {
    const wasUnsorted = isUnsorted(lead);
    const isElsewhere = pipelineId !== lead.pipelineId && isOpen(lead);
    lead.pipelineId = pipelineId;
    lead.statusId = statusId ?? (isElsewhere ? stagesOf(pipelineId).first : lead.statusId);
    lead.updatedAt = this.#seconds();
    lead.closedAt = isOpen(lead) ? null : this.#seconds();
    if (!wasUnsorted || isUnsorted(lead)) return;
    for (const id of lead.contactIds) {
      const contact = this.contact(id);
      if (contact !== undefined) contact.isUnsorted = false;
    }
  }

  closeLead(lead: Lead, how: 'won' | 'lost' = 'won'): void {
    this.moveLead(lead, how === 'won' ? WON : LOST);
  }

  leadsOf(contactId: number): Lead[] {
    return this.leads.filter(({ contactIds }) => contactIds.includes(contactId));
  }

  hasOpenLead(contactId: number): boolean {
    return this.leadsOf(contactId).some(isOpen);
  }

  linkOf(chatId: string): ChatLink | undefined {
    return this.#links.get(chatId);
  }

  linksOf(contactId: number): ChatLink[] {
    return [...this.#links.values()].filter((link) => link.contactId === contactId);
  }

  /** Puts a chat into a contact's card, out of the one it was in. */
  link(chatId: string, contactId: number, isByHand: boolean): ChatLink {
    const link = { id: this.nextId(), chatId, contactId, isByHand };
    this.#links.set(chatId, link);
    return link;
  }

  /** The contact in whose card a chat stands. */
  contactOf(chatId: string): Contact | undefined {
    const link = this.linkOf(chatId);
    return link && this.contact(link.contactId);
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}
