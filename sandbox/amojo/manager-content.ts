import { isObject, type JsonObject } from '../json.ts';
import type { Chat, ChatMessage, MessageType, Participant } from './chat.ts';

/**
 * What a manager writes: a text, or any kind amoCRM sends. For all kinds but text the twin makes up
 * a small file and serves it, unless `media` is given.
 */
export type ManagerContent =
  | string
  | {
      readonly type: Exclude<MessageType, 'contact' | 'location'>;
      readonly text?: string;
      readonly media?: string;
      /** Empty, as amoCRM sometimes sends it, if set to `''`. */
      readonly fileName?: string;
      readonly fileSize?: number;
      readonly bytes?: Buffer;
      readonly markup?: JsonObject;
      readonly template?: JsonObject;
      /** Several attachments of one message are several hooks with one group id. */
      readonly mediaGroupId?: string;
    };

const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  media: (value) => typeof value === 'string',
  fileName: (value) => typeof value === 'string',
  fileSize: (value) => typeof value === 'number',
  bytes: (value) => Buffer.isBuffer(value),
  markup: isObject,
  template: isObject,
  mediaGroupId: (value) => typeof value === 'string',
};

/** The caller's mistake, as the status says to who answers requests with it. */
export class WrongContent extends TypeError {
  readonly status = 400;
}

/** Content as the desk takes it. @throws {WrongContent} for a field of another kind than its own */
export function checkedContent(content: ManagerContent): Exclude<ManagerContent, string> {
  if (typeof content === 'string') return { type: 'text', text: content };
  const values: Readonly<Record<string, unknown>> = content;
  for (const [field, isGood] of Object.entries(KINDS)) {
    const value = values[field];
    if (value !== undefined && !isGood(value))
      throw new WrongContent(`${field} is of another kind`);
  }
  return content;
}

/** `v2`: today's hook; `v1`: the deprecated flat one; `flat`: the simple one of design section 4. */
export type HookForm = 'v2' | 'v1' | 'flat';

export interface ManagingOptions {
  /** That of the connection when left out. */
  readonly form?: HookForm;
  /** A message of the same chat that this one quotes. */
  readonly replyTo?: ChatMessage;
  /** A message of any chat of the channel that this one passes on. */
  readonly forwards?: ChatMessage;
  /** The post whose comment this answers; such an answer is text only. */
  readonly post?: { readonly id: string };
  /** Who writes; the first manager when left out. */
  readonly as?: Participant;
  readonly at?: Date;
  /** Keys written over the hook's innermost `message`, or over the whole body of v1 and flat. */
  readonly overrides?: JsonObject;
}

/** A manager opens a chat by a phone number. */
export interface OpeningOptions {
  readonly name?: string;
  /** The source chosen in the card; the default one, if there is any, when left out. */
  readonly sourceId?: string;
  /** `amojo_id` of the account; the main one when left out. */
  readonly accountId?: string;
}

export type ChatAction =
  | { readonly kind: 'typing'; readonly shape?: 'sample' | 'table' }
  | {
      readonly kind: 'reaction';
      readonly to: ChatMessage;
      readonly emoji?: string;
      readonly isRemoved?: boolean;
      readonly shape?: 'sample' | 'table';
    };

/** What all hooks of an account share. */
export interface HookContext {
  readonly accountId: string;
  readonly subdomain: string;
  readonly now: number;
  readonly chat: Chat;
  readonly manager: Participant;
  readonly sourceId: string | undefined;
  readonly unknownPhone: 'absent' | 'empty';
}
