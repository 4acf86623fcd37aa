import type { Line } from './line.js';

/* Who a client is in the CRM. */

/** A card of the CRM's that holds the client's number. */
export interface Contact {
  readonly id: number;
  /** Whether a lead of his is still worked on. */
  readonly hasOpenLead: boolean;
  readonly changedAt: Date;
}

/** A lead that is to be made. */
export interface LeadDraft {
  readonly name?: string;
  readonly pipelineId?: number;
  readonly contactId: number;
}

/** Something a request names is not in the CRM. */
export class NotInCrm extends Error {
  override readonly name = 'NotInCrm';

  constructor(readonly what: 'contact' | 'chat' | 'lead' | 'pipeline') {
    super(`the CRM has no such ${what}`);
  }
}

/**
 * The CRM's cards and leads. Every method throws `DeliveryError`, whose message says in words what to do, and `NotInCrm`
 * where it says so.
 */
export abstract class CrmContacts {
  /** Whether there is anything to ask for this line. */
  abstract isOpen(line: Line): boolean;

  /** Cards with this number, however it is written there. @param phone digits with country code */
  abstract withPhone(phone: string, line: Line): Promise<readonly Contact[]>;

  /** The card that a chat stands in. */
  abstract ofChat(chatId: string, line: Line): Promise<number | undefined>;

  /** Puts a chat into a card. May be repeated. @throws NotInCrm */
  abstract linkChat(chatId: string, contactId: number, line: Line): Promise<void>;

  /** Makes a lead for a card. A repeat makes another one. @returns its id @throws NotInCrm */
  abstract createLead(lead: LeadDraft, line: Line): Promise<number>;

  /** A lead of the card with this name that was made since then. */
  abstract findLead(lead: LeadDraft, since: Date, line: Line): Promise<number | undefined>;

  /** Puts a card to a lead. May be repeated. @throws NotInCrm */
  abstract linkLead(leadId: number, contactId: number, line: Line): Promise<void>;
}

/** Where a line's chats come from, as the CRM lists it: it decides which pipeline their leads go into. */
export abstract class CrmSources {
  /**
   * Makes the line's source, or gives it its name and pipeline, where the CRM has them otherwise. Nothing for a line
   * that names no source, or no pipeline.
   * @returns what was done
   * @throws {DeliveryError} its message says in words what to do
   */
  abstract ensure(line: Line): Promise<'made' | 'changed' | 'as it is'>;
}
