import { randomUUID } from 'node:crypto';
import type { Changes } from '../changes.ts';
import type { Clock } from '../clock.ts';
import type { FileShelf } from '../file-shelf.ts';
import type { JsonObject } from '../json.ts';
import type { Outbox, Parcel, ParcelDraft } from '../outbox.ts';
import { addressOf, type Chat, type ChatMessage, type Participant } from './chat.ts';
import type { ChatBook } from './chat-book.ts';
import { actionHook, innerMessage, MESSAGE_HOOKS } from './hook-bodies.ts';
import type {
  ChatAction,
  HookContext,
  ManagerContent,
  ManagingOptions,
} from './manager-content.ts';
import { scopeIdOf, type AmojoSettings } from './settings.ts';
import { hookSignature } from './signature.ts';

const EXTENSIONS: Record<string, string> = {
  picture: 'png',
  sticker: 'webp',
  video: 'mp4',
  audio: 'mp3',
  voice: 'ogg',
  file: 'pdf',
};

export interface ManagerDeskParts {
  readonly settings: AmojoSettings;
  readonly clock: Clock;
  readonly changes: Changes;
  readonly outbox: Outbox;
  readonly shelf: FileShelf;
  readonly book: ChatBook;
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
    const { form = 'v2', replyTo, overrides = {} } = options;
    const manager = this.#manager(options.as);
    const given =
      typeof content === 'string' ? ({ type: 'text', text: content } as const) : content;
    const file = this.#attach(given);
    const id = randomUUID();
    const inner = innerMessage({ ...given, ...file, id, text: given.text ?? '', replyTo });
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
      text: given.text ?? '',
      raw: form === 'v2' ? { ...inner, ...overrides } : inner,
      replyTo: replyTo && { id: replyTo.id, msgid: replyTo.clientId },
      silent: true,
    });
    const body = MESSAGE_HOOKS[form](this.#context(chat, manager), message);
    const full = form === 'v2' ? body : { ...body, ...overrides };
    return { message, hook: this.hook('hook', full, chat, message.text) };
  }

  /** Writes into a chat; resolves when the bridge has answered the hook, or failed to. */
  async write(
    chat: Chat,
    content: ManagerContent,
    options?: ManagingOptions,
  ): Promise<ChatMessage> {
    const { message, hook } = this.prepare(chat, content, options);
    const { parcel, handled } = this.#parts.outbox.send(hook);
    message.parcel = parcel;
    await handled;
    return message;
  }

  /** Opens a chat with a phone number the manager chose; it has no ids of the integration yet. */
  openByPhone(phone: string, name: string): Chat {
    const { book, settings } = this.#parts;
    const client = book.join({ id: randomUUID(), role: 'client', name, phone });
    return book.open(scopeIdOf(settings), undefined, client, { isWriteFirst: true });
  }

  /** Typing or a reaction, posted like a message. */
  async act(chat: Chat, action: ChatAction): Promise<Parcel> {
    const body = actionHook(this.#context(chat, this.#manager(undefined)), action);
    const { parcel, handled } = this.#parts.outbox.send(this.hook(action.kind, body, chat));
    await handled;
    return parcel;
  }

  /** A hook as it goes over the wire: the signature covers the body without its final newline. */
  hook(endpoint: string, body: JsonObject, chat: Chat, text?: string): ParcelDraft {
    const { settings, webhook } = this.#parts;
    const json = JSON.stringify(body);
    const raw = settings.hookNewline === 'none' ? json : `${json}\n`;
    const signed = settings.hookNewline === 'signed' ? raw : json;
    return {
      endpoint,
      url: webhook()?.replace(':scope_id', chat.scopeId),
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'amoCRM amoJo/1.0',
        'X-Signature': hookSignature(settings.channelSecret, signed),
      },
      raw,
      address: addressOf(chat.client),
      text,
    };
  }

  #context(chat: Chat, manager: Participant): HookContext {
    const { settings, clock } = this.#parts;
    const { accountId, subdomain } = settings;
    return { accountId, subdomain, now: clock.now(), chat, manager };
  }

  #manager(chosen: Participant | undefined): Participant {
    const manager = chosen ?? this.#parts.settings.managers[0];
    if (manager === undefined) throw new Error('The sandbox has no managers');
    return manager;
  }

  /** Later than all that stands in the chat, so that two quick messages keep their order. */
  #nextTime({ messages }: Chat): number {
    const last = messages.at(-1)?.msecTimestamp ?? 0;
    const now = this.#parts.clock.now();
    return last >= now && last - now < 1000 ? last + 1 : now;
  }

  #attach(content: Exclude<ManagerContent, string>) {
    const extension = EXTENSIONS[content.type];
    if (extension === undefined || content.media !== undefined) {
      const { media = '', fileName = '', fileSize = 0 } = content;
      return { media, fileName, fileSize, thumbnail: '' };
    }
    const { shelf, url } = this.#parts;
    const stored = shelf.put(content.fileName || `${content.type}-1.${extension}`, content.bytes);
    const media = `${url()}${stored.path}`;
    return {
      media,
      fileName: content.fileName ?? stored.name,
      fileSize: content.fileSize ?? stored.bytes.length,
      thumbnail: content.type === 'picture' ? media : '',
    };
  }
}
