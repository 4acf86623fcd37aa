/** An address somebody wants to be told of events at. */
export interface AccountWebhook {
  readonly id: number;
  readonly destination: string;
  settings: readonly string[];
  /** amoCRM has switched it off after too many bad answers. */
  disabled: boolean;
  /** When the latest bad answers came. */
  badAt: readonly number[];
  readonly createdAt: number;
}

/** More bad answers than these within two hours switch an address off, if the last one is bad, too. */
const MOST_BAD = 100;
const WITHIN_MS = 2 * 60 * 60_000;

/** The webhooks of one account: a person's or an integration's, of what happens in the account. */
export class AccountWebhooks {
  all: readonly AccountWebhook[] = [];
  #lastId = 839_000;

  find(destination: string): AccountWebhook | undefined {
    return this.all.find((one) => one.destination === destination);
  }

  /** A repeat replaces the events, and switches it on again. */
  subscribe(destination: string, settings: readonly string[], now: number): AccountWebhook {
    const known = this.find(destination);
    if (known !== undefined) return Object.assign(known, { settings, disabled: false, badAt: [] });
    this.#lastId += 1;
    const added = {
      id: this.#lastId,
      destination,
      settings,
      disabled: false,
      badAt: [],
      createdAt: Math.floor(now / 1000),
    };
    this.all = [...this.all, added];
    return added;
  }

  remove(destination: string): void {
    this.all = this.all.filter((one) => one.destination !== destination);
  }

  /** Who is to be told of an event. */
  of(event: string): readonly AccountWebhook[] {
    return this.all.filter(({ settings, disabled }) => settings.includes(event) && !disabled);
  }

  note(destination: string, isGood: boolean, now: number): void {
    const webhook = this.find(destination);
    if (webhook === undefined || isGood) return;
    webhook.badAt = [...webhook.badAt.filter((at) => at > now - WITHIN_MS), now];
    webhook.disabled = webhook.badAt.length > MOST_BAD;
  }
}
