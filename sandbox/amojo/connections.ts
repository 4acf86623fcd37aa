import type { Changes } from '../changes.ts';
import { accountsOf, type AmojoSettings } from './settings.ts';

/** What an account was connected with. */
export interface Connection {
  readonly title: string;
  /** Hooks of a `v1` connection have the deprecated flat form. */
  readonly hookApiVersion: 'v1' | 'v2';
  readonly isTimeWindowDisabled: boolean;
}

/** Which accounts the channel is connected to. */
export class Connections {
  readonly #changes: Changes;
  readonly #open = new Map<string, Connection>();

  constructor(settings: AmojoSettings, changes: Changes) {
    this.#changes = changes;
    if (!settings.connected) return;
    for (const { accountId } of accountsOf(settings)) {
      const usual = {
        title: 'Sandbox',
        hookApiVersion: 'v2',
        isTimeWindowDisabled: false,
      } as const;
      this.#open.set(accountId, usual);
    }
  }

  of(accountId: string): Connection | undefined {
    return this.#open.get(accountId);
  }

  /** Connects, or changes the settings of a connection. */
  open(accountId: string, connection: Connection): void {
    this.#open.set(accountId, connection);
    this.#changes.announce();
  }

  close(accountId: string): void {
    this.#open.delete(accountId);
    this.#changes.announce();
  }
}
