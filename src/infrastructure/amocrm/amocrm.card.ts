import type { CrmTemplate, CrmTemplateDraft, WabaFields } from '../../domain/templates.js';
import { dig, idOf, isObject, textOf } from '../json.js';

/*
 * A chat template as amoCRM has it: https://www.amocrm.ru/developers/content/crm_platform/chat-templates-api
 * (copy of 2026-01-07).
 */

/** Managers put values in place of `{{1}}`, so they may edit the text. */
export function toWire({ externalId, name, content, buttons, waba }: CrmTemplateDraft) {
  const { header, footer, category, language, examples = {} } = waba ?? {};
  return {
    external_id: externalId,
    name,
    content,
    buttons,
    is_editable: true,
    type: waba ? 'waba' : 'amocrm',
    ...(header && { waba_header: header, waba_header_type: 'text' }),
    ...(footer && { waba_footer: footer }),
    ...(category && { waba_category: category }),
    ...(language && { waba_language: language }),
    ...(Object.keys(examples).length > 0 && { waba_examples: examples }),
  };
}

export function toCard(item: unknown): CrmTemplate | undefined {
  const id = idOf(dig(item, 'id'));
  if (!id) return undefined;
  const externalId = idOf(dig(item, 'external_id'));
  const buttons = dig(item, 'buttons');
  return {
    id,
    ...(externalId && { externalId }),
    name: textOf(dig(item, 'name')) ?? '',
    content: textOf(dig(item, 'content')) ?? '',
    isEditable: dig(item, 'is_editable') === true,
    buttons: (Array.isArray(buttons) ? buttons : []).map(toButton),
    hasFile: isObject(dig(item, 'attachment')) || dig(item, 'waba_header_type') === 'media',
    openReviews: toOpenReviews(item),
    wasReviewed: reviewsOf(item).length > 0,
    ...(dig(item, 'type') === 'waba' && { waba: toWaba(item) }),
  };
}

/** Of a template, and of the answer to the question for one. */
export function toOpenReviews(body: unknown): readonly string[] {
  return reviewsOf(body)
    .filter((review) => dig(review, 'status') === 'review')
    .flatMap((review) => idOf(dig(review, 'id')) ?? []);
}

function reviewsOf(body: unknown): readonly unknown[] {
  const reviews = dig(body, '_embedded', 'reviews');
  return Array.isArray(reviews) ? reviews : [];
}

/** PHP writes an empty map as `[]`. */
function toWaba(item: unknown): WabaFields {
  const examples = dig(item, 'waba_examples');
  const given = isObject(examples) ? Object.entries(examples) : [];
  return {
    header: textOf(dig(item, 'waba_header')),
    footer: textOf(dig(item, 'waba_footer')),
    category: textOf(dig(item, 'waba_category'))?.toUpperCase(),
    language: textOf(dig(item, 'waba_language')),
    examples: Object.fromEntries(
      given.flatMap(([marker, value]) => {
        const text = idOf(value);
        return text === undefined ? [] : [[marker, text]];
      }),
    ),
  };
}

function toButton(button: unknown): CrmTemplateDraft['buttons'][number] {
  const text = textOf(dig(button, 'text')) ?? '';
  const url = textOf(dig(button, 'url'));
  return dig(button, 'type') === 'url' && url
    ? { type: 'url', text, url }
    : { type: 'inline', text };
}
