import { AmojoTwin } from './amojo/amojo-twin.ts';
import { defaultAmojoSettings, scopeIdOf } from './amojo/settings.ts';
import { hookSignature } from './amojo/signature.ts';
import type { Chat } from './amojo/chat.ts';
import { Changes, PATIENCE_MS, type Held } from './changes.ts';
import { Client } from './client.ts';
import { OwnedClock, realClock, type Clock } from './clock.ts';
import { callbackHeaders } from './edna/client-desk.ts';
import { EdnaTwin } from './edna/edna-twin.ts';
import type { UserInfo } from './edna/client-message.ts';
import { defaultEdnaSettings } from './edna/settings.ts';
import { toJson } from './json.ts';
import { Ledger, type Violation } from './ledger.ts';
import { Manager } from './manager.ts';
import { post, type PostDraft, type PostResult } from './post.ts';
import { isOnPhone } from './receipts.ts';
import { applySettings, type SettingsChange } from './settings.ts';
import { summarise, type LedgerSummary } from './summary.ts';
import type { SeenRequest } from './twin-server.ts';

/** Where the bridge takes what the platforms post. */
export interface Webhooks {
  readonly edna?: string;
  /** May contain `:scope_id`, as the address registered with amoCRM does. */
  readonly amocrm?: string;
}

export interface SandboxOptions extends SettingsChange {
  /** Loopback unless told otherwise. */
  readonly host?: string;
  /** Free ports are taken where none is given. */
  readonly ports?: { readonly edna?: number; readonly amojo?: number };
  /** Delays, resends and windows of time go by it; the real clock by default. */
  readonly clock?: Clock;
  /** A clock for the amoCRM side alone, e.g. to keep `Date` checks real while edna's time is driven. */
  readonly amojoClock?: Clock;
  readonly webhooks?: Webhooks;
}

/**
 * Both platforms in one process. Clients and managers act through `client()` and `manager`; what
 * each of them sees is read from `client().sees` and `chats`. `edna` and `amojo` are the twins with
 * their settings, faults and requests.
 */
export class Sandbox {
  readonly edna: EdnaTwin;
  readonly amojo: AmojoTwin;
  readonly manager: Manager;
  /** What went wrong, one by one; `ledger()` is the summary. */
  readonly log: Ledger;
  readonly #clocks: readonly OwnedClock[];
  readonly #changes = new Changes();
  readonly #clients = new Map<string, Client>();
  #webhooks: Webhooks;

  /** Use `startSandbox`, which also listens. */
  constructor(options: SandboxOptions) {
    const { clock = realClock(), webhooks = {} } = options;
    const ednaClock = new OwnedClock(clock);
    const amojoClock = new OwnedClock(options.amojoClock ?? clock);
    this.#clocks = [ednaClock, amojoClock];
    this.#webhooks = webhooks;
    this.log = new Ledger(this.#changes);
    const shared = { changes: this.#changes, ledger: this.log };
    this.edna = new EdnaTwin({
      ...shared,
      clock: ednaClock,
      settings: Object.assign(defaultEdnaSettings(), options.edna),
      webhook: () => this.#webhooks.edna,
    });
    this.amojo = new AmojoTwin({
      ...shared,
      clock: amojoClock,
      settings: Object.assign(defaultAmojoSettings(), options.amojo),
      webhook: () => this.#webhooks.amocrm,
      isOnPhone: (message) => isOnPhone(message, this.edna, this.amojo),
    });
    this.manager = new Manager(this.amojo, (chat) => this.chat(chat));
  }

  get webhooks(): Webhooks {
    return this.#webhooks;
  }

  get scopeId(): string {
    return scopeIdOf(this.amojo.settings);
  }

  /**
   * Says where the bridge's webhooks are; the bridge mostly starts after the sandbox.
   * @param bridge the two addresses, or the bridge's own address, whose usual routes are then taken
   */
  pointAt(bridge: string | Webhooks): void {
    if (typeof bridge !== 'string') {
      this.#webhooks = bridge;
      return;
    }
    const url = bridge.replace(/\/+$/, '');
    this.#webhooks = {
      edna: `${url}/webhooks/edna`,
      amocrm: `${url}/webhooks/amocrm/:scope_id`,
    };
  }

  /** The settings a bridge needs to talk to this sandbox. */
  environment(): Record<string, string> {
    const { settings: edna } = this.edna;
    const { settings: amojo } = this.amojo;
    return {
      EDNA_BASE_URL: this.edna.server.url,
      EDNA_API_KEY: edna.apiKey,
      EDNA_WEBHOOK_TOKEN: edna.webhookToken,
      AMOCRM_AMOJO_BASE_URL: this.amojo.server.url,
      AMOCRM_CHANNEL_ID: amojo.channelId,
      AMOCRM_CHANNEL_SECRET: amojo.channelSecret,
      AMOCRM_ACCOUNT_ID: amojo.accountId,
    };
  }

  /** The client with this address: a phone in digits, or another messenger's id. */
  client(address: string, userInfo?: Partial<UserInfo>): Client {
    const known = this.#clients.get(address);
    const client = known ?? new Client(this.edna, address);
    this.#clients.set(address, client);
    if (userInfo !== undefined) this.edna.clients.introduce(address, userInfo);
    if (known === undefined || userInfo !== undefined) this.#changes.announce();
    return client;
  }

  get clients(): readonly Client[] {
    return [...this.#clients.values()];
  }

  /** The chats a manager sees: those with a message. */
  get chats(): readonly Chat[] {
    return this.amojo.book.chats.filter((chat) => chat.messages.length > 0);
  }

  /**
   * A chat by amojo's id, by the integration's, or by its client's address (the newest then).
   * @throws {Error} where there is none; a predicate of `until` simply goes on waiting
   */
  chat(key: string): Chat {
    const { book } = this.amojo;
    const found =
      book.chat(key) ??
      book.byClientId(this.scopeId, key) ??
      book.withClient(key).findLast((chat) => chat.messages.length > 0 || chat.isWriteFirst);
    if (found === undefined) throw new Error(`The sandbox has no chat ${key}`);
    return found;
  }

  /** Requests both twins have got, in order; those of one endpoint if it is named. */
  requests(endpoint?: string): SeenRequest[] {
    return [...this.edna.server.requests, ...this.amojo.server.requests]
      .filter((request) => endpoint === undefined || request.endpoint === endpoint)
      .toSorted((one, other) => one.seq - other.seq);
  }

  get violations(): readonly Violation[] {
    return this.log.violations;
  }

  /** Counts over all that has happened, fit to be compared as a whole. */
  ledger(): LedgerSummary {
    return summarise(this.log, this.edna, this.amojo);
  }

  /** Changes settings while the twins run; of an object such as `delaysMs`, the keys given. */
  change({ edna, amojo }: SettingsChange): void {
    applySettings(this.edna.settings, edna);
    applySettings(this.amojo.settings, amojo);
    this.#changes.announce();
  }

  /** `X-Signature` of a hook with this body. */
  signHook(body: string | Buffer): string {
    return hookSignature(this.amojo.settings.channelSecret, body);
  }

  /** Posts any body as edna posts its callbacks; a text or bytes go as they are. */
  postAsEdna(body: unknown, headers: Record<string, string> = {}): Promise<PostResult> {
    const usual = callbackHeaders(this.edna.settings.webhookToken);
    const raw = typeof body === 'string' || Buffer.isBuffer(body) ? body : toJson(body);
    return post(this.#webhooks.edna ?? '', { headers: { ...usual, ...headers }, body: raw });
  }

  /** Posts any body as amoCRM posts its hooks, well signed unless `headers` say otherwise. */
  postAsAmocrm(body: unknown, headers: Record<string, string> = {}): Promise<PostResult> {
    const raw = typeof body === 'string' || Buffer.isBuffer(body) ? body : toJson(body);
    const usual = { 'Content-Type': 'application/json', 'X-Signature': this.signHook(raw) };
    const url = this.#webhooks.amocrm?.replace(':scope_id', this.scopeId) ?? '';
    return post(url, { headers: { ...usual, ...headers }, body: raw });
  }

  /** A file a client or a manager has sent, or the copy that arrived on the other side. */
  file(sha1: string): { readonly bytes: Buffer; readonly contentType?: string } | undefined {
    const arrived = [
      ...this.edna.messages.map(({ file }) => file),
      ...this.amojo.book.chats.flatMap(({ messages }) => messages.map(({ file }) => file)),
    ];
    return (
      this.edna.shelved(sha1) ??
      this.amojo.shelved(sha1) ??
      arrived.find((file) => file?.sha1 === sha1)
    );
  }

  /** Calls `look` after every change in either twin. @returns a function that ends it */
  watch(look: () => void): () => void {
    return this.#changes.watch(look);
  }

  /** Sends anything anywhere, with any headers and body; never throws. */
  post(url: string, draft?: PostDraft): Promise<PostResult> {
    return post(url, draft);
  }

  /**
   * Resolves with what `predicate` answers once that is truthy; looked at after every change in
   * either twin, so nothing polls. A predicate that throws does not hold yet.
   * @throws {Error} after `timeoutMs` of real time, with the ledger in its message
   */
  until<T>(predicate: () => T, timeoutMs = PATIENCE_MS): Promise<Held<T>> {
    return this.#changes.until(predicate, timeoutMs, () => {
      const violations = this.violations.map(({ endpoint, reason }) => `${endpoint}: ${reason}`);
      return [predicate.toString(), JSON.stringify(this.ledger()), ...violations].join('\n  ');
    });
  }

  async listen({ host = '127.0.0.1', ports = {} }: SandboxOptions): Promise<void> {
    await this.edna.server.listen(ports.edna ?? 0, host);
    await this.amojo.server.listen(ports.amojo ?? 0, host);
  }

  /** Ends everything: listeners, connections, timers, what is being waited for. */
  async close(): Promise<void> {
    for (const clock of this.#clocks) clock.close();
    await Promise.all([this.edna.close(), this.amojo.close()]);
    this.#changes.close();
  }
}

/** Starts both twins. @throws {Error} where a port is taken */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = new Sandbox(options);
  try {
    await sandbox.listen(options);
  } catch (error) {
    await sandbox.close();
    throw error;
  }
  return sandbox;
}
