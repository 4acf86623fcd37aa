import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { FileShelf } from '../file-shelf.ts';
import type { JsonObject } from '../json.ts';
import type { Parcel, ParcelDraft } from '../outbox.ts';
import { addressOf, type Chat, type ChatMessage, type Participant } from './chat.ts';
import type { ChatBook } from './chat-book.ts';
import type { Connections } from './connections.ts';
import { attached } from './attached.ts';
import { actionHook, innerMessage, MESSAGE_HOOKS } from './hook-bodies.ts';
import {
  checkedContent,
  type ChatAction,
  type HookContext,
  type HookForm,
  type ManagerContent,
  type ManagingOptions,
  type OpeningOptions,
} from './manager-content.ts';
import { quoteOf } from './quoted-message.ts';
import { setReaction } from './reactions.ts';
import { accountOfScope, scopeIdOf, type AmojoAccount, type AmojoSettings } from './settings.ts';
import { signedHook } from './signed-hook.ts';
import type { SlowQueue } from './slow-queue.ts';

export interface ManagerDeskParts {
  readonly settings: AmojoSettings;
  readonly clock: Clock;
  readonly queue: SlowQueue;
  readonly shelf: FileShelf;
  readonly book: ChatBook;
  readonly connections: Connections;
  /** The card a manager writes first from. */
  readonly openCard: (chat: Chat) => void;
  /** The source a hook of the chat names. */
  readonly sourceIdOf: (chat: Chat) => string | undefined;
  readonly url: () => string;
  /** The hook address with its `:scope_id` marker. */
  readonly webhook: () => string | undefined;
}

/** The managers: what they write in the chat card, and the hooks that carry it to the bridge. */
export class ManagerDesk {
  readonly #parts: ManagerDeskParts;

  constructor(parts: ManagerDeskParts) {
    this.#parts = parts;
  }

  /** Puts a message into the chat without posting its hook. */
  prepare(
    chat: Chat,
    content: ManagerContent,
    options: ManagingOptions = {},
  ): { message: ChatMessage; hook: ParcelDraft } {
    const { form = this.#formOf(chat), replyTo, forwards, post, overrides = {} } = options;
    const manager = this.#manager(chat, options.as);
    const given = checkedContent(content);
    if (post !== undefined && given.type !== 'text') throw new Error('Comments are text only');
    const { shelf, url } = this.#parts;
    const file = attached(given, shelf, url);
    const id = randomUUID();
    const text = given.text ?? '';
    const quotes = this.#parts.settings.supports.quotes ? { replyTo, forwards } : {};
    const inner = innerMessage({ ...given, ...file, ...quotes, id, text, post });
    const msecTimestamp = options.at?.getTime() ?? this.#nextTime(chat);
    const message = this.#parts.book.put({
      ...file,
      id,
      chat,
      direction: 'outgoing',
      sender: manager,
      receiver: chat.client,
      timestamp: Math.floor(msecTimestamp / 1000),
      msecTimestamp,
      type: given.type,
      text,
      raw: form === 'v2' ? { ...inner, ...overrides } : inner,
      replyTo: replyTo && quoteOf(replyTo),
      forwards: forwards && quoteOf(forwards),
      post,
      silent: true,
    });
    const body = MESSAGE_HOOKS[form](this.#context(chat, manager), message);
    const full = form === 'v2' ? body : { ...body, ...overrides };
    return { message, hook: this.#hook('hook', full, chat, message.text) };
  }

  /**
   * Writes into a chat; resolves when the bridge has answered the hook, or failed to, or when the
   * hook has gone into the slow queue.
   */
  async write(
    chat: Chat,
    content: ManagerContent,
    options?: ManagingOptions,
  ): Promise<ChatMessage> {
    const { message, hook } = this.prepare(chat, content, options);
    const { waits, handled } = this.#parts.queue.send(hook, (parcel) => {
      message.parcel = parcel;
      delete message.hookWaits;
    });
    if (waits) message.hookWaits = true;
    else await handled;
    return message;
  }

  /** Opens a chat with a phone number the manager chose; it has no ids of the integration yet. */
  openByPhone(
    phone: string,
    { name = '', sourceId, accountId = this.#parts.settings.accountId }: OpeningOptions = {},
  ): Chat {
    const { book, settings, openCard } = this.#parts;
    const scopeId = scopeIdOf({ channelId: settings.channelId, accountId });
    const isKnownTaken = settings.writeFirstReceiver === 'known';
    const known = isKnownTaken ? book.people.withPhone(scopeId, phone) : undefined;
    const client =
      known ?? book.people.join(scopeId, { id: randomUUID(), role: 'client', name, phone });
    const chat = book.open(scopeId, undefined, client, { isWriteFirst: true, sourceId });
    openCard(chat);
    return chat;
  }

  /**
   * Typing or a reaction, posted like a message; amoCRM posts typing once in five seconds, which is
   * left to the caller. Nothing is posted of a kind that support has not switched on.
   */
  async act(chat: Chat, action: ChatAction): Promise<Parcel> {
    const { supports } = this.#parts.settings;
    const manager = this.#manager(chat, undefined);
    if (action.kind === 'reaction') {
      setReaction(action.to, manager, action.isRemoved ? undefined : action.emoji);
    }
    const body = actionHook(this.#context(chat, manager), action);
    const hook = this.#hook(action.kind, body, chat);
    const isPosted = action.kind === 'typing' ? supports.typing : supports.reactions;
    return this.#parts.queue.send(isPosted ? hook : { ...hook, url: undefined }).handled;
  }

  /** Posts a hook about a message that was imported as a manager. */
  echo(message: ChatMessage): void {
    const { chat, sender } = message;
    const raw = innerMessage({
      ...message,
      thumbnail: '',
      replyTo: undefined,
      forwards: undefined,
    });
    const body = MESSAGE_HOOKS.v2(this.#context(chat, sender), { ...message, raw });
    void this.#parts.queue.send(this.#hook('hook', body, chat, message.text));
  }

  #hook(endpoint: string, body: JsonObject, chat: Chat, text?: string): ParcelDraft {
    const { settings, webhook, connections } = this.#parts;
    // A channel that is not connected gets no hooks.
    const connection = connections.of(this.#accountOf(chat).accountId);
    const url = connection && webhook()?.replace(':scope_id', chat.scopeId);
    const address = addressOf(chat.client);
    return { endpoint, url, address, text, ...signedHook(body, settings) };
  }

  #context(chat: Chat, manager: Participant): HookContext {
    const { settings, clock, sourceIdOf } = this.#parts;
    const { accountId, subdomain } = this.#accountOf(chat);
    const { unknownPhone } = settings;
    const sourceId = sourceIdOf(chat);
    return { accountId, subdomain, now: clock.now(), chat, manager, sourceId, unknownPhone };
  }

  #accountOf({ scopeId }: Chat): AmojoAccount {
    return accountOfScope(this.#parts.settings, scopeId) ?? this.#parts.settings;
  }

  #formOf(chat: Chat): HookForm {
    const connection = this.#parts.connections.of(this.#accountOf(chat).accountId);
    return connection?.hookApiVersion ?? 'v2';
  }

  #manager({ scopeId }: Chat, chosen: Participant | undefined): Participant {
    const staff = this.#parts.book.people.staffOf(scopeId);
    const manager =
      staff.find(({ id, role }) => (chosen ? id === chosen.id : role === 'user')) ?? chosen;
    if (manager === undefined) throw new Error('The sandbox has no managers');
    return manager;
  }

  /** Later than all that stands in the chat, so that two quick messages keep their order. */
  #nextTime({ messages }: Chat): number {
    const last = messages.at(-1)?.msecTimestamp ?? 0;
    const now = this.#parts.clock.now();
    return last >= now && last - now < 1000 ? last + 1 : now;
  }
}
