import { Injectable } from '@nestjs/common';
import { CrmContacts } from '../domain/contacts.js';
import type { Line } from '../domain/line.js';

/** Which contact a chat belongs to, and which lead goes with it. */
export interface ChatLink {
  readonly chatId: string;
  readonly contactId: number;
  /** A lead that is there. */
  readonly leadId?: number;
  /** A lead that is to be made. */
  readonly newLead?: { readonly name?: string; readonly pipelineId?: number };
}

/** Puts a chat into the card of a contact that exists, and the contact to a lead. */
@Injectable()
export class LinkChat {
  constructor(private readonly contacts: CrmContacts) {}

  /** Whether there is an account to do it in. */
  isOpen(line: Line): boolean {
    return this.contacts.isOpen(line);
  }

  /**
   * @param since when this was begun for the first time, where it was begun before and may have made the lead
   * @returns the lead, where there is one
   * @throws {DeliveryError, NotInCrm} NotInCrm: nothing was made; what was linked before may be
   */
  async execute(link: ChatLink, line: Line, since?: Date): Promise<number | undefined> {
    const { chatId, contactId, leadId, newLead } = link;
    // What may be wrong with the request shows before anything is made.
    if (leadId !== undefined) await this.contacts.linkLead(leadId, contactId, line);
    await this.contacts.linkChat(chatId, contactId, line);
    if (!newLead) return leadId;
    const draft = { ...newLead, contactId };
    const made = since && (await this.contacts.findLead(draft, since, line));
    return made ?? this.contacts.createLead(draft, line);
  }
}
