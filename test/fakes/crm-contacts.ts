import { CrmContacts, NotInCrm, type Contact, type LeadDraft } from '../../src/domain/contacts.js';
import { DeliveryError } from '../../src/domain/errors.js';

/** The CRM's cards in memory. */
export class FakeCrmContacts extends CrmContacts {
  /** By phone. */
  readonly cards = new Map<string, Contact[]>();
  /** The card each chat stands in. */
  readonly links = new Map<string, number>();
  /** Leads that were made, the latest last. */
  readonly leads: (LeadDraft & { readonly id: number; readonly madeAt: Date })[] = [];
  /** The card each lead was put to, besides. */
  readonly leadLinks = new Map<number, number>();
  /** What the CRM has none of, whatever id it is asked for by. */
  readonly gone = new Set<NotInCrm['what']>();
  isReachable = true;
  now = new Date('2026-02-03T09:20:41Z');
  searches = 0;
  /** Thrown while a chat is put into a card. */
  linkRefused?: DeliveryError;
  private readonly failures: DeliveryError[] = [];
  private held: (() => void)[] | undefined;

  /** The next questions fail in this way. */
  failNext(...errors: DeliveryError[]): void {
    this.failures.push(...errors);
  }

  /** Questions get no answer until `release`. */
  hold(): void {
    this.held = [];
  }

  release(): void {
    for (const answer of this.held ?? []) answer();
    this.held = undefined;
  }

  override isOpen(): boolean {
    return this.isReachable;
  }

  override async withPhone(phone: string): Promise<readonly Contact[]> {
    this.searches += 1;
    const failure = this.failures.shift();
    await new Promise<void>((resolve) => {
      if (this.held) this.held.push(resolve);
      else resolve();
    });
    if (failure) throw failure;
    return this.cards.get(phone) ?? [];
  }

  override ofChat(chatId: string): Promise<number | undefined> {
    return Promise.resolve(this.links.get(chatId));
  }

  override async linkChat(chatId: string, contactId: number): Promise<void> {
    await this.has('chat', 'contact');
    if (this.linkRefused) throw this.linkRefused;
    this.links.set(chatId, contactId);
  }

  override async createLead(lead: LeadDraft): Promise<number> {
    await this.has('contact', 'pipeline');
    const id = this.leads.length + 1;
    this.leads.push({ ...lead, id, madeAt: this.now });
    return id;
  }

  override findLead({ name, contactId }: LeadDraft, since: Date): Promise<number | undefined> {
    const found = this.leads.find(
      (lead) =>
        lead.contactId === contactId &&
        lead.madeAt >= since &&
        (name === undefined || lead.name === name),
    );
    return Promise.resolve(found?.id);
  }

  override async linkLead(leadId: number, contactId: number): Promise<void> {
    await this.has('lead', 'contact');
    this.leadLinks.set(leadId, contactId);
  }

  private has(...things: readonly NotInCrm['what'][]): Promise<void> {
    const missing = things.find((one) => this.gone.has(one));
    return missing ? Promise.reject(new NotInCrm(missing)) : Promise.resolve();
  }
}
