import { inLines, type AttachmentKind, type Content } from '../../domain/message.js';
import type { SubstituteKey } from '../../domain/reasons.js';
import { kindOf, toAttachment } from './attachment.mapper.js';
import { toKeyboard, toList } from './amocrm-markup.mapper.js';
import { fromTemplate } from './amocrm-template.mapper.js';
import { isAbsent, isFields, toText, toWord } from './wire-values.js';

/** What a manager's message is made of, in each version of the hook. */
export interface AmocrmBody {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly media?: unknown;
  readonly file_name?: unknown;
  readonly file_size?: unknown;
  readonly markup?: unknown;
  readonly template?: unknown;
  readonly forwards?: { readonly messages?: unknown };
}

const KINDS: ReadonlySet<string> = new Set<AttachmentKind>([
  'picture',
  'file',
  'video',
  'voice',
  'audio',
  'sticker',
]);

/** What a manager's message says. Never fails: what says nothing becomes a content that no channel can carry. */
export function toContent(body: AmocrmBody): Content {
  const content = own(body) ?? forwarded(body) ?? nothing(body);
  // A template brings its buttons itself, and its text is compared to the letter.
  if (isAbsent(body.template)) return marked(content, body);
  return fromTemplate(body, content) ?? content;
}

/** With the buttons or the list that stand under it. Where there is nothing else, they are the words. */
function marked(content: Content, { markup }: AmocrmBody): Content {
  if (!isFields(markup)) return content;
  const keyboard = toKeyboard(markup.buttons);
  const list = toList(markup.list_message);
  if (!keyboard && !list) return content;
  const said = content.kind === 'unsupported' && content.substitute !== 'file-failed';
  if (said || content.kind === 'text') {
    const text = content.text;
    if (list) return { kind: 'text', ...list, text: [text, list.text].filter(Boolean).join('\n') };
    if (keyboard && text.trim() !== '') return { kind: 'text', text, keyboard };
    return { kind: 'text', text: inLines('', keyboard ?? []) };
  }
  if (!('attachment' in content)) return content;
  const { caption } = content;
  if (keyboard && caption) return { ...content, keyboard };
  return {
    ...content,
    caption: list
      ? [caption, list.text].filter(Boolean).join('\n')
      : inLines(caption, keyboard ?? []),
  };
}

function own(body: AmocrmBody): Content | undefined {
  const type = typeOf(body);
  const text = toText(body.text);
  // Blanks are no words: edna refuses them, and the file would be shown as half sent.
  const caption = text.trim() === '' ? '' : text;
  const attachment = toAttachment({ url: body.media, name: body.file_name, size: body.file_size });
  // Without its file a message is not what the manager sent, whatever words stand beside it.
  if (!attachment && toWord(body.media) !== undefined)
    return unsupported('file-failed', type, text);
  if (!attachment) return text.trim() === '' ? undefined : { kind: 'text', text };
  if (isKind(type)) return { kind: type, attachment, caption };
  if (type === 'text' || type === '') return { kind: kindOf(attachment), attachment, caption };
  // A type that nobody has told us of: the client gets the words, and the link to look for himself.
  return { kind: 'text', text: [text, attachment.url].filter(Boolean).join('\n') };
}

/** A forward without words of its own says what it forwards. */
function forwarded({ forwards }: AmocrmBody): Content | undefined {
  const messages: readonly unknown[] = Array.isArray(forwards?.messages) ? forwards.messages : [];
  const [first] = messages.filter(isFields);
  return first && own(first);
}

function nothing(body: AmocrmBody): Content {
  const type = typeOf(body);
  return unsupported(isKind(type) ? 'file-failed' : 'unknown-type', type, '');
}

function unsupported(substitute: SubstituteKey, type: string, text: string): Content {
  const word = type.slice(0, MOST_TYPE_CHARS) || 'text';
  return { kind: 'unsupported', substitute, type: word, text };
}
const MOST_TYPE_CHARS = 40;

function typeOf({ type }: AmocrmBody): string {
  return toText(type).trim().toLowerCase();
}

function isKind(type: string): type is AttachmentKind {
  return KINDS.has(type);
}
