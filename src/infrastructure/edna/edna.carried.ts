import {
  inLines,
  type Attachment,
  type AttachmentKind,
  type Button,
  type Keyboard,
  type Template,
} from '../../domain/message.js';
import type { Dispatch, Route } from '../../domain/ports.js';
import type { Language } from '../../domain/reasons.js';
import type { MessengerTemplate } from '../../domain/templates.js';
import { fileName, shortenName } from '../file-name.js';
import { channelOf, hasTemplates, type ContentType, type Dialect } from './edna.channels.js';
import { notSupported, tooLong } from './edna.refusals.js';
import { checkFilled, toStructure } from './edna.structure.js';
import { EDNA_LIMITS, type EdnaKeyboard, type EdnaStructure } from './edna.wire.js';

/** Content that some channel of edna can carry, and edna's word for it. */
export type Carried =
  | {
      readonly type: 'TEXT';
      readonly text: string;
      /** Around a text that a template was chosen for, and that template. */
      readonly structure?: EdnaStructure;
      readonly template?: MessengerTemplate;
    }
  | {
      /** MAX alone, where templates are nothing special. */
      readonly type: 'KEYBOARD';
      readonly text: string;
      readonly keyboard: EdnaKeyboard;
      readonly structure?: undefined;
      readonly template?: undefined;
    }
  | {
      readonly type: Exclude<ContentType, 'TEXT' | 'LOCATION'>;
      readonly attachment: Attachment;
      readonly name: string;
      readonly caption: string;
    }
  | {
      readonly type: 'LOCATION';
      readonly latitude: number;
      readonly longitude: number;
      readonly address: string;
    };

/** @throws {DeliveryError} `rejected` where the channel has no word for it */
export function toCarried(
  { content, route }: Dispatch,
  language: Language,
  template?: MessengerTemplate,
): Carried {
  const { carries, textChars = Infinity } = channelOf(route.channelType);
  const type = carries[content.kind];
  const isLost = content.kind === 'location' && route.dialect === 'simple';
  if (!type || isLost) throw notSupported(content, language);
  switch (content.kind) {
    case 'text': {
      const buttons = content.keyboard ?? content.choices?.map(({ title }) => [{ text: title }]);
      const keyboard = buttons && toKeyboard(buttons, route.dialect);
      const text = keyboard ? content.text : inLines(content.text, content.keyboard ?? []);
      if (text.length > textChars) throw tooLong(text.length, textChars, language);
      const { template: used } = content;
      if (!used) return keyboard ? { type: 'KEYBOARD', text, keyboard } : { type: 'TEXT', text };
      checkFilled(text);
      if (hasTemplates(route)) {
        return { type: 'TEXT', text, structure: toStructure(used, template), template };
      }
      return withFile(text, used, route);
    }
    case 'location': {
      const { latitude, longitude, address } = content;
      return { type: 'LOCATION', latitude, longitude, address };
    }
    case 'picture':
    case 'video':
    case 'file':
    case 'voice':
    case 'audio':
    case 'sticker': {
      if (type === 'TEXT' || type === 'LOCATION') throw notSupported(content, language);
      const { kind, attachment, caption } = content;
      return { type, attachment, name: nameOf(attachment, kind), caption };
    }
    case 'contact':
    case 'reaction':
    case 'unsupported':
      throw notSupported(content, language);
  }
}

/** Where templates are nothing special, the file on top of one goes as any other, with the text beneath. */
function withFile(text: string, { media }: Template, { dialect, channelType }: Route): Carried {
  if (!media) return { type: 'TEXT', text };
  const type = channelOf(channelType).carries[media.kind];
  const hasCaptions = dialect !== 'cascade' && dialect !== 'legacy';
  if (!hasCaptions || !type || type === 'TEXT' || type === 'LOCATION') {
    return { type: 'TEXT', text: `${text}\n${media.attachment.url}`.trim() };
  }
  const { kind, attachment } = media;
  return { type, attachment, name: nameOf(attachment, kind), caption: text };
}

/**
 * Only MAX's two interfaces take buttons with any text: those of WhatsApp's cascades are known for templates alone.
 * Buttons that do not fit go in words, all of them.
 */
function toKeyboard(rows: Keyboard, dialect: Dialect): EdnaKeyboard | undefined {
  const { buttonChars, buttonUrlChars } = EDNA_LIMITS;
  const fit = ({ text, url = '' }: Button) =>
    text.length <= buttonChars && url.length <= buttonUrlChars;
  const isTaken = dialect === 'max-bot' || dialect === 'max';
  if (!isTaken || !rows.flat().every(fit)) return undefined;
  return {
    rows: rows.map((row) => ({
      buttons: row.map(({ text, url }) =>
        url === undefined ? { type: 'MESSAGE', text } : { type: 'LINK', text, url },
      ),
    })),
  };
}

function nameOf(attachment: Attachment, kind: AttachmentKind): string {
  return shortenName(fileName(attachment, kind), EDNA_LIMITS.attachmentNameChars);
}
