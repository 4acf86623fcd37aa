import {
  hasEmptyField,
  type CrmTemplate,
  type CrmTemplateDraft,
  type MessengerTemplate,
  type WabaFields,
} from './templates.js';

/* A template of the messenger's as a card of the CRM's. */

/** What a card of amoCRM's has no place for. Header, footer and telephone buttons the bridge puts in when it sends. */
export function whyNoCard({
  contentType,
  text,
  header,
  rows,
}: MessengerTemplate): string | undefined {
  const buttons = rows.flat();
  if (contentType !== 'TEXT') return `its type is ${contentType}: amoCRM has texts only`;
  if (text === '') return 'it has no text';
  const strange = buttons.find(({ kind }) => kind === 'other');
  if (strange?.kind === 'other') {
    return `its button "${strange.text}" is ${strange.type || 'unknown'}: amoCRM has replies and links only`;
  }
  if (buttons.some((button) => button.kind === 'url' && hasEmptyField(button.url))) {
    return 'its link has a field: amoCRM fills in the text only';
  }
  if (header?.kind === 'text' && hasEmptyField(header.text)) {
    return 'its header has a field: amoCRM fills in the text only';
  }
  if (header && header.kind !== 'text' && !header.url) {
    return `its header is a ${header.kind} that edna gives no address of`;
  }
  return undefined;
}

/** Whether it can stand on a card for WhatsApp Business, which takes no file of the messenger's. */
export function fitsWaba({ header }: MessengerTemplate): boolean {
  return !header || (header.kind === 'text' && header.text.length <= WABA_HEADER_CHARS);
}

/** Documented of amoCRM's `waba_header`. */
const WABA_HEADER_CHARS = 60;

/** @param isWaba the card is one for WhatsApp Business */
export function toDraft(template: MessengerTemplate, isWaba: boolean): CrmTemplateDraft {
  const { id, name, text, rows } = template;
  const buttons = rows.flat().flatMap((button): CrmTemplateDraft['buttons'] => {
    if (button.kind === 'url') return [{ type: 'url', text: button.text, url: button.url }];
    return button.kind === 'reply' ? [{ type: 'inline', text: button.text }] : [];
  });
  const draft = { externalId: id, name, content: text, buttons };
  return isWaba ? { ...draft, waba: toWaba(template) } : draft;
}

function toWaba({ header, footer, category, language, examples }: MessengerTemplate): WabaFields {
  return {
    header: header?.kind === 'text' ? header.text : undefined,
    footer,
    category,
    language: language?.toLowerCase(),
    examples: Object.fromEntries(examples.map((example, i) => [`{{${i + 1}}}`, example])),
  };
}

/** Whether a card shows something else than it should. Whether an ordinary one may be edited counts, too. */
export function differs(card: CrmTemplate, draft: CrmTemplateDraft): boolean {
  return (!card.waba && !card.isEditable) || shown(card) !== shown(draft);
}

function shown({ name, content, buttons, waba }: Omit<CrmTemplateDraft, 'externalId'>): string {
  const { header = '', footer = '', category = '', language = '' } = waba ?? {};
  return JSON.stringify([
    name,
    content,
    buttons.map((one) => [one.type, one.text, one.type === 'url' ? one.url : '']),
    [header, footer, category, language.toLowerCase()],
  ]);
}
