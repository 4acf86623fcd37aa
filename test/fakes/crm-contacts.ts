import { CrmContacts, type Contact } from '../../src/domain/contacts.js';
import { DeliveryError } from '../../src/domain/errors.js';

/** The CRM's cards in memory. */
export class FakeCrmContacts extends CrmContacts {
  /** By phone. */
  readonly cards = new Map<string, Contact[]>();
  /** The card each chat stands in. */
  readonly links = new Map<string, number>();
  isReachable = true;
  searches = 0;
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

  override linkChat(chatId: string, contactId: number): Promise<void> {
    this.links.set(chatId, contactId);
    return Promise.resolve();
  }
}
