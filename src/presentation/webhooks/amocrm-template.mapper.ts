import type { Content, Template } from '../../domain/message.js';
import { isFields, isScalar, toText, toUrl, toWord } from './wire-values.js';

/**
 * The content of a message that a manager chose a template for: a text with its fields filled in, and the file above
 * it as a part of the template rather than a message of its own, since the messenger approved the two together.
 * https://www.amocrm.ru/developers/content/chats/chat-webhooks, section on templates
 * @returns nothing where no template was chosen, or there is nothing to send
 */
export function fromTemplate(
  { template, markup }: { readonly template?: unknown; readonly markup?: unknown },
  content: Content,
): Content | undefined {
  if (!isFields(template)) return undefined;
  const externalId = toWord(template.external_id);
  const cardId = toWord(template.id);
  const urls = urlsOf(markup);
  const used: Template = {
    ...(externalId !== undefined && { externalId }),
    ...(cardId !== undefined && { cardId }),
    params: paramsOf(template.params),
    ...(urls.length > 0 && { urls }),
  };
  if (content.kind === 'text') return { ...content, template: used };
  if (!('attachment' in content)) return undefined;
  const { kind, attachment, caption } = content;
  // A file alone can be sent without any text, and by no template we could name.
  if (caption === '' && externalId === undefined) return undefined;
  return { kind: 'text', text: caption, template: { ...used, media: { kind, attachment } } };
}

/** By marker: amoCRM may leave some out, and gives them in an order of its own. */
function paramsOf(value: unknown): Template['params'] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return Object.fromEntries(
    entries.flatMap((entry) => {
      const key = isFields(entry) ? toWord(entry.key) : undefined;
      return isFields(entry) && key !== undefined && isScalar(entry.value)
        ? [[key, toText(entry.value)] as const]
        : [];
    }),
  );
}

/** Of its buttons that are links. https://www.amocrm.ru/developers/content/chats/chat-webhooks, section on markup */
function urlsOf(markup: unknown): readonly string[] {
  const rows = isFields(markup) && Array.isArray(markup.buttons) ? markup.buttons : [];
  return rows
    .flat()
    .flatMap((button: unknown) => (isFields(button) ? (toUrl(button.url) ?? []) : []));
}
