import { DeliveryError } from '../../domain/errors.js';
import type { AttachmentKind, Content } from '../../domain/message.js';
import type { Language } from '../../domain/reasons.js';

/* What is refused before it is sent, with the reason a manager reads. */

/** A text the channel would cut or refuse. */
export function tooLong(chars: number, limit: number, language: Language): DeliveryError {
  const kind = KINDS.text[language];
  return new DeliveryError('rejected', `edna: a text of ${chars} letters, ${limit} at most`, {
    reason: {
      key: 'too-large',
      args: {
        kind: kind[0]?.toUpperCase() + kind.slice(1),
        size: CHARS[language](chars),
        limit: String(limit),
      },
    },
  });
}

/** A file larger than the channel takes. */
export function fileTooLarge(
  kind: AttachmentKind,
  bytes: number,
  limit: number,
  language: Language,
): DeliveryError {
  const word = KINDS[kind][language];
  return new DeliveryError('rejected', `edna: a ${kind} of ${bytes} bytes, ${limit} at most`, {
    reason: {
      key: 'too-large',
      args: {
        kind: word[0]?.toUpperCase() + word.slice(1),
        size: MEGABYTES[language](bytes),
        limit: MEGABYTES[language](limit),
      },
    },
  });
}

/** Rounded up, so that what is just over a limit does not read like the limit. */
const MEGABYTES = {
  ru: (bytes: number) => `${String(tenthsOfMb(bytes)).replace('.', ',')} МБ`,
  en: (bytes: number) => `${tenthsOfMb(bytes)} MB`,
} as const satisfies Record<Language, (bytes: number) => string>;

function tenthsOfMb(bytes: number): number {
  return Math.ceil((bytes / (1024 * 1024)) * 10) / 10;
}

/** A length in words; Russian needs the abbreviation, since the word's form follows the number. */
const CHARS = {
  ru: (chars: number) => `${chars} зн.`,
  en: (chars: number) => `of ${chars} characters`,
} as const satisfies Record<Language, (chars: number) => string>;

/** Content for which the channel has no word. */
export function notSupported(content: Content, language: Language): DeliveryError {
  const kind = content.kind === 'unsupported' ? content.type : KINDS[content.kind][language];
  return new DeliveryError('rejected', `edna: the channel does not carry ${content.kind}`, {
    reason: { key: 'not-supported', args: { kind } },
  });
}

const KINDS = {
  text: { ru: 'текст', en: 'text' },
  picture: { ru: 'картинка', en: 'picture' },
  video: { ru: 'видео', en: 'video' },
  file: { ru: 'файл', en: 'file' },
  voice: { ru: 'голосовое сообщение', en: 'voice message' },
  audio: { ru: 'аудиозапись', en: 'audio' },
  sticker: { ru: 'стикер', en: 'sticker' },
  location: { ru: 'геопозиция', en: 'location' },
  contact: { ru: 'контакт', en: 'contact' },
  reaction: { ru: 'реакция', en: 'reaction' },
} as const satisfies Record<Exclude<Content['kind'], 'unsupported'>, Record<Language, string>>;
