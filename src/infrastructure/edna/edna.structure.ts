import { DeliveryError } from '../../domain/errors.js';
import type { Template } from '../../domain/message.js';
import {
  hasEmptyField,
  type MessengerTemplate,
  type TemplateButton,
  type TemplateHeader,
} from '../../domain/templates.js';
import { fileName, shortenName } from '../file-name.js';
import {
  EDNA_LIMITS,
  type EdnaButton,
  type EdnaHeader,
  type EdnaRow,
  type EdnaStructure,
} from './edna.wire.js';

/**
 * What stands around the text of a message that a manager chose a template for. edna finds the template by the final
 * text and by just this structure, so it comes from the template as edna has it; where that one is not known, only
 * the file the manager's message came with can be put there.
 * @throws {DeliveryError} `rejected` where a field is still empty: the client would read `{{1}}`
 */
export function toStructure(used: Template, found?: MessengerTemplate): EdnaStructure {
  const header = toHeader(used, found?.header);
  const rows = (found?.rows ?? []).map((row) => ({ buttons: row.map(toButton) }));
  return {
    ...(header && { header }),
    ...(found?.footer && { footer: { text: found.footer } }),
    ...(rows.length > 0 && { keyboard: { rows: filled(rows, used) } }),
  };
}

/** The code in the text of a one-time code, by the place its field has in the template. */
export function oneTimeCode(text: string, { text: pattern }: MessengerTemplate): string {
  return between(text, pattern) ?? text;
}

/** What a text has where its pattern has a field; undefined where it was not made of it, or the field is empty. */
function between(text: string, pattern: string): string | undefined {
  const [before = '', after = ''] = pattern.split(/\{\{\s*\d+\s*\}\}/);
  const isMade = text.startsWith(before) && text.endsWith(after);
  const chars = text.length - before.length - after.length;
  return isMade && chars > 0 ? text.slice(before.length, before.length + chars) : undefined;
}

/** @throws {DeliveryError} `rejected` where a field is still empty */
export function checkFilled(text: string): string {
  if (!hasEmptyField(text)) return text;
  throw new DeliveryError('rejected', 'edna: a field of the template is empty', {
    reason: { key: 'template-mismatch' },
  });
}

/** Keys of edna's legacy interface; that the new one has them too is from memory. */
function toHeader({ params, media }: Template, header?: TemplateHeader): EdnaHeader | undefined {
  if (header?.kind === 'text') return { text: checkFilled(fill(header.text, params)) };
  const kind = header?.kind ?? media?.kind;
  const url = media?.attachment.url ?? header?.url;
  if (!kind || !url) return undefined;
  const own = media ? fileName(media.attachment, media.kind) : header?.name;
  const name = own && shortenName(own, EDNA_LIMITS.attachmentNameChars);
  switch (kind) {
    case 'picture':
    case 'sticker':
      return { imageUrl: url };
    case 'video':
      return { videoUrl: url, ...(name && { videoName: name }) };
    case 'file':
    case 'voice':
    case 'audio':
      return { documentUrl: url, ...(name && { documentName: name }) };
  }
}

function toButton(button: TemplateButton): EdnaButton {
  const { text } = button;
  switch (button.kind) {
    case 'reply':
      // It comes back when the button is pressed.
      return { text, buttonType: 'QUICK_REPLY', payload: button.payload ?? text };
    case 'url':
      return { text, buttonType: 'URL', url: button.url };
    case 'phone':
      return { text, buttonType: 'PHONE', phone: button.phone };
    case 'other':
      return { text, buttonType: button.type };
  }
}

/** Links with the part that changes from message to message. */
function filled(rows: readonly EdnaRow[], { params, urls = [] }: Template): readonly EdnaRow[] {
  let links = 0;
  return rows.map(({ buttons }) => ({
    buttons: buttons.map((button) => {
      if (button.url === undefined) return button;
      const given = urls[links];
      links += 1;
      if (!hasEmptyField(button.url)) return button;
      const isMade = given && between(given, button.url) !== undefined && !hasEmptyField(given);
      const url = isMade ? given : checkFilled(fill(button.url, params));
      return { ...button, url, urlPostfix: between(url, button.url) ?? '' };
    }),
  }));
}

/** By key alone: amoCRM may leave parameters out and give them in any order. */
function fill(text: string, params: Template['params']): string {
  return text.replace(/\{\{\s*(\d+)\s*\}\}/g, (field, n: string) => params[`{{${n}}}`] ?? field);
}
