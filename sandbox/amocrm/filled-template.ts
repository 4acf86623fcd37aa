import type { ManagerContent } from '../amojo/manager-content.ts';
import type { JsonObject } from '../json.ts';
import type { Template, TemplateButton } from './template.ts';

const TYPES = { picture: 'picture', video: 'video', file: 'file', document: 'file' } as const;

/**
 * What a manager sends by choosing a template: its text with the markers replaced, its buttons and
 * its file.
 * @param values by marker, double braces included; a marker without a value stays in the text
 */
export function filledTemplate(
  { id, fields }: Template,
  values: Readonly<Record<string, string>>,
): Exclude<ManagerContent, string> {
  const { content, external_id: externalId, attachment, buttons } = fields;
  const used = Object.entries(values).filter(([marker]) => content.includes(marker));
  const text = used.reduce((filled, [marker, value]) => filled.replaceAll(marker, value), content);
  const fileType = (attachment as { type?: keyof typeof TYPES } | null | undefined)?.type;
  return {
    type: fileType === undefined ? 'text' : TYPES[fileType],
    text,
    markup: markupOf((buttons ?? []) as readonly TemplateButton[]),
    template: {
      id,
      ...(typeof externalId === 'string' ? { external_id: externalId } : {}),
      content,
      params: used.map(([key, value]) => ({ key, value })),
    },
  };
}

/** One row for each button. */
function markupOf(buttons: readonly TemplateButton[]): JsonObject | undefined {
  if (buttons.length === 0) return undefined;
  const rows = buttons.map(({ type, text, url }) => [type === 'url' ? { text, url } : { text }]);
  return { mode: 'inline', buttons: rows };
}
