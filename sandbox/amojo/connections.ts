import type { Changes } from '../changes.ts';
import { accountsOf, type AmojoSettings } from './settings.ts';

/** What an account was connected with. */
export interface Connection {
  readonly title: string;
  /** Hooks of a `v1` connection have the deprecated flat form. */
  readonly hookApiVersion: 'v1' | 'v2';
  readonly isTimeWindowDisabled: boolean;
}

const USUAL: Connection = { title: 'Sandbox', hookApiVersion: 'v2', isTimeWindowDisabled: false };

/** Which accounts the channel is connected to. */
export class Connections {
  readonly #settings: AmojoSettings;
  readonly #changes: Changes;
  /** Of the accounts for which `connect` or `disconnect` was called; undefined after the latter. */
  readonly #called = new Map<string, Connection | undefined>();

  constructor(settings: AmojoSettings, changes: Changes) {
    this.#settings = settings;
    this.#changes = changes;
  }

  of(accountId: string): Connection | undefined {
    if (this.#called.has(accountId)) return this.#called.get(accountId);
    const { connected } = this.#settings;
    const isListed = accountsOf(this.#settings).some((one) => one.accountId === accountId);
    return connected && isListed ? USUAL : undefined;
  }

  /** Connects, or changes the settings of a connection. */
  open(accountId: string, connection: Connection): void {
    this.#called.set(accountId, connection);
    this.#changes.announce();
  }

  close(accountId: string): void {
    this.#called.set(accountId, undefined);
    this.#changes.announce();
  }
}
