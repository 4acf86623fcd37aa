import { randomBytes } from 'node:crypto';
import type { Changes } from '../changes.ts';
import type { Clock } from '../clock.ts';
import type { FileShelf, ShelvedFile } from '../file-shelf.ts';
import { dig, isObject, textOrNull, toJson, type JsonObject } from '../json.ts';
import type { Outbox, ParcelDraft } from '../outbox.ts';
import type { Channel } from './catalogue.ts';
import type { ClientContent, ClientMessage, UserInfo, WritingOptions } from './client-message.ts';
import { INCOMING_BODIES, messageContent } from './incoming-bodies.ts';
import type { EdnaSettings } from './settings.ts';
import { LINK_LIFE_SECONDS, signedQuery } from './signed-link.ts';
import type { SubscriberBook } from './subscribers.ts';

const EXTENSIONS: Record<string, string> = {
  IMAGE: 'png',
  STICKER: 'webp',
  VIDEO: 'mp4',
  AUDIO: 'mp3',
  VOICE: 'ogg',
  DOCUMENT: 'pdf',
};

export interface ClientDeskParts {
  readonly settings: EdnaSettings;
  readonly clock: Clock;
  readonly changes: Changes;
  readonly outbox: Outbox;
  readonly shelf: FileShelf;
  /** Address of the twin itself, for the links to files. */
  readonly url: () => string;
  readonly subscribers: SubscriberBook;
  /** Where the callbacks about a channel's messages go. */
  readonly webhook: (subjectId: number | undefined) => string | undefined;
}

/** The clients: what they write, and the callbacks that carry it to the bridge. */
export class ClientDesk {
  readonly messages: ClientMessage[] = [];
  readonly #parts: ClientDeskParts;
  /** Begins anew with every sandbox, and never where an earlier one was: bridges remember ids. */
  #lastId: bigint;

  constructor(parts: ClientDeskParts) {
    this.#parts = parts;
    this.#lastId = BigInt(parts.clock.now()) * 10n;
  }

  /** Gives a client a name; one who has none goes by the address. */
  introduce(address: string, userInfo: Partial<UserInfo>): void {
    const subscriber = this.#parts.subscribers.known(address);
    subscriber.userInfo = { ...subscriber.userInfo, ...userInfo };
  }

  /** Makes a message without posting it, for a test that posts it in a way of its own. */
  prepare(address: string, content: ClientContent, options: WritingOptions = {}): ClientMessage {
    const { clock, settings, subscribers } = this.#parts;
    const { form = 'current', replyTo, overrides = {} } = options;
    const channel = this.#channel(options.channel);
    const given = typeof content === 'string' ? { type: 'TEXT', text: content } : content;
    const { attachment, file } = this.#attach(given, channel, options.file);
    const full = messageContent({ ...given, ...(attachment === null ? {} : { attachment }) });
    this.#lastId += 1n;
    const id = options.id ?? Number(this.#lastId);
    const receivedAt = options.receivedAt?.getTime() ?? clock.now();
    const { id: subscriberId, userInfo } = subscribers.known(address);
    const parts = {
      id,
      address,
      subscriberId,
      channel,
      userInfo,
      content: full,
      receivedAt,
      replyTo,
    };
    const message: ClientMessage = {
      id: form === 'simple' ? `msg-${id}` : id,
      address,
      channel,
      content: full,
      text: textOrNull(full.text) ?? textOrNull(full.caption) ?? undefined,
      file,
      receivedAt,
      seq: this.#parts.changes.next(),
      form,
      body: { ...INCOMING_BODIES[form](parts), ...overrides },
      readAt: settings.autoRead ? receivedAt : undefined,
    };
    this.messages.push(message);
    this.#parts.changes.announce();
    return message;
  }

  /** What the callback of these messages looks like on the wire: several are one array. */
  callback(messages: readonly ClientMessage[], isArray = messages.length > 1): ParcelDraft {
    const [first] = messages;
    const { settings, webhook } = this.#parts;
    return {
      endpoint: 'incoming',
      url: webhook(first?.channel.subjectId),
      headers: callbackHeaders(settings.webhookToken),
      raw: toJson(isArray ? messages.map(({ body }) => body) : first?.body),
      address: first?.address,
      text: messages.map(({ text }) => text ?? '').join('\n'),
    };
  }

  /** Posts the callback; resolves when the bridge has answered it for the first time. */
  async post(messages: readonly ClientMessage[], isArray?: boolean): Promise<void> {
    const { parcel, handled } = this.#parts.outbox.send(this.callback(messages, isArray));
    for (const message of messages) message.parcel = parcel;
    await handled;
  }

  #channel(subject: string | undefined): Channel {
    const { channels } = this.#parts.settings;
    const found = channels.find((one) =>
      subject === undefined ? one.type === 'WHATSAPP' : one.subject === subject,
    );
    if (found === undefined) throw new Error(`The sandbox has no channel ${subject ?? 'WHATSAPP'}`);
    return found;
  }

  /** edna gives a signed link and mostly no name; the extension is all there is to go by. */
  #attach(
    content: JsonObject & { type: string },
    channel: Channel,
    own: WritingOptions['file'],
  ): { attachment: JsonObject | null; file: ShelvedFile | undefined } {
    const extension = EXTENSIONS[content.type];
    const given = isObject(content.attachment) ? content.attachment : {};
    if (extension === undefined || content.attachment === null || 'url' in given) {
      return { attachment: isObject(content.attachment) ? given : null, file: undefined };
    }
    const { clock, shelf, url } = this.#parts;
    const ownName = textOrNull(dig(given, 'name'));
    const stored = own?.name ?? ownName ?? `${randomBytes(4).toString('hex')}.${extension}`;
    const file = shelf.put(stored, own?.bytes);
    const expires = Math.floor(clock.now() / 1000) + LINK_LIFE_SECONDS;
    const attachment = {
      url: `${url()}${file.path}?${signedQuery(file.path, channel.subject, expires)}`,
      name: null,
      size: null,
      ...given,
    };
    return { attachment, file };
  }
}

/** Headers of every callback edna posts. */
export function callbackHeaders(webhookToken: string): Record<string, string> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  if (webhookToken !== '') headers.Authorization = `Token ${webhookToken}`;
  return headers;
}
