import type { OutDraft, PhoneButton, PhoneContent } from './out-message.ts';
import { isUsable, type Template, type TemplateButton } from './template.ts';

/**
 * The approved template a message is an instance of. edna finds it by the final text and by the
 * structure around it; only a one-time code names its template.
 */
export function matchTemplate(
  { channel, content }: Pick<OutDraft, 'channel' | 'content'>,
  templates: readonly Template[],
): Template | undefined {
  return templates.find(
    (template) =>
      isUsable(template) &&
      template.channelType === channel.type &&
      template.subjectIds.includes(channel.subjectId) &&
      isInstance(content, template),
  );
}

function isInstance(content: PhoneContent, template: Template): boolean {
  if (template.contentType !== content.type) return false;
  if (content.type === 'AUTHENTICATION') return template.id === content.messageMatcherId;
  return (
    content.text !== null &&
    fits(template.content.text, content.text) &&
    hasHeader(content, template) &&
    (content.footer ?? null) === (template.content.footer?.text ?? null) &&
    hasKeyboard(content, template)
  );
}

function hasHeader({ header }: PhoneContent, { content }: Template): boolean {
  if (header === undefined || content.header === null) {
    return header === undefined && content.header === null;
  }
  return (
    header.headerType === content.header.headerType &&
    (header.headerType !== 'TEXT' || fits(content.header.text ?? '', header.text ?? ''))
  );
}

function hasKeyboard({ keyboard }: PhoneContent, { content }: Template): boolean {
  const sent = keyboard?.rows.flatMap(({ buttons }) => buttons) ?? [];
  const stored = content.keyboard?.rows.flatMap(({ buttons }) => buttons) ?? [];
  return sent.length === stored.length && sent.every((one, at) => isButton(one, stored[at]));
}

/** The payload of a button is the sender's own business. */
function isButton(sent: PhoneButton, stored: TemplateButton | undefined): boolean {
  return (
    sent.type === stored?.buttonType &&
    sent.text === stored.text &&
    (stored.url === undefined || fits(stored.url, sent.url ?? '')) &&
    (stored.phone === undefined || stored.phone === sent.phone)
  );
}

/** Whether `{{n}}` can be filled in, each with a character at least, so that the text comes out. */
export function fits(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split(/\{\{\d+\}\}/);
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const literal of rest) {
    const found = text.indexOf(literal, at + 1);
    if (found === -1) return false;
    at = found + literal.length;
  }
  return text.length - last.length > at && text.endsWith(last);
}
