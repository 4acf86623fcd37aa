import type { ShelvedFile } from '../file-shelf.ts';
import type { JsonObject } from '../json.ts';
import type { Parcel } from '../outbox.ts';
import type { Channel } from './catalogue.ts';
import type { OutMessage } from './out-message.ts';

/**
 * What a client writes: a text, or edna's `messageContent` of any type, as far as it matters
 * (`{ type: 'LOCATION', location: { latitude: 59.9, longitude: 30.3 } }`). Keys left out are null.
 * For IMAGE, VIDEO, DOCUMENT, AUDIO, VOICE and STICKER the twin makes up a small file and serves it,
 * unless `attachment.url` is given.
 */
export type ClientContent = string | ({ readonly type: string } & JsonObject);

/** `current`: edna Pulse today; `legacy`: its flat form; `simple`: the one of design section 4. */
export type IncomingForm = 'current' | 'legacy' | 'simple';

export interface WritingOptions {
  readonly form?: IncomingForm;
  /** Posts `[body]` instead of `body`. */
  readonly array?: boolean;
  /** Name of the channel written to; the account's first WhatsApp channel when left out. */
  readonly channel?: string;
  /** A message on the phone, or one of the client's own, that this one quotes. */
  readonly replyTo?: OutMessage | ClientMessage;
  /** The file that goes with the message, instead of one the twin makes up. */
  readonly file?: { readonly name: string; readonly bytes: Buffer };
  /** edna's id; a bigint is written as the number it is. */
  readonly id?: number | bigint;
  readonly receivedAt?: Date;
  /** Written over the finished body, key by key: extra, wrong or missing fields. */
  readonly overrides?: JsonObject;
}

/** A message a client wrote, as edna has it. */
export interface ClientMessage {
  readonly id: number | bigint | string;
  readonly address: string;
  readonly channel: Channel;
  /** `messageContent` of the current form. */
  readonly content: JsonObject;
  readonly text: string | undefined;
  readonly file: ShelvedFile | undefined;
  readonly receivedAt: number;
  /** When it was written, in the order of all events. */
  readonly seq: number;
  readonly form: IncomingForm;
  readonly body: JsonObject;
  /** The callback that carried it, once it is posted. */
  parcel?: Parcel;
  /** When the client saw it marked as read, in milliseconds since 1970. */
  readAt?: number;
}

export interface UserInfo {
  readonly userName: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly avatarUrl: string | null;
}
