import type { Chat, ChatMessage, Participant } from '../amojo/chat.ts';
import type { Cards } from '../amojo/chat-book.ts';
import { accountOfScope, accountsOf, type AmojoSettings } from '../amojo/settings.ts';
import type { Changes } from '../changes.ts';
import type { Clock } from '../clock.ts';
import { Crm } from './crm.ts';

/** The CRM of every account of the channel. */
export class CrmAccounts implements Cards {
  readonly #settings: AmojoSettings;
  readonly #clock: Clock;
  readonly #changes: Changes;
  readonly #crms = new Map<string, Crm>();

  constructor(settings: AmojoSettings, clock: Clock, changes: Changes) {
    this.#settings = settings;
    this.#clock = clock;
    this.#changes = changes;
  }

  /** Those that anybody has asked for. */
  get all(): readonly Crm[] {
    return [...this.#crms.values()];
  }

  /** @param accountId its `amojo_id`; the main account if left out */
  of(accountId: string = this.#settings.accountId): Crm {
    const known = this.#crms.get(accountId);
    if (known !== undefined) return known;
    const settings = this.#settings;
    const account = () =>
      accountsOf(settings).find((one) => one.accountId === accountId) ?? settings;
    const crm = new Crm(account, settings, this.#clock, this.#changes);
    this.#crms.set(accountId, crm);
    return crm;
  }

  ofChat({ scopeId }: Chat): Crm {
    return this.of(accountOfScope(this.#settings, scopeId)?.accountId);
  }

  takeLive(chat: Chat, client: Participant): boolean {
    return this.ofChat(chat).takeLive(chat, client);
  }

  takeMessage(message: ChatMessage): void {
    this.ofChat(message.chat).talks.take(message);
  }
}
