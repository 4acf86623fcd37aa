import { AccountHooks } from '../amocrm/account-hooks.ts';
import type { Crm } from '../amocrm/crm.ts';
import { CrmAccounts } from '../amocrm/crm-accounts.ts';
import { Integration } from '../amocrm/integration.ts';
import { addOauthRoutes } from '../amocrm/oauth-routes.ts';
import { RestApi } from '../amocrm/rest-api.ts';
import { addRestRoutes } from '../amocrm/rest-routes.ts';
import { isWaba } from '../amocrm/source.ts';
import type { Review } from '../amocrm/template.ts';
import { Tokens } from '../amocrm/tokens.ts';
import type { Changes } from '../changes.ts';
import type { Clock } from '../clock.ts';
import { FaultBoard } from '../faults.ts';
import { FileShelf, type ShelvedFile } from '../file-shelf.ts';
import { dig, textOrNull } from '../json.ts';
import type { Ledger } from '../ledger.ts';
import { Outbox, type Parcel } from '../outbox.ts';
import { TwinServer } from '../twin-server.ts';
import { addressOf, type Chat, type ChatMessage } from './chat.ts';
import { ChatBook } from './chat-book.ts';
import { addChatRoutes } from './chat-routes.ts';
import { addConnectionRoutes } from './connection-routes.ts';
import { Connections } from './connections.ts';
import { Gate } from './gate.ts';
import { ManagerDesk } from './manager-desk.ts';
import { MediaFetcher } from './media-fetcher.ts';
import { addMessageRoutes } from './message-routes.ts';
import { errorBody } from './refusals.ts';
import type { AmojoSettings } from './settings.ts';
import { SlowQueue } from './slow-queue.ts';

export interface AmojoTwinParts {
  readonly settings: AmojoSettings;
  readonly clock: Clock;
  readonly changes: Changes;
  readonly ledger: Ledger;
  readonly webhook: () => string | undefined;
  /** Whether the bridge was told that the client has a manager's message; nobody is by default. */
  readonly isOnPhone?: (message: ChatMessage) => boolean;
}

/**
 * A twin of amoCRM: its chats API, REST v4 and OAuth, at one address. Endpoints, as faults name
 * them:
 * - chats API: `connect`, `disconnect`, `chats`, `message`, `delivery-status`, `history`,
 *   `client-typing`, `react`
 * - REST v4: `account`, `users`, `contacts`, `contact-chats`, `leads`, `sources`,
 *   `chat-templates`, `talks`, `webhooks`
 * - OAuth: `oauth`, `access-token`, `subdomain`
 * - `files`: what managers attached; `unknown`: everything else
 * - what it posts itself: `hook`, `typing`, `reaction`, `account-hook`
 */
export class AmojoTwin {
  readonly settings: AmojoSettings;
  readonly faults: FaultBoard;
  readonly server: TwinServer;
  readonly book: ChatBook;
  readonly managers: ManagerDesk;
  readonly connections: Connections;
  /** The integration's switch in the account's settings. */
  readonly integration: Integration;
  /** REST v4: whether it has blocked the caller. */
  readonly rest: RestApi;
  readonly slowQueue: SlowQueue;
  readonly #crms: CrmAccounts;
  readonly #accountHooks: AccountHooks;
  readonly #outbox: Outbox;
  readonly #fetcher: MediaFetcher;
  readonly #shelf = new FileShelf('/attachments');

  constructor(parts: AmojoTwinParts) {
    const { settings, clock, changes, ledger, webhook } = parts;
    this.settings = settings;
    this.faults = new FaultBoard(changes);
    this.connections = new Connections(settings, changes);
    this.#crms = new CrmAccounts(settings, clock, changes);
    this.book = new ChatBook(changes, settings, this.#crms);
    this.#fetcher = new MediaFetcher(settings, clock, changes);
    this.server = new TwinServer({
      platform: 'amojo',
      clock,
      changes,
      ledger,
      faults: this.faults,
      describe: (path, body) => this.#describe(path, body),
      faultBody: (status, reason) =>
        reason === undefined
          ? errorBody(status, 'MADE_UP_FAULT', 'switched on in the sandbox')
          : errorBody(status, 'BAD_REQUEST', reason),
    });
    const hookSettings = {
      // Each hook is sent once: what is lost stays lost.
      resendAfterSeconds: [],
      get timeoutMs() {
        return settings.hookTimeoutMs;
      },
    };
    this.#outbox = new Outbox(hookSettings, clock, changes, this.faults);
    const queueParts = { outbox: this.#outbox, clock, changes };
    this.slowQueue = new SlowQueue(() => settings.slowQueue, queueParts);
    this.managers = new ManagerDesk({
      settings,
      clock,
      queue: this.slowQueue,
      shelf: this.#shelf,
      book: this.book,
      connections: this.connections,
      openCard: (chat) => this.#crms.ofChat(chat).openCard(chat),
      sourceIdOf: (chat) => this.#crms.ofChat(chat).sourceIdOf(chat),
      url: () => this.server.url,
      webhook,
    });
    const tokens = new Tokens(settings, clock);
    const url = () => this.server.url;
    this.integration = new Integration(settings, tokens, this.connections, url);
    this.#accountHooks = new AccountHooks(
      settings,
      clock,
      changes,
      this.faults,
      () => this.#crms.all,
    );
    const { server, book } = this;
    const hooks = this.#accountHooks;
    this.rest = new RestApi({ settings, clock, server, crms: this.#crms, tokens, book, hooks });
    this.#addRoutes(parts, tokens);
  }

  /** Whether the main account was connected since it was last disconnected. */
  get isConnected(): boolean {
    return this.connections.of(this.settings.accountId) !== undefined;
  }

  /** Every hook that has left, with its only attempt. */
  get hooks(): readonly Parcel[] {
    return this.#outbox.parcels;
  }

  /** Every webhook of the accounts, with its attempts. */
  get accountHooks(): readonly Parcel[] {
    return this.#accountHooks.parcels;
  }

  /**
   * An administrator presses "send for approval" on a template of WhatsApp.
   * @throws {Error} where there is none with this id, or no number of WhatsApp
   */
  asksApproval(templateId: number, accountId?: string): readonly Review[] {
    const crm = this.crm(accountId);
    const template = crm.templates.find(templateId);
    if (template?.fields.type !== 'waba')
      throw new Error(`There is no waba template ${templateId}`);
    if (!crm.sources.all.some(isWaba)) throw new Error('The account has no number of WhatsApp');
    return this.#accountHooks.askReview(crm, template);
  }

  /** Contacts, leads, sources, templates, talks and webhooks. @param accountId the main one if left out */
  crm(accountId?: string): Crm {
    return this.#crms.of(accountId);
  }

  /** The CRM of the account a chat belongs to. */
  crmOf(chat: Chat): Crm {
    return this.#crms.ofChat(chat);
  }

  /** A file on this twin's shelf, by its hash. */
  shelved(sha1: string): ShelvedFile | undefined {
    return this.#shelf.find(sha1);
  }

  /** Hash of a file a manager attached; undefined for a link to elsewhere. */
  hashOf(media: string): string | undefined {
    if (!URL.canParse(media)) return undefined;
    const { origin, pathname } = new URL(media);
    return origin === this.server.url ? this.#shelf.hashOf(pathname) : undefined;
  }

  async close(): Promise<void> {
    this.faults.clear();
    this.#outbox.close();
    this.#accountHooks.close();
    this.#fetcher.close();
    await this.server.goDown();
  }

  #addRoutes(parts: AmojoTwinParts, tokens: Tokens): void {
    const { settings, clock, changes, ledger, isOnPhone = () => false } = parts;
    const { server, connections, book } = this;
    server.route('get', '/attachments/:folder/:name', 'files', ({ path }) =>
      this.#shelf.answer(path),
    );
    const gate = new Gate({ settings, connections, clock, ledger, now: () => server.now() });
    const shared = { settings, clock, changes, ledger, server, gate, connections, book };
    const routeParts = { ...shared, fetcher: this.#fetcher, isOnPhone };
    addConnectionRoutes(routeParts);
    addChatRoutes(routeParts);
    addMessageRoutes(routeParts, (message) => {
      if (settings.hooksImportsOfManagers) this.managers.echo(message);
    });
    addOauthRoutes({ settings, server, tokens });
    addRestRoutes(this.rest);
    server.refuseTheRest(errorBody(404, 'NOT_FOUND', 'no such path'));
  }

  /** The client's address and the text of a request, so that faults can be aimed at one client. */
  #describe(path: string, body: unknown): { address?: string; text?: string } {
    const text = dig(body, 'payload', 'message', 'text');
    const person = dig(body, 'payload', 'sender') ?? dig(body, 'user');
    const clientId = textOrNull(dig(person, 'id')) ?? undefined;
    const phone = textOrNull(dig(person, 'profile', 'phone')) ?? undefined;
    const inPath = path.split('/').at(-2) ?? '';
    const chat: Chat | undefined = this.book.message(inPath)?.chat ?? this.book.chat(inPath);
    const address = clientId ? addressOf({ clientId, phone }) : chat && addressOf(chat.client);
    return { address, text: typeof text === 'string' ? text : undefined };
  }
}
