import type { Answer } from '../answer.ts';
import type { Changes } from '../changes.ts';
import type { Clock } from '../clock.ts';
import { FaultBoard } from '../faults.ts';
import { fetchFile } from '../fetched-file.ts';
import { FileShelf, type ShelvedFile } from '../file-shelf.ts';
import { dig } from '../json.ts';
import type { Ledger } from '../ledger.ts';
import { Outbox, type Parcel } from '../outbox.ts';
import { TwinServer, type Handler, type SeenRequest } from '../twin-server.ts';
import { accountAnswer } from './account.ts';
import { addressOf, type Chat, type ChatMessage } from './chat.ts';
import { ChatBook } from './chat-book.ts';
import { mark, readStatus } from './delivery-status.ts';
import { Fields } from './fields.ts';
import { historyAnswer } from './history.ts';
import { ManagerDesk } from './manager-desk.ts';
import { readMessageEvent, readPerson, readSource, type NewMessage } from './message-body.ts';
import { errorBody, refuse, refuseData, refuseOrigin, refuseSignature } from './refusals.ts';
import { scopeIdOf, type AmojoSettings } from './settings.ts';
import { whyNotSigned } from './signature.ts';

export interface AmojoTwinParts {
  readonly settings: AmojoSettings;
  readonly clock: Clock;
  readonly changes: Changes;
  readonly ledger: Ledger;
  readonly webhook: () => string | undefined;
}

const CUSTOM = '/v2/origin/custom';

/**
 * A twin of amoCRM's chats API. Endpoints, as faults name them: `connect`, `disconnect`, `chats`,
 * `message`, `delivery-status`, `history`, `account`, `files`; what it posts itself: `hook`,
 * `typing`, `reaction`.
 */
export class AmojoTwin {
  readonly settings: AmojoSettings;
  readonly faults: FaultBoard;
  readonly server: TwinServer;
  readonly book: ChatBook;
  readonly managers: ManagerDesk;
  readonly #parts: AmojoTwinParts;
  readonly #outbox: Outbox;
  readonly #shelf = new FileShelf('/attachments');
  readonly #closing = new AbortController();
  #isConnected: boolean;

  constructor(parts: AmojoTwinParts) {
    const { settings, clock, changes, ledger, webhook } = parts;
    this.#parts = parts;
    this.settings = settings;
    this.#isConnected = settings.connected;
    this.faults = new FaultBoard(changes);
    this.book = new ChatBook(changes, settings);
    this.server = new TwinServer({
      platform: 'amojo',
      clock,
      changes,
      ledger,
      faults: this.faults,
      describe: (path, body) => this.#describe(path, body),
      faultBody: (status) => errorBody(status, 'MADE_UP_FAULT', 'switched on in the sandbox'),
    });
    const hookSettings = {
      // Each hook is sent once: what is lost stays lost.
      resendAfterSeconds: [],
      get timeoutMs() {
        return settings.hookTimeoutMs;
      },
    };
    this.#outbox = new Outbox(hookSettings, clock, changes, this.faults);
    this.managers = new ManagerDesk({
      settings,
      clock,
      changes,
      outbox: this.#outbox,
      shelf: this.#shelf,
      book: this.book,
      url: () => this.server.url,
      // A channel that is not connected gets no hooks.
      webhook: () => (this.#isConnected ? webhook() : undefined),
    });
    this.#addRoutes();
  }

  /** Whether `connect` was called since the last `disconnect`. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Every hook, with its only attempt. */
  get hooks(): readonly Parcel[] {
    return this.#outbox.parcels;
  }

  /** A file on this twin's shelf, by its hash. */
  shelved(sha1: string): ShelvedFile | undefined {
    return this.#shelf.find(sha1);
  }

  /** Hash of a file a manager attached; undefined for a link to elsewhere. */
  hashOf(media: string): string | undefined {
    if (!media.startsWith(this.server.url)) return undefined;
    return this.#shelf.hashOf(new URL(media).pathname);
  }

  async close(): Promise<void> {
    this.faults.clear();
    this.#outbox.close();
    this.#closing.abort();
    await this.server.goDown();
  }

  #addRoutes(): void {
    const { server } = this;
    server.route('get', '/attachments/:folder/:name', 'files', ({ path }) =>
      this.#shelf.answer(path),
    );
    server.route('get', '/api/v4/account', 'account', (request) =>
      accountAnswer(request, this.settings, server.url),
    );
    server.route('post', `${CUSTOM}/:channel/connect`, 'connect', (request) =>
      this.#connect(request),
    );
    server.route('delete', `${CUSTOM}/:channel/disconnect`, 'disconnect', (request) => {
      this.#checkChannel(request);
      new Fields(request.body).text('account_id');
      this.#isConnected = false;
      return { status: 200 };
    });
    const scoped = (handle: Handler): Handler => {
      return (request) => {
        this.#checkScope(request);
        return handle(request);
      };
    };
    const openChat = scoped((request) => this.#openChat(request));
    const takeStatus = scoped((request) => this.#takeStatus(request));
    const history = scoped(({ params, query }) =>
      historyAnswer(this.book.chat(params.chat ?? ''), query),
    );
    server.route('post', `${CUSTOM}/:scope/chats`, 'chats', openChat);
    server.route('get', `${CUSTOM}/:scope/chats/:chat/history`, 'history', history);
    server.route(
      'post',
      `${CUSTOM}/:scope/:message/delivery_status`,
      'delivery-status',
      takeStatus,
    );
    const takeMessage = scoped((request) => this.#takeMessage(request));
    server.route('post', `${CUSTOM}/:scope`, 'message', takeMessage);
    server.refuseTheRest(errorBody(404, 'NOT_FOUND', 'no such path'));
  }

  #checkSignature(request: SeenRequest): void {
    const { channelSecret, dateToleranceSeconds } = this.settings;
    const why = whyNotSigned(request, channelSecret, this.server.now(), dateToleranceSeconds);
    if (why !== undefined) throw refuseSignature(why);
  }

  #checkChannel(request: SeenRequest): void {
    if (request.params.channel !== this.settings.channelId) throw refuseOrigin('channel');
    this.#checkSignature(request);
  }

  #checkScope(request: SeenRequest): void {
    if (request.params.scope !== scopeIdOf(this.settings)) throw refuseOrigin('scope');
    this.#checkSignature(request);
    if (!this.#isConnected) throw refuseOrigin('scope: the channel is not connected');
  }

  #connect(request: SeenRequest): Answer {
    this.#checkChannel(request);
    const fields = new Fields(request.body);
    const accountId = fields.text('account_id');
    const version = fields.text('hook_api_version');
    if (version !== 'v1' && version !== 'v2') throw fields.no('hook_api_version', 'is v1 or v2');
    const title = fields.optionalText('title') ?? 'Sandbox';
    const isTimeWindowDisabled = fields.optionalFlag('is_time_window_disabled') ?? false;
    if (accountId !== this.settings.accountId) {
      throw refuse(403, 'ORIGIN_ACCOUNT_NOT_ALLOWED', 'the channel is not open to this account');
    }
    this.#isConnected = true;
    this.#parts.changes.announce();
    return {
      status: 200,
      body: {
        account_id: accountId,
        scope_id: scopeIdOf(this.settings),
        title,
        hook_api_version: version,
        is_time_window_disabled: isTimeWindowDisabled,
      },
    };
  }

  #openChat({ body, params }: SeenRequest): Answer {
    const fields = new Fields(body);
    const conversationId = fields.text('conversation_id');
    const sourceId = readSource(fields);
    const client = this.book.client(readPerson(fields.object('user')));
    const chat = this.book.open(params.scope ?? '', conversationId, client, { sourceId });
    const { id, clientId, name, avatar = '', phone, email } = client;
    return {
      status: 200,
      body: { id: chat.id, user: { id, client_id: clientId, name, avatar, phone, email } },
    };
  }

  #takeMessage(request: SeenRequest): Answer {
    const { body, params } = request;
    const scopeId = params.scope ?? '';
    const { event, payload } = readMessageEvent(body);
    if (event === 'new_message') return this.#addMessage(scopeId, payload, request);
    const edited = this.book.edit(scopeId, payload);
    if (edited !== undefined) return { status: 200, body: messageAnswer(edited) };
    if (this.settings.unknownEdit === 400) throw refuseData('payload.msgid', 'no such message');
    throw refuse(404, 'MESSAGE_NOT_FOUND', 'no such message');
  }

  #addMessage(scopeId: string, message: NewMessage, request: SeenRequest): Answer {
    const earlier = this.book.byMsgid(scopeId, message.msgid);
    if (earlier !== undefined) {
      const isSame = JSON.stringify(earlier.raw) === JSON.stringify(message.content.raw);
      if (isSame) this.#parts.ledger.repeats += 1;
      else this.#breach(request, `msgid ${message.msgid} came before with other content`);
      if (this.settings.duplicateMsgid === 'idempotent200') {
        return { status: 200, body: messageAnswer(earlier) };
      }
      const { answer } = refuseData('payload.msgid', 'is not unique');
      return { ...answer, excused: true };
    }
    const added = this.book.add(scopeId, message);
    if (message.timestamp > 99_999_999_999) this.#breach(request, 'timestamp is not in seconds');
    if (added.media !== '') {
      const { clock, changes } = this.#parts;
      clock.after(this.settings.fetchDelayMs, () => {
        void this.#fetchMedia(added).then(() => changes.announce());
      });
    }
    return { status: 200, body: messageAnswer(added) };
  }

  async #fetchMedia(message: ChatMessage): Promise<void> {
    try {
      message.file = await fetchFile(message.media, this.settings.fetchFrom, this.#closing.signal);
    } catch (error) {
      message.fileError = error instanceof Error ? error.message : String(error);
    }
  }

  #takeStatus(request: SeenRequest): Answer {
    const id = request.params.message ?? '';
    const message = this.book.message(id);
    if (message === undefined) throw refuse(404, 'MESSAGE_NOT_FOUND', `no message ${id}`);
    const reading = readStatus(request.body, id);
    const isBackwards = mark(message, reading, this.#parts.changes.next());
    for (const breach of reading.breaches) this.#breach(request, breach);
    if (message.direction === 'incoming') this.#breach(request, "status of a client's message");
    if (isBackwards) {
      this.#parts.ledger.statusBackwards += 1;
      this.#breach(request, `status ${reading.statusCode} after ${message.tick.state}`);
    }
    this.#parts.changes.announce();
    return { status: 200 };
  }

  /** Something amoCRM lets pass, but no integration should do. */
  #breach({ endpoint }: SeenRequest, reason: string): void {
    this.#parts.ledger.violation('amojo', endpoint, 200, reason);
  }

  /** The client's address and the text of a request, so that faults can be aimed at one client. */
  #describe(path: string, body: unknown): { address?: string; text?: string } {
    const text = dig(body, 'payload', 'message', 'text');
    const clientId = dig(body, 'payload', 'sender', 'id') ?? dig(body, 'user', 'id');
    const inPath = path.split('/').at(-2) ?? '';
    const chat: Chat | undefined = this.book.message(inPath)?.chat ?? this.book.chat(inPath);
    const address =
      typeof clientId === 'string' ? addressOf({ clientId }) : chat && addressOf(chat.client);
    return { address, text: typeof text === 'string' ? text : undefined };
  }
}

/** `receiver_id` is absent for what clients write, as in real answers. */
function messageAnswer({ chat, sender, receiver, id, clientId }: ChatMessage) {
  return {
    new_message: {
      conversation_id: chat.id,
      sender_id: sender.id,
      receiver_id: receiver?.id,
      msgid: id,
      ref_id: clientId,
    },
  };
}
