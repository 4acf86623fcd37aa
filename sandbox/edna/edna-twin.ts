import type { Answer, Refusal } from '../answer.ts';
import type { Changes } from '../changes.ts';
import type { Clock } from '../clock.ts';
import { FaultBoard } from '../faults.ts';
import { FileShelf, type ShelvedFile } from '../file-shelf.ts';
import { isObject } from '../json.ts';
import type { Ledger } from '../ledger.ts';
import { Outbox, type Parcel } from '../outbox.ts';
import { TwinServer, type Handler, type SeenRequest } from '../twin-server.ts';
import { cascadeBody, channelBody, type Cascade } from './catalogue.ts';
import { callbackHeaders, ClientDesk } from './client-desk.ts';
import { Delivery, type ReportOptions } from './delivery.ts';
import { describe, standsBesideFile } from './describe.ts';
import { readHistory } from './history.ts';
import { openChannel, openMethod, type EdnaKey, type MethodGroup } from './keys.ts';
import { readMax } from './max.ts';
import type { EdnaStatus, OutDraft, OutMessage } from './out-message.ts';
import { readLegacy, readSimple } from './plain-dialects.ts';
import { excused, problemBody, refuse, refuseLegacy } from './refusals.ts';
import { readSchedule } from './schedule.ts';
import type { EdnaSettings } from './settings.ts';

export interface EdnaTwinParts {
  readonly settings: EdnaSettings;
  readonly clock: Clock;
  readonly changes: Changes;
  readonly ledger: Ledger;
  readonly webhook: () => string | undefined;
}

/**
 * A twin of edna Pulse. Endpoints, as faults name them: `schedule`, `simple`, `legacy`, `max-bot`,
 * `max`, `cascades`, `channels`, `history`, `files`; what it posts itself: `incoming`, `status`.
 */
export class EdnaTwin {
  readonly settings: EdnaSettings;
  readonly faults: FaultBoard;
  readonly server: TwinServer;
  readonly clients: ClientDesk;
  readonly #delivery: Delivery;
  readonly #outbox: Outbox;
  readonly #shelf = new FileShelf('/files');
  readonly #ledger: Ledger;

  constructor({ settings, clock, changes, ledger, webhook }: EdnaTwinParts) {
    this.settings = settings;
    this.#ledger = ledger;
    this.faults = new FaultBoard(changes);
    this.server = new TwinServer({
      platform: 'edna',
      clock,
      changes,
      ledger,
      faults: this.faults,
      describe: (_path, body) => describe(body),
      faultBody: (status) => problemBody('made-up-fault', status, 'switched on in the sandbox'),
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
    const post = (raw: string, message: OutMessage) =>
      this.#outbox.send({
        endpoint: 'status',
        url: webhook(),
        headers: callbackHeaders(settings.webhookToken),
        raw,
        address: message.address,
        text: message.content.text ?? undefined,
      });
    this.#delivery = new Delivery({ settings, clock, changes, ledger, post });
    this.clients = new ClientDesk({
      settings,
      clock,
      changes,
      outbox: this.#outbox,
      shelf: this.#shelf,
      url: () => this.server.url,
      webhook,
    });
    this.#addRoutes(clock);
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

  #addRoutes(clock: Clock): void {
    const { server, settings } = this;
    server.route('get', '/files/:folder/:name', 'files', ({ path, query }) => {
      const isExpired = Number(query.get('Expires') ?? Infinity) * 1000 < clock.now();
      return isExpired ? { status: 403, body: '', excused: true } : this.#shelf.answer(path);
    });
    const post = (path: string, endpoint: string, handle: Handler): void =>
      server.route('post', path, endpoint, handle);
    post('/api/cascade/get-all', 'cascades', (request) => this.#listCascades(request));
    server.route('get', '/api/channel-profile', 'channels', (request) => {
      openMethod(request, 'channels', settings);
      const types = request.query.getAll('types').flatMap((list) => list.split(','));
      const wanted = settings.channels.filter(
        ({ type }) => types.length === 0 || types.includes(type),
      );
      return { status: 200, body: wanted.map(channelBody) };
    });
    post('/api/cascade/schedule', 'schedule', (request) => this.#schedule(request));
    post('/api/messages/send', 'simple', (request) => {
      if (!settings.simpleDialect) return { status: 404, body: NO_SUCH_PATH };
      const draft = this.#accept(request, (body) => readSimple(body, settings.channels));
      return { status: 200, body: { id: draft.requestId } };
    });
    post('/api/old/imOutMessage', 'legacy', (request) => {
      const { requestId } = this.#accept(request, (body) =>
        readLegacy(body, settings.channels, settings.legacyRefusalStatus, (id) =>
          this.#checkLegacyId(id, request),
        ),
      );
      return { status: 200, body: { id: requestId, code: 'ok' } };
    });
    for (const dialect of ['max-bot', 'max'] as const) {
      post(`/api/v1/out-messages/${dialect}`, dialect, (request) => {
        const message = this.#accept(request, (body) => readMax(body, dialect, settings.channels));
        const echo = dialect === 'max-bot' ? { maxId: message.address } : {};
        return { status: 200, body: { outMessageId: message.messageId, ...echo } };
      });
    }
    post('/api/messages/history', 'history', (request) => {
      openMethod(request, 'history', settings);
      const { messages: sent } = this.#delivery;
      const { messages: received } = this.clients;
      return readHistory(request.body, { sent, received, contentForm: settings.historyContent });
    });
    server.refuseTheRest(NO_SUCH_PATH);
  }

  #listCascades(request: SeenRequest): Answer {
    const { cascades, channels } = this.settings;
    if (typeof cascades === 'number') {
      return { status: cascades, body: problemBody('not-found', cascades, ''), excused: true };
    }
    openMethod(request, 'cascades', this.settings);
    if (!isObject(request.body)) throw refuse('request-not-valid', 'the body is no JSON object');
    return { status: 200, body: cascades.map((cascade) => cascadeBody(cascade, channels)) };
  }

  #schedule(request: SeenRequest): Answer {
    const { cascades, channels } = this.settings;
    const known: readonly Cascade[] = typeof cascades === 'number' ? [] : cascades;
    const checkIsUnique = (id: string): void => this.#checkRequestId(id, request);
    const { requestId } = this.#accept(request, (body) =>
      readSchedule(body, { cascades: known, channels, checkIsUnique }),
    );
    if (standsBesideFile(request.body)) this.#ledger.ignoredTexts += 1;
    return { status: 200, body: { requestId } };
  }

  #accept(request: SeenRequest, read: (body: unknown) => OutDraft): OutMessage {
    const key: EdnaKey = openMethod(request, MESSAGING, this.settings);
    const draft = read(request.body);
    openChannel(key, draft.channel);
    return this.#delivery.take(draft, request.raw.toString('utf8'));
  }

  #checkRequestId(id: string, request: SeenRequest): void {
    const earlier = this.#delivery.byRequestId('cascade', id);
    if (earlier === undefined) return;
    const refusal = refuse('requestId-is-not-unique', `request ${id} was accepted before`);
    throw this.#excuseRepeat(refusal, earlier, request);
  }

  #checkLegacyId(id: string, request: SeenRequest): void {
    const earlier = this.#delivery.byRequestId('legacy', id);
    if (earlier === undefined) return;
    const status = this.settings.legacyRefusalStatus;
    const refusal = refuseLegacy('error-id-not-unique', status, `${id} was accepted before`);
    throw this.#excuseRepeat(refusal, earlier, request);
  }

  /** The same request once more is how a caller finds out what became of it: no violation. */
  #excuseRepeat(refusal: Refusal, earlier: OutMessage, request: SeenRequest): Refusal {
    if (earlier.raw !== request.raw.toString('utf8')) return refusal;
    this.#ledger.repeats += 1;
    return excused(refusal);
  }
}

const MESSAGING: MethodGroup = 'messaging';

const NO_SUCH_PATH = problemBody('not-found', 404, 'no such path');
