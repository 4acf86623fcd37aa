import type { Line } from './line.js';

/* Who a client is in the CRM. */

/** A card of the CRM's that holds the client's number. */
export interface Contact {
  readonly id: number;
  /** Whether a lead of his is still worked on. */
  readonly hasOpenLead: boolean;
  readonly changedAt: Date;
}

/** The CRM's cards. Throws `DeliveryError` and nothing else; its message says in words what to do. */
export abstract class CrmContacts {
  /** Whether there is anything to ask for this line. */
  abstract isOpen(line: Line): boolean;

  /** Cards with this number, however it is written there. @param phone digits with country code */
  abstract withPhone(phone: string, line: Line): Promise<readonly Contact[]>;

  /** The card that a chat stands in. */
  abstract ofChat(chatId: string, line: Line): Promise<number | undefined>;

  /** Puts a chat into a card. May be repeated. */
  abstract linkChat(chatId: string, contactId: number, line: Line): Promise<void>;
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
