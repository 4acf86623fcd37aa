import type { Changes } from '../changes.ts';
import type { Clock } from '../clock.ts';
import { FaultBoard } from '../faults.ts';
import { FileShelf, type ShelvedFile } from '../file-shelf.ts';
import type { Ledger } from '../ledger.ts';
import { Outbox, type Parcel, type ParcelDraft } from '../outbox.ts';
import { TwinServer } from '../twin-server.ts';
import { addCallbackRoutes } from './callback-routes.ts';
import { CallbackUrls, type CallbackKind } from './callback-urls.ts';
import { callbackHeaders, ClientDesk } from './client-desk.ts';
import { Delivery, type ReportOptions } from './delivery.ts';
import { describe } from './describe.ts';
import { addFileRoutes } from './file-routes.ts';
import { Gate } from './gate.ts';
import { addLegacyRoutes } from './legacy-routes.ts';
import { addListingRoutes } from './listing-routes.ts';
import type { EdnaStatus, OutMessage } from './out-message.ts';
import { NO_SUCH_PATH, problemBody } from './refusals.ts';
import { addSendingRoutes } from './sending-routes.ts';
import type { EdnaSettings } from './settings.ts';
import { addSubscriberRoutes } from './subscriber-routes.ts';
import { SubscriberBook } from './subscribers.ts';
import { TemplateDesk } from './template-desk.ts';
import { addTemplateRoutes } from './template-routes.ts';

export interface EdnaTwinParts {
  readonly settings: EdnaSettings;
  readonly clock: Clock;
  readonly changes: Changes;
  readonly ledger: Ledger;
  readonly webhook: () => string | undefined;
}

/**
 * A twin of edna Pulse. Endpoints, as faults name them: `schedule`, `simple`, `max-bot`, `max`;
 * `legacy` (both ways to send), `legacy-status`, `legacy-templates`, `legacy-subjects`; `cascades`,
 * `channels`, `history`, `read-receipts`, `templates`, `new-template`, `callback-set`,
 * `subscribers`, `files`; `unknown` for the rest. What it posts itself: `incoming`, `status`,
 * `template` (a template's status has changed), `event` (its category has, or a link was pressed).
 */
export class EdnaTwin {
  readonly settings: EdnaSettings;
  readonly faults: FaultBoard;
  readonly server: TwinServer;
  readonly clients: ClientDesk;
  /** What WhatsApp decides about templates, and the callbacks about it. */
  readonly templates: TemplateDesk;
  /** What `callback/set` registered. */
  readonly callbackUrls: CallbackUrls;
  readonly #delivery: Delivery;
  readonly #outbox: Outbox;
  readonly #shelf = new FileShelf('/files');

  constructor({ settings, clock, changes, ledger, webhook }: EdnaTwinParts) {
    this.settings = settings;
    this.faults = new FaultBoard(changes);
    this.callbackUrls = new CallbackUrls(webhook);
    this.server = new TwinServer({
      platform: 'edna',
      clock,
      changes,
      ledger,
      faults: this.faults,
      describe: (_path, body) => describe(body),
      faultBody: (status, reason) =>
        reason === undefined
          ? problemBody('made-up-fault', status, 'switched on in the sandbox')
          : problemBody('request-not-valid', status, reason),
    });
    const callbackSettings = {
      get resendAfterSeconds() {
        return settings.resendAfterSeconds;
      },
      get timeoutMs() {
        return settings.callbackTimeoutMs;
      },
    };
    this.#outbox = new Outbox(callbackSettings, clock, changes, this.faults);
    const subscribers = new SubscriberBook();
    this.clients = new ClientDesk({
      settings,
      clock,
      changes,
      outbox: this.#outbox,
      shelf: this.#shelf,
      url: () => this.server.url,
      subscribers,
      webhook: (subjectId) => this.callbackUrls.of('incoming', subjectId),
    });
    const gate = new Gate(settings, () => this.clients.messages);
    this.#delivery = new Delivery({
      settings,
      clock,
      changes,
      ledger,
      gate,
      post: (raw, message) => this.#postStatus(raw, message),
    });
    this.templates = new TemplateDesk({
      settings,
      clock,
      post: async (draft, subjectId) => {
        const { parcel, handled } = this.#post('template', subjectId, draft);
        await handled;
        return parcel;
      },
    });
    const workings = {
      settings,
      server: this.server,
      clock,
      ledger,
      shelf: this.#shelf,
      clients: this.clients,
      subscribers,
      delivery: this.#delivery,
      gate,
      templates: this.templates,
      callbackUrls: this.callbackUrls,
    };
    addSendingRoutes(workings);
    addLegacyRoutes(workings);
    addListingRoutes(workings);
    addTemplateRoutes(workings);
    addCallbackRoutes(workings);
    addSubscriberRoutes(workings);
    addFileRoutes(workings);
    this.server.refuseTheRest(NO_SUCH_PATH);
  }

  /** Everything the bridge has had accepted, in order of acceptance. */
  get messages(): readonly OutMessage[] {
    return this.#delivery.messages;
  }

  /** Every callback, with its attempts. */
  get callbacks(): readonly Parcel[] {
    return this.#outbox.parcels;
  }

  /** A file on this twin's shelf, by its hash. */
  shelved(sha1: string): ShelvedFile | undefined {
    return this.#shelf.find(sha1);
  }

  shownTo(address: string): OutMessage[] {
    return this.#delivery.shownTo(address);
  }

  /** Brings a message to a status and posts the callback, whatever `statuses` says. */
  report(message: OutMessage, status: EdnaStatus, options?: ReportOptions): Promise<Parcel> {
    return this.#delivery.report(message, status, options);
  }

  async close(): Promise<void> {
    this.faults.clear();
    this.#outbox.close();
    this.#delivery.close();
    await this.server.goDown();
  }

  #postStatus(raw: string, message: OutMessage) {
    const { address, channel, content } = message;
    const text = content.text ?? undefined;
    return this.#post('status', channel.subjectId, { endpoint: 'status', raw, address, text });
  }

  #post(
    kind: CallbackKind,
    subjectId: number | undefined,
    draft: Pick<ParcelDraft, 'endpoint' | 'raw' | 'address' | 'text'>,
  ): { parcel: Parcel; handled: Promise<void> } {
    return this.#outbox.send({
      ...draft,
      url: this.callbackUrls.of(kind, subjectId),
      headers: callbackHeaders(this.settings.webhookToken),
    });
  }
}
