/*
 * Bodies of amojo, the chats interface of amoCRM, as it has them. A plain id in a request is ours and a `ref_id` theirs.
 * https://www.amocrm.ru/developers/content/chats/chat-api-reference (copy of 2026-01-07)
 * https://developers.kommo.com/reference/send-import-messages (copies of 2025 and 2026)
 */

/** `POST /v2/origin/custom/{channel_id}/connect` */
export interface AmojoConnect {
  /** The account's `amojo_id`. */
  readonly account_id: string;
  readonly title: string;
  /** Without it the Russian platform takes the deprecated `v1`. */
  readonly hook_api_version: string;
}

/** `DELETE /v2/origin/custom/{channel_id}/disconnect`: the channel's id, not the scope's, and a body all the same. */
export interface AmojoDisconnect {
  readonly account_id: string;
}

export interface AmojoSource {
  readonly external_id: string;
}

export interface AmojoClient {
  readonly id: string;
  readonly name: string;
  /** Fetched by amoCRM a little later, without credentials. */
  readonly avatar?: string;
  /** Written to the contact of a new lead only. */
  readonly profile?: { readonly phone: string };
  /** The participant amojo has made: in the answer to a chat that a manager opened; or a user of the account, or the bot. */
  readonly ref_id?: string;
}

/** `DELETE /v2/origin/custom/{channel_id}/disconnect`, signed with this body. */
export interface AmojoDisconnect {
  readonly account_id: string;
}

/** `POST /v2/origin/custom/{scope_id}/chats`; idempotent by `conversation_id`. */
export interface AmojoNewChat {
  readonly conversation_id: string;
  readonly source?: AmojoSource;
  readonly user: AmojoClient;
}

/** `POST /v2/origin/custom/{scope_id}` */
export interface AmojoNewMessage {
  readonly event_type: 'new_message';
  readonly payload: {
    /** Seconds. */
    readonly timestamp: number;
    readonly msec_timestamp: number;
    /** Ours; amojo takes each one once. */
    readonly msgid: string;
    /** Ours; one that amojo does not know opens a chat. */
    readonly conversation_id: string;
    readonly conversation_ref_id?: string;
    /** `true`: no lead, no notification; of an import every message but the newest. */
    readonly silent: boolean;
    readonly source?: AmojoSource;
    readonly sender: AmojoClient;
    /** The client, where somebody of the company is the sender; with what a client writes it must not be there. */
    readonly receiver?: AmojoClient;
    readonly message: AmojoMessage;
    readonly reply_to?: AmojoReply;
  };
}

/** The same address; only these fields matter. */
export interface AmojoEdit {
  readonly event_type: 'edit_message';
  readonly payload: Pick<
    AmojoNewMessage['payload'],
    'timestamp' | 'msec_timestamp' | 'msgid' | 'conversation_id'
  > & { readonly message: AmojoMessage | AmojoFailedMessage };
}

/**
 * A message of the company that we put into the chat, and that did not arrive. A file that is left out stays what it
 * is. The Russian tables write `error_code` with a Cyrillic с here, too; the sample, in ASCII, is what we send.
 */
export interface AmojoFailedMessage {
  readonly type: AmojoMessage['type'];
  readonly text: string;
  readonly location?: { readonly lon: number; readonly lat: number };
  readonly contact?: { readonly name: string; readonly phone: string };
  readonly delivery_status: {
    readonly status_code: -1;
    readonly error_code: number;
    /** Required with 905. */
    readonly error?: string;
  };
}

/** The quoted message, of the same chat, by either side's id. */
export interface AmojoReply {
  readonly message: { readonly id: string } | { readonly msgid: string };
}

/** `POST /v2/origin/custom/{scope_id}/react`; 404 where there is no such message. */
export type AmojoReaction = AmojoReply['message'] & AmojoReactor & AmojoReactionType;

interface AmojoReactor {
  /** Ours, or amojo's. */
  readonly conversation_id?: string;
  readonly conversation_ref_id?: string;
  readonly user: { readonly id: string; readonly ref_id?: string };
}

type AmojoReactionType =
  /** The emoji is optional at amoCRM, required at Kommo. */
  { readonly type: 'react'; readonly emoji: string } | { readonly type: 'unreact' };

/** `text` is the caption where the type is another than `text`. */
export type AmojoMessage =
  | {
      readonly type: 'text';
      readonly text: string;
      /** The row of a list that the client picked, as the hook with the list called it. */
      readonly callback_data?: string;
    }
  | {
      readonly type: 'picture' | 'video' | 'file' | 'voice' | 'audio';
      readonly text: string;
      /** Fetched by amoCRM after its answer, without credentials. */
      readonly media: string;
      readonly file_name: string;
      /** Bytes; required of the first three. */
      readonly file_size: number;
      /** Seconds. */
      readonly media_duration?: number;
    }
  | { readonly type: 'sticker'; readonly text: string; readonly media: string }
  | {
      readonly type: 'location';
      readonly text: string;
      readonly location: { readonly lon: number; readonly lat: number };
    }
  | {
      readonly type: 'contact';
      readonly text: string;
      readonly contact: { readonly name: string; readonly phone: string };
    };

/**
 * `POST /v2/origin/custom/{scope_id}/{amo_msg_id}/delivery_status`. The tables name the field `status_code`, the
 * vendor's PHP samples `delivery_status`, together with `msgid`: both are sent.
 */
export interface AmojoDeliveryStatus {
  readonly msgid: string;
  /** 1 delivered, 2 read, −1 error; "sent" has none. */
  readonly status_code: AmojoStatusCode;
  readonly delivery_status: AmojoStatusCode;
  /** With −1 only. The Russian tables write it with a Cyrillic с, the samples in ASCII. */
  readonly error_code?: number;
  /** What the manager reads. */
  readonly error?: string;
}

export type AmojoStatusCode = 1 | 2 | -1;
