import type { Line } from './line.js';

/* Access to accounts of the CRM that their administrators give by consent (OAuth). Messages never depend on it. */

/** Tokens that were given for a code, and whose account they open. Kept nowhere yet. */
export interface Grant {
  /** The account's id in the chats interface. */
  readonly accountId: string;
  /** The account's number. */
  readonly accountNumber: string;
  /** Where the account lives, without a scheme. */
  readonly host: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInMs: number;
}

/** How a line's access is; `none` also where a long-lived token stands in the settings. */
export interface AccessView {
  readonly state: 'connected' | 'auth-failed' | 'off' | 'none';
  /** What to do about it. */
  readonly why?: string;
}

export abstract class CrmAccess {
  /** Whether access can be given by consent at all: the settings name an integration. */
  abstract readonly isSet: boolean;

  /**
   * Changes the code of a consent for tokens, and looks up whose account it is. A code works once.
   * @param host where the account lives, as the CRM's redirect says; it has to be trusted, for it is sent our secret
   * @throws {DeliveryError} its message says what to do
   */
  abstract redeem(host: string, code: string): Promise<Grant>;

  /** @throws {JournalUnavailable} */
  abstract keep(grant: Grant): Promise<void>;

  /**
   * The account's administrator has switched the integration off: its tokens are forgotten.
   * @throws {JournalUnavailable}
   */
  abstract takeBack(accountNumber: string): Promise<void>;

  /**
   * Has tokens changed for new ones where it is time. Throws never: what goes wrong is told as an event, or passes.
   */
  abstract keepAlive(line: Line): Promise<void>;

  /** Whether anything may open the line's account: a long-lived token of the settings, or a consent. */
  abstract isOpen(line: Line): boolean;

  /** @throws {JournalUnavailable} */
  abstract stateOf(line: Line): Promise<AccessView>;
}

/**
 * What happened to an account's access. `consent-refused`: a code was not taken. Anybody can invent one, so it says
 * nothing of the access that there is.
 */
export interface AccessEvent {
  readonly event: 'connected' | 'token-refreshed' | 'auth-failed' | 'consent-refused';
  /** Its host, or its number where nothing else is known. */
  readonly account: string;
  readonly why?: string;
}

/** Tells whoever listens: logs and metrics. */
export class AccessEvents {
  private readonly listeners: ((event: AccessEvent) => void)[] = [];

  listen(listener: (event: AccessEvent) => void): void {
    this.listeners.push(listener);
  }

  tell(event: AccessEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}
