import type { Content } from '../../domain/message.js';
import type { Route } from '../../domain/ports.js';

export type Dialect = Route['dialect'];

/** edna's interfaces that take a message. Only some recognise an id they had before. */
export const DIALECTS = {
  cascade: { path: '/api/cascade/schedule', dropsRepeats: true },
  simple: { path: '/api/messages/send', dropsRepeats: false },
  legacy: { path: '/api/old/imOutMessage', dropsRepeats: true },
  'max-bot': { path: '/api/v1/out-messages/max-bot', dropsRepeats: false },
  max: { path: '/api/v1/out-messages/max', dropsRepeats: false },
} as const satisfies Record<Dialect, { path: string; dropsRepeats: boolean }>;

/** The legacy interface takes templates apart. */
export const HSM_PATH = '/api/old/imOutHSM';

/** Whether a template may go this way with all that stands around its text. */
export function hasTemplates({ dialect, channelType }: Route): boolean {
  return channelType === 'WHATSAPP' && (dialect === 'cascade' || dialect === 'legacy');
}

export function dialectOf(path: string): Dialect | undefined {
  const trimmed = path.replace(/\/+$/, '');
  return (Object.keys(DIALECTS) as Dialect[]).find((name) => DIALECTS[name].path === trimmed);
}

export type ContentKey = 'whatsappContent' | 'viberContent' | 'smsContent';
export type ContentType = 'TEXT' | 'IMAGE' | 'VIDEO' | 'AUDIO' | 'VOICE' | 'DOCUMENT' | 'LOCATION';

/** What a channel takes of one of edna's kinds. */
export interface FileRule {
  readonly bytes: number;
  /** Files of other types go as documents. */
  readonly types?: readonly string[];
}

/** One kind of channel: where its content goes in a cascade, and what it can carry under which of edna's words. */
export interface Channel {
  readonly contentKey?: ContentKey;
  /** The dialect it needs, where cascades do not carry it. */
  readonly dialect?: 'max-bot' | 'max';
  readonly carries: Partial<Record<Content['kind'], ContentType>>;
  /** Letters of a text, as JavaScript counts them; a longer one is not sent. */
  readonly textChars?: number;
  /** Where there is none, edna knows its limits of the day. */
  readonly files?: Partial<Record<ContentType, FileRule>>;
}

const FILES = {
  text: 'TEXT',
  picture: 'IMAGE',
  video: 'VIDEO',
  file: 'DOCUMENT',
  voice: 'AUDIO',
  audio: 'AUDIO',
} as const;

/**
 * By `subject.type`. WhatsApp and SMS: docs.edna.io/kb/examples-of-messages-for-api; Viber's pictures and files:
 * docs-pulse.edna.io/docs/faq/faq-viber; both read in copies of 2025. MAX: a public connector
 * (moiseevalyubov/edn_bit, 2026), which lists pictures, videos and documents for plain MAX and no sound.
 * Texts: 4096 is Meta's limit, 4000 the connector's. Files: Meta's limits for WhatsApp, which edna does not relax
 * (developers.facebook.com/docs/whatsapp/cloud-api/reference/media); 25 MB and the pictures of Viber: edna's own page.
 */
const MB = 1024 * 1024;

const CHANNELS: Readonly<Record<string, Channel>> = {
  WHATSAPP: {
    contentKey: 'whatsappContent',
    carries: { ...FILES, location: 'LOCATION' },
    textChars: 4096,
    files: {
      IMAGE: { bytes: 5 * MB, types: ['image/jpeg', 'image/png'] },
      VIDEO: { bytes: 16 * MB, types: ['video/mp4', 'video/3gpp'] },
      AUDIO: {
        bytes: 16 * MB,
        types: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'],
      },
      DOCUMENT: { bytes: 100 * MB },
    },
  },
  VIBER: {
    contentKey: 'viberContent',
    carries: { text: 'TEXT', picture: 'IMAGE', file: 'DOCUMENT' },
    files: {
      IMAGE: { bytes: 25 * MB, types: ['image/jpeg', 'image/png'] },
      DOCUMENT: { bytes: 25 * MB },
    },
  },
  SMS: { contentKey: 'smsContent', carries: { text: 'TEXT' } },
  MAX_BOT: {
    dialect: 'max-bot',
    carries: { ...FILES, voice: 'VOICE', location: 'LOCATION' },
    textChars: 4000,
  },
  MAX: {
    dialect: 'max',
    carries: { ...FILES, voice: 'DOCUMENT', audio: 'DOCUMENT', location: 'LOCATION' },
    textChars: 4000,
  },
};

/** A messenger we have no row for still carries text and files, where a dialect can name it. */
const ANY_OTHER: Channel = { carries: FILES };

export function channelOf(type: string | undefined): Channel {
  return CHANNELS[type ?? ''] ?? ANY_OTHER;
}

/** `max-bot` → `MAX_BOT`: the simple bodies' word for a channel as cascades write it. */
export function typeOfImType(imType: string): string {
  return imType.toUpperCase().replace('-', '_');
}
