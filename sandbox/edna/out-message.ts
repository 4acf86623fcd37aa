import type { FetchedFile } from '../fetched-file.ts';
import type { Channel } from './catalogue.ts';

/** Which of edna's ways of sending a message came by; its receipts have the form that goes with it. */
export type Dialect = 'cascade' | 'simple' | 'legacy' | 'max-bot' | 'max';

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
  | 'NO-MATCH-TEMPLATE';

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
}

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
}

/** A message from the business on its way to a phone. */
export interface OutMessage extends OutDraft {
  /** edna's id; the answer of the cascade API does not tell it. */
  readonly messageId: number;
  readonly acceptedAt: number;
  /** The request's bytes, to know a fair repeat from a reused id. */
  readonly raw: string;
  status: EdnaStatus | null;
  readonly statuses: { readonly status: EdnaStatus; readonly error: string | null }[];
  /** Order of events in which it came up on the phone. */
  shownSeq?: number;
  /** The attachment, once edna has fetched it; `fileError` where it could not. */
  file?: FetchedFile;
  fileError?: string;
}
