import { randomUUID } from 'node:crypto';
import type { AmojoTwin } from './amojo/amojo-twin.ts';
import type { Chat, ChatMessage } from './amojo/chat.ts';
import type { ManagerContent, ManagingOptions, OpeningOptions } from './amojo/manager-content.ts';
import { filledTemplate } from './amocrm/filled-template.ts';
import type { JsonObject } from './json.ts';
import type { Parcel, ParcelDraft } from './outbox.ts';

/** A chat, amojo's or the integration's id of one, or its client's address. */
export type ChatKey = Chat | string;

/** A manager at the chat card. Every hook is posted once; see `message.parcel` for its fate. */
export class Manager {
  readonly #amojo: AmojoTwin;
  readonly #find: (key: string) => Chat;

  constructor(amojo: AmojoTwin, find: (key: string) => Chat) {
    this.#amojo = amojo;
    this.#find = find;
  }

  /** Writes into a chat; resolves when the bridge has answered the hook, or failed to. */
  writes(chat: ChatKey, content: ManagerContent, options?: ManagingOptions): Promise<ChatMessage> {
    return this.#amojo.managers.write(this.#chat(chat), content, options);
  }

  /** Sends several attachments at once: a hook each, one after the other, with one group id. */
  async writesGroup(
    chat: ChatKey,
    contents: readonly Exclude<ManagerContent, string>[],
    options?: ManagingOptions,
  ): Promise<ChatMessage[]> {
    const mediaGroupId = randomUUID();
    const messages: ChatMessage[] = [];
    for (const content of contents) {
      messages.push(await this.writes(chat, { ...content, mediaGroupId }, options));
    }
    return messages;
  }

  /**
   * Writes first to a phone number, from the source and in the account that are chosen. Until the
   * client answers, hooks carry no ids of the bridge.
   */
  writesFirst(
    phone: string,
    content: ManagerContent,
    options: ManagingOptions & OpeningOptions = {},
  ): Promise<ChatMessage> {
    const chat = this.#amojo.managers.openByPhone(phone, options);
    return this.#amojo.managers.write(chat, content, options);
  }

  /** Asks with buttons, in rows; those with a `url` open a page. */
  offers(
    chat: ChatKey,
    text: string,
    buttons: readonly (readonly { readonly text: string; readonly url?: string }[])[],
    options?: ManagingOptions,
  ): Promise<ChatMessage> {
    const markup = { mode: 'inline', buttons };
    return this.writes(chat, { type: 'text', text, markup }, options);
  }

  /** Sends a list to choose from: `header`, `body`, `footer`, `button` and `sections`. */
  offersList(chat: ChatKey, list: JsonObject, options?: ManagingOptions): Promise<ChatMessage> {
    const markup = { list_message: list };
    return this.writes(chat, { type: 'text', text: '', markup }, options);
  }

  /** Quotes a message in its own chat. */
  replies(
    to: ChatMessage,
    content: ManagerContent,
    options?: ManagingOptions,
  ): Promise<ChatMessage> {
    return this.writes(to.chat, content, { ...options, replyTo: to });
  }

  /** Passes a message on, into any chat of the channel. */
  forwards(
    chat: ChatKey,
    message: ChatMessage,
    content: ManagerContent = '',
    options?: ManagingOptions,
  ): Promise<ChatMessage> {
    return this.writes(chat, content, { ...options, forwards: message });
  }

  /** Answers a comment under a post, which is possible with a text only. */
  answersComment(to: ChatMessage, text: string, options?: ManagingOptions): Promise<ChatMessage> {
    if (to.post === undefined) throw new Error('That message is no comment');
    return this.writes(to.chat, text, { ...options, post: { id: to.post.id } });
  }

  /**
   * Sends one of the account's chat templates.
   * @param key its `id` or `external_id`
   * @param values by marker, double braces included
   */
  writesTemplate(
    chat: ChatKey,
    key: number | string,
    values: Readonly<Record<string, string>> = {},
    options?: ManagingOptions,
  ): Promise<ChatMessage> {
    const into = this.#chat(chat);
    const template = this.#amojo.crmOf(into).templates.find(key);
    if (template === undefined) throw new Error(`The account has no template ${key}`);
    return this.writes(into, filledTemplate(template, values), options);
  }

  /** Puts a message into the chat and gives back its hook, which is not posted. */
  prepares(
    chat: ChatKey,
    content: ManagerContent,
    options?: ManagingOptions,
  ): { message: ChatMessage; hook: ParcelDraft } {
    return this.#amojo.managers.prepare(this.#chat(chat), content, options);
  }

  /** amoCRM's table and sample place the user differently; `shape` picks one. */
  types(chat: ChatKey, shape: 'sample' | 'table' = 'sample'): Promise<Parcel> {
    return this.#amojo.managers.act(this.#chat(chat), { kind: 'typing', shape });
  }

  /** Sets a reaction, or takes it back where the emoji is null. */
  reacts(
    to: ChatMessage,
    emoji: string | null,
    shape: 'sample' | 'table' = 'sample',
  ): Promise<Parcel> {
    const action = { kind: 'reaction', to, emoji: emoji ?? undefined, shape } as const;
    return this.#amojo.managers.act(to.chat, { ...action, isRemoved: emoji === null });
  }

  #chat(key: ChatKey): Chat {
    return typeof key === 'string' ? this.#find(key) : key;
  }
}
