/*
 * Bodies that edna Pulse takes, as it has them.
 * Cascades: https://docs-pulse.edna.io/docs/api/messages/sending (2025-04-08), https://docs.edna.io/kb/sending-messages
 * Legacy: https://docs.edna.io/kb/sending-messages-imoutmessage
 * MAX: no page of edna's; github.com/moiseevalyubov/edn_bit, "MAX Bot send message" (2026)
 */
import type { ContentKey, ContentType } from './edna.channels.js';

export interface EdnaAttachment {
  /** Fetched by edna after its answer. */
  readonly url: string;
  /** Required; at most `EDNA_LIMITS.attachmentNameChars`. */
  readonly name: string;
  /** Bytes. */
  readonly size?: number;
}

export interface EdnaButton {
  readonly text: string;
  /** `QUICK_REPLY`, `URL`, `PHONE`. */
  readonly buttonType: string;
  readonly payload?: string;
  readonly url?: string;
  /** What of the link changes from message to message. */
  readonly urlPostfix?: string;
  readonly phone?: string;
}

export interface EdnaRow {
  readonly buttons: readonly EdnaButton[];
}

export type EdnaHeader =
  | { readonly text: string }
  | { readonly imageUrl: string }
  | { readonly documentUrl: string; readonly documentName?: string }
  | { readonly videoUrl: string; readonly videoName?: string };

/** What stands around the text of a template. */
export interface EdnaStructure {
  readonly header?: EdnaHeader;
  readonly footer?: { readonly text: string };
  readonly keyboard?: { readonly rows: readonly EdnaRow[] };
}

/** Text beside an attachment is ignored. */
export interface EdnaContent extends EdnaStructure {
  /** `AUTHENTICATION`: `text` is the code, `messageMatcherId` the template. */
  readonly contentType: ContentType | 'AUTHENTICATION';
  readonly messageMatcherId?: number | string;
  readonly text?: string;
  readonly attachment?: EdnaAttachment;
  readonly location?: {
    readonly latitude: number;
    readonly longitude: number;
    readonly address?: string;
  };
}

/** `POST /api/cascade/schedule` */
export interface EdnaSchedule {
  /** Unique for ever: a second use is refused. */
  readonly requestId: string;
  /** A number; digits are accepted too. */
  readonly cascadeId: number | string;
  readonly subscriberFilter: EdnaSubscriber;
  /** Comes back with every status. */
  readonly comment: string;
  /** One content for each stage, and none besides. */
  readonly content: Partial<Record<ContentKey, EdnaContent>>;
}

export interface EdnaSubscriber {
  readonly address: string;
  readonly type: string;
}

/** `POST /api/messages/send`; `subject` is the client here, not the channel. */
export interface EdnaSimple {
  readonly id: string;
  /** Lower case. */
  readonly imType: string;
  readonly subject: string;
  readonly text: string;
  readonly attachment?: {
    readonly url: string;
    readonly mimeType?: string;
    readonly name: string;
    readonly size?: number;
  };
}

/** `POST /api/old/imOutMessage`: everything is a string. */
export interface EdnaLegacy {
  /** At most 36 characters; a second use is refused. */
  readonly id: string;
  /** The channel's name. */
  readonly subject: string;
  readonly address: string;
  readonly imType: string;
  /** Lower case. */
  readonly contentType: string;
  readonly comment: string;
  readonly text?: string;
  readonly attachmentUrl?: string;
  /** None for sound. */
  readonly attachmentName?: string;
  readonly latitude?: string;
  readonly longitude?: string;
  readonly locationAddress?: string;
}

/** `POST /api/old/imOutHSM`: the same for a template; its keyboard has one row. */
export interface EdnaHsm extends EdnaLegacy, Omit<EdnaStructure, 'keyboard'> {
  readonly keyboard?: { readonly row: EdnaRow };
}

/** A press on `MESSAGE` comes back as a message with its text. */
export interface EdnaKeyboard {
  readonly rows: readonly {
    readonly buttons: readonly (
      | { readonly type: 'MESSAGE'; readonly text: string }
      | { readonly type: 'LINK'; readonly text: string; readonly url: string }
    )[];
  }[];
}

export interface EdnaMaxContent {
  readonly type: ContentType | 'KEYBOARD';
  readonly keyboard?: EdnaKeyboard;
  readonly text?: string;
  readonly url?: string;
  readonly name?: string;
  readonly caption?: string;
  readonly latitude?: number;
  readonly longitude?: number;
}

/** `POST /api/v1/out-messages/max-bot` */
export interface EdnaMaxBot {
  /** The channel's name. */
  readonly sender: string;
  readonly maxId: string;
  readonly content: EdnaMaxContent;
}

/** `POST /api/v1/out-messages/max` */
export interface EdnaMax {
  readonly from: string;
  readonly to: { readonly value: string; readonly type: 'MAX_ID' | 'PHONE' };
  readonly content: EdnaMaxContent;
}

/** `POST /api/messages/history`; https://docs.edna.ru/kb/poluchenie-istorii-soobshhenij-klienta */
export interface EdnaHistoryQuery {
  readonly subscriberFilter: EdnaSubscriber;
  readonly direction: 'OUT';
  /** ISO 8601, UTC. */
  readonly dateFrom: string;
  readonly offset: number;
  readonly limit: number;
  readonly sort: readonly [{ readonly property: 'messageId'; readonly direction: 'DESC' }];
}

/** The same, of all clients of a channel or of the whole account. */
export interface EdnaSpanQuery {
  readonly direction: 'IN' | 'OUT';
  readonly subjectId?: number;
  /** ISO 8601, UTC. */
  readonly dateFrom: string;
  readonly dateTo: string;
  readonly offset: number;
  readonly limit: number;
  readonly sort: readonly [{ readonly property: 'messageId'; readonly direction: 'ASC' }];
}

/** Name and source of each limit we keep ourselves. */
export const EDNA_LIMITS = {
  /** docs.edna.io/kb/api-edna-pulse-error-codes: `attachmentName-is-too-long` */
  attachmentNameChars: 70,
  /** MAX; the connector of edna.channels.ts. */
  buttonChars: 30,
  buttonUrlChars: 1024,
} as const;
