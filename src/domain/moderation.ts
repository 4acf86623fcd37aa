import { parseTemplateName, templateDigest, templateName } from './ids.js';
import type { Refusal } from './moderation-texts.js';
import {
  type CrmTemplate,
  type MessengerTemplate,
  type TemplateButton,
  type TemplateSubmission,
} from './templates.js';

/* A template that an administrator wrote in the CRM, on its way to the messenger's approval. */

/** Every marker of the CRM's, and every field of the messenger's. */
const MARKER = /\{\{[^{}]+\}\}/g;
/** The messenger's own: they keep their numbers where they are one to n. */
const NUMBERED = /^\{\{\s*\d+\s*\}\}$/;

/** What the messenger is to approve, or why it cannot be. */
export function toSubmission(card: CrmTemplate): TemplateSubmission | Refusal {
  const { content, buttons, waba, hasFile } = card;
  const { header, footer, category, language, examples = {} } = waba ?? {};
  if (hasFile) return { key: 'file' };
  const [inHeader] = header?.match(MARKER) ?? [];
  if (inHeader) return { key: 'header-field', args: { field: inHeader } };
  const moving = buttons.find((one) => one.type === 'url' && MARKER_WITHIN.test(one.url));
  if (moving) return { key: 'link-field', args: { button: moving.text } };
  if (!category) return { key: 'no-category' };
  if (category === 'AUTHENTICATION') return { key: 'one-time-code' };
  if (!language) return { key: 'no-language' };
  const markers = content.match(MARKER) ?? [];
  const bare = markers.find((marker) => !exampleOf(marker, examples));
  if (bare) return { key: 'no-example', args: { field: bare } };
  const { text, fields } = numbered(content, markers);
  return {
    name: templateName(card.id, card.name, wordsOf(card)),
    category,
    // amoCRM writes it in small letters, edna's sample in capitals.
    language: language.toUpperCase(),
    text,
    examples: fields.map((marker) => exampleOf(marker, examples) ?? ''),
    ...(header && { header }),
    ...(footer && { footer }),
    rows: buttons.length > 0 ? [buttons.map(toButton)] : [],
  };
}

const MARKER_WITHIN = /\{\{[^{}]+\}\}/;

export function isRefusal(mapped: TemplateSubmission | Refusal): mapped is Refusal {
  return 'key' in mapped;
}

/**
 * Whether what is decided about a template of the messenger's is decided about this card: it bears the card's own
 * number and words in its name, or the card has its id. What was made from words the card no longer has is not.
 */
export function isAbout(
  template: Pick<MessengerTemplate, 'id'> & { readonly name?: string },
  card: CrmTemplate,
): boolean {
  const made = parseTemplateName(template.name ?? '');
  if (made?.cardId === card.id) return made.digest === templateDigest(wordsOf(card));
  return card.externalId === template.id;
}

/** Whether a template of the messenger's was made from this card, with whatever words. */
export function isMadeFrom({ name }: Pick<MessengerTemplate, 'name'>, card: CrmTemplate): boolean {
  return parseTemplateName(name)?.cardId === card.id;
}

/** All that is approved, in an order that does not change. */
function wordsOf({ content, buttons, waba }: CrmTemplate): string {
  const { header = '', footer = '', category = '', language = '', examples = {} } = waba ?? {};
  const sorted = Object.entries(examples).sort(([one], [other]) => (one < other ? -1 : 1));
  const shown = buttons.map((one) => [one.type, one.text, one.type === 'url' ? one.url : '']);
  return JSON.stringify([content, header, footer, category, language, shown, sorted]);
}

/** Each place gets a number of its own, in order: WhatsApp counts places. @returns the marker of each number */
function numbered(
  content: string,
  markers: readonly string[],
): { readonly text: string; readonly fields: readonly string[] } {
  const own = new Set(markers.map((marker) => marker.replace(/\s/g, '')));
  const areKept =
    markers.every((marker) => NUMBERED.test(marker)) &&
    [...own].every((_, i) => own.has(`{{${i + 1}}}`));
  if (areKept) return { text: content, fields: [...own].map((_, i) => `{{${i + 1}}}`) };
  let places = 0;
  const text = content.replace(MARKER, () => {
    places += 1;
    return `{{${places}}}`;
  });
  return { text, fields: markers };
}

/** amoCRM's own sample has the braces in the key; a key without them says the same. */
function exampleOf(marker: string, examples: Readonly<Record<string, string>>): string | undefined {
  const name = marker.slice(2, -2).trim();
  const example = examples[marker] ?? examples[`{{${name}}}`] ?? examples[name];
  return example?.trim() || undefined;
}

function toButton(button: CrmTemplate['buttons'][number]): TemplateButton {
  const { text } = button;
  return button.type === 'url'
    ? { kind: 'url', text, url: button.url }
    : { kind: 'reply', text, payload: text };
}
