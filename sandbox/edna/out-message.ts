import type { FetchedFile } from '../fetched-file.ts';
import type { Channel } from './catalogue.ts';
import type { Template } from './template.ts';

/** Which of edna's ways of sending a message came by; its receipts have the form that goes with it. */
export type Dialect = 'cascade' | 'simple' | 'legacy' | 'max-bot' | 'max';

/** `NO-MATCH-TEMPLATE` is written both ways. */
export type EdnaStatus =
  | 'DELAYED'
  | 'ENQUEUED'
  | 'SENT'
  | 'DELIVERED'
  | 'READ'
  | 'UNDELIVERED'
  | 'FAILED'
  | 'CANCELLED'
  | 'EXPIRED'
  | 'INVALID'
  | 'NO-MATCH-TEMPLATE'
  | 'NO_MATCH_TEMPLATE';

/** What the client's messenger makes of a message. */
export interface PhoneContent {
  /** Upper case, as `contentType` of the current API. */
  readonly type: string;
  readonly text: string | null;
  readonly attachment: { readonly url: string; readonly name: string | null } | null;
  readonly location: {
    readonly latitude: number;
    readonly longitude: number;
    readonly address: string | null;
  } | null;
  /** Above the text, below it, and the buttons; absent where there are none. */
  readonly header?: PhoneHeader;
  readonly footer?: string;
  readonly keyboard?: PhoneKeyboard;
  /** Template of a one-time code; the text is the code alone. */
  readonly messageMatcherId?: number;
  /** WhatsApp form that a FLOW opens; two flows with one text are two messages. */
  readonly flowId?: number;
}

/** A line of text, or a file by its address. */
export interface PhoneHeader {
  readonly headerType: 'TEXT' | 'IMAGE' | 'DOCUMENT' | 'VIDEO';
  readonly text: string | null;
  readonly url: string | null;
  readonly name: string | null;
}

export interface PhoneKeyboard {
  readonly rows: readonly { readonly buttons: readonly PhoneButton[] }[];
}

export interface PhoneButton {
  /** `QUICK_REPLY`, `URL`, `PHONE`; MAX has types of its own, such as `LINK`. */
  readonly type: string;
  readonly text: string;
  readonly url?: string;
  readonly phone?: string;
  /** Comes back in the callback when the client presses the button. */
  readonly payload?: string;
}

/** Content with nothing in it, to be written over. */
export const NOTHING = { text: null, attachment: null, location: null };

/** A request to send, checked and understood. */
export interface OutDraft {
  readonly dialect: Dialect;
  /** The caller's id: `requestId`, or `id` of the simple and legacy dialects; MAX has none. */
  readonly requestId: string | null;
  readonly address: string;
  readonly channel: Channel;
  readonly cascadeId: number | null;
  readonly stageUuid: string | null;
  readonly comment: string | null;
  readonly content: PhoneContent;
  /** Milliseconds since 1970; goes at once without it. */
  readonly startAt?: number;
  /** Time to be delivered in; edna gives a day. */
  readonly validitySeconds?: number;
  /** Only a template will do, whether the client wrote or not. */
  readonly mustMatchTemplate?: boolean;
  /** The cascade's next stage, for when this one fails or takes longer than the stage's TTL. */
  readonly next?: OutDraft;
}

/** A message from the business on its way to a phone. */
export interface OutMessage extends OutDraft {
  /** edna's id; the answer of the cascade API does not tell it. */
  readonly messageId: number;
  readonly acceptedAt: number;
  /** The request's bytes, to know a fair repeat from a reused id. */
  readonly raw: string;
  /** The approved template its content matched, if any. */
  readonly template: Template | undefined;
  status: EdnaStatus | null;
  readonly statuses: {
    readonly status: EdnaStatus;
    readonly error: string | null;
    readonly at: number;
  }[];
  /** Order of events in which it came up on the phone. */
  shownSeq?: number;
  /** The attachment, once edna has fetched it; `fileError` where it could not. */
  file?: FetchedFile;
  fileError?: string;
}
