import type { Language, SubstituteKey } from './reasons.js';
import type { SourceId } from './ids.js';

/** A file by its URL. Name, size and type are what the sender's platform said; none of them is checked. */
export interface Attachment {
  readonly url: string;
  readonly name?: string;
  readonly sizeBytes?: number;
  readonly mimeType?: string;
  readonly durationSeconds?: number;
}

/** The last piece of an address, as people would write it; empty where there is none. */
export function nameInAddress(url: string): string {
  if (!URL.canParse(url)) return '';
  const piece = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}

export type AttachmentKind = 'picture' | 'video' | 'file' | 'voice' | 'audio' | 'sticker';

/** What is known of the template a text was made from. */
export interface Template {
  /** Its id at the messenger. */
  readonly externalId?: string;
  /** Its id in the CRM. */
  readonly cardId?: string;
  /** What its fields were filled with, by marker, braces included: `{{1}}`. */
  readonly params: Readonly<Record<string, string>>;
  /** Where its link buttons lead, in their order, as the manager's message has them. */
  readonly urls?: readonly string[];
  /** The file on top of it. */
  readonly media?: { readonly kind: AttachmentKind; readonly attachment: Attachment };
}

/** A button under a text: it opens a page where it has one, else pressing it writes its text. */
export interface Button {
  readonly text: string;
  readonly url?: string;
}

/** Buttons in rows. */
export type Keyboard = readonly (readonly Button[])[];

/** A row of a list to pick from, and what the CRM's robot is told where it is picked. */
export interface Choice {
  readonly title: string;
  readonly data: string;
}

/** Buttons in words, one on a line: what a client writes to the letter is what he would have pressed. */
export function inLines(text: string, keyboard: Keyboard): string {
  const lines = keyboard
    .flat()
    .map((button) => [button.text, button.url].filter(Boolean).join(' '));
  return [text, ...lines].filter(Boolean).join('\n');
}

/**
 * The row of a list that an answer picks: by its title, else by its number, counted from 1.
 * @param isFresh whether the list was offered so lately that a bare number means one of its rows
 */
export function picked(
  choices: readonly Choice[],
  answer: string,
  isFresh = true,
): Choice | undefined {
  const said = answer.trim().toLowerCase();
  const number = isFresh ? /^(\d{1,3})[.)]?$/.exec(said)?.[1] : undefined;
  return (
    choices.find(({ title }) => title.trim().toLowerCase() === said) ??
    (number === undefined ? undefined : choices[Number(number) - 1])
  );
}

/** What a message says. A new kind is one line here, and the compiler names every mapper that has to answer for it. */
export type Content =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** Where a manager chose a template: its fields stand in the text already. */
      readonly template?: Template;
      readonly keyboard?: Keyboard;
      /** The rows that the text lists, in the order of their numbers. */
      readonly choices?: readonly Choice[];
    }
  | {
      readonly kind: AttachmentKind;
      readonly attachment: Attachment;
      /** Empty where the sender wrote none. */
      readonly caption: string;
      /** Under the caption; only where there is one. */
      readonly keyboard?: Keyboard;
      /** The file of the same group that has the caption they share, and leaves it to this one should it fail. */
      readonly captionWith?: SourceId;
    }
  | {
      readonly kind: 'location';
      readonly latitude: number;
      readonly longitude: number;
      readonly address: string;
    }
  | {
      readonly kind: 'contact';
      readonly name: string;
      readonly phone: string;
      readonly text: string;
    }
  /**
   * What the client set at the message he quotes; a line of its own where that message cannot be named. Empty: he
   * took back what he had set, which is never a line.
   */
  | { readonly kind: 'reaction'; readonly emoji: string }
  | {
      /** Something the other side cannot be shown as it is. */
      readonly kind: 'unsupported';
      /** The line that takes its place. */
      readonly substitute: SubstituteKey;
      /** The platform's word for it, in lower case; of what was withheld, the messenger as people call it. */
      readonly type: string;
      /** What of it is text all the same. */
      readonly text: string;
    };

/** The file of a message: its own, or the one on top of the template it was made from. */
export function fileOf(
  content: Content,
): { readonly kind: AttachmentKind; readonly attachment: Attachment } | undefined {
  if (content.kind === 'text') return content.template?.media;
  return 'attachment' in content ? content : undefined;
}

/** The content with another file in place of its own. */
export function withFile(content: Content, attachment: Attachment): Content {
  if ('attachment' in content) return { ...content, attachment };
  if (content.kind !== 'text' || !content.template?.media) return content;
  const media = { ...content.template.media, attachment };
  return { ...content, template: { ...content.template, media } };
}

/** The one who wrote. */
export interface Sender {
  readonly name: string;
  readonly avatarUrl?: string;
}

/**
 * Somebody of the company in whose name another program puts a message into the chat. It stands there, and never goes
 * to the client's messenger.
 */
export interface Author {
  readonly kind: 'manager' | 'bot';
  /** Our id of him at the CRM. */
  readonly id: string;
  /** The CRM's own id of him. */
  readonly refId: string;
  /** Whom he writes to, as far as it is known. */
  readonly clientName?: string;
}

/** A message that quotes another one. */
export interface Quote {
  /** The quoted message as the platform that reports the quote knows it. */
  readonly messageId?: string;
  readonly requestId?: string;
  /** The quoted message by our own id, where the platform names it by that, or by what that is made of. */
  readonly sourceId?: SourceId;
  readonly text?: string;
  /** The quoted message where it stands in the same chat: found out anew each time a client's message is read. */
  readonly linked?: SourceId;
}

/** What is enough to recognise a quoted message. */
const QUOTE_CHARS = 200;

/** A text under what it quotes, which stands on a line of its own; the text alone where nothing is known of the quote. */
export function underQuote(quoted: string | undefined, text: string): string {
  const letters = Array.from(onOneLine(quoted ?? ''));
  if (letters.length === 0) return text;
  const cut = letters.slice(0, QUOTE_CHARS).join('');
  const line = `↩ «${letters.length > QUOTE_CHARS ? `${cut}…` : cut}»`;
  return text ? `${line}\n${text}` : line;
}

/** What a quoted message itself had quoted is left out. */
function onOneLine(quoted: string): string {
  return quoted
    .replace(/^↩ «.*»\n/, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Room for the quote within the least that a channel takes: MAX's 4000. */
const MOST_ANSWER_CHARS = 3_500;

/**
 * A manager's message under what it quotes, for a messenger that cannot quote. It becomes as many parts as before, so
 * what has no words gets none; a quote costs no answer its place either.
 */
export function quoting(content: Content, quoted: string | undefined): Content {
  const { keyboard = [] } = 'keyboard' in content ? content : {};
  const fits = (text: string) => inLines(text, keyboard).length <= MOST_ANSWER_CHARS;
  if (content.kind === 'text' && fits(content.text)) {
    return { ...content, text: underQuote(quoted, content.text) };
  }
  if ('attachment' in content && content.caption && fits(content.caption)) {
    return { ...content, caption: underQuote(quoted, content.caption) };
  }
  return content;
}

/**
 * What makes a client's message another one: its words. Links are signed anew for each delivery, and the same message
 * comes in several forms. Nothing where it cannot be a correction.
 */
export function wording(content: Content): string | undefined {
  if (content.kind === 'unsupported' || content.kind === 'reaction') return undefined;
  if ('attachment' in content) return content.caption;
  return content.kind === 'text' ? content.text : undefined;
}

/** What a quote shows of a message; empty where there is nothing to show. */
export function inQuote(content: Content): string {
  switch (content.kind) {
    case 'text':
    case 'unsupported':
      return content.text;
    case 'location':
      return content.address;
    case 'reaction':
      return content.emoji;
    case 'contact':
      return content.name || content.phone;
    default: {
      const { caption, attachment } = content;
      return caption || (attachment.name ?? nameInAddress(attachment.url));
    }
  }
}

/** What one side wrote. */
export interface Message {
  readonly sourceId: SourceId;
  readonly sender: Sender;
  readonly content: Content;
  readonly quote?: Quote;
  /** What the CRM's robot is told: the row that a client picks of the list that was the last when he wrote. */
  readonly callbackData?: string;
  /** The message in the chat whose place this one takes: the client's platform has corrected it. */
  readonly edits?: SourceId;
  /** Not the client wrote it: the sender is this one. Of messages on their way into the CRM only. */
  readonly author?: Author;
  /** Stands in the chat as what was there before: no lead, no notification. */
  readonly silent?: boolean;
  readonly sentAt: Date;
}

/** Milliseconds and bytes as people say them: "7 мин", "5 МБ". */
export function inWords(quantity: { minutes: number }, language: Language): string {
  const minutes = Math.max(1, Math.round(quantity.minutes));
  const hours = Math.floor(minutes / 60);
  const unit = { ru: { hours: 'ч', minutes: 'мин' }, en: { hours: 'h', minutes: 'min' } }[language];
  if (hours === 0) return `${minutes} ${unit.minutes}`;
  const rest = minutes % 60;
  return rest === 0 ? `${hours} ${unit.hours}` : `${hours} ${unit.hours} ${rest} ${unit.minutes}`;
}

/**
 * What an outbound message becomes at the messenger, in order: edna ignores text beside an attachment
 * (docs.edna.io, sending-messages), so a caption follows its file as a message of its own.
 */
export function toParts(content: Content): readonly Content[] {
  if ('attachment' in content && content.caption) {
    const { keyboard, ...file } = content;
    return [
      { ...file, caption: '' },
      { kind: 'text', text: content.caption, ...(keyboard && { keyboard }) },
    ];
  }
  return [content];
}
