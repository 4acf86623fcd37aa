import type { TemplateSubmission } from '../../domain/templates.js';

/** `POST /api/message-matchers`: https://docs-pulse.edna.io/docs/api/templates/add-operator-template; content as in the list of templates. */
export interface EdnaNewMatcher {
  readonly messageMatcher: {
    /** Unique: latin letters, digits and `_`, 60 of them. */
    readonly name: string;
    readonly channelType: 'WHATSAPP';
    readonly language: string;
    readonly category: string;
    readonly type: 'OPERATOR';
    readonly content: {
      readonly text: string;
      readonly textExampleParams?: readonly string[];
      readonly header?: { readonly headerType: 'TEXT'; readonly text: string };
      readonly footer?: { readonly text: string };
      readonly keyboard?: {
        readonly rows: readonly { readonly buttons: readonly EdnaMatcherButton[] }[];
      };
    };
  };
  readonly subjectIds: readonly (number | string)[];
}

interface EdnaMatcherButton {
  readonly text: string;
  readonly buttonType: 'QUICK_REPLY' | 'URL' | 'PHONE';
  readonly payload?: string;
  readonly url?: string;
  readonly phone?: string;
}

export function toMatcher(
  { name, category, language, text, examples, header, footer, rows }: TemplateSubmission,
  subjectIds: readonly string[],
): EdnaNewMatcher {
  return {
    messageMatcher: {
      name,
      channelType: 'WHATSAPP',
      language,
      category,
      type: 'OPERATOR',
      content: {
        text,
        ...(examples.length > 0 && { textExampleParams: examples }),
        ...(header && { header: { headerType: 'TEXT', text: header } }),
        ...(footer && { footer: { text: footer } }),
        ...(rows.length > 0 && {
          keyboard: { rows: rows.map((row) => ({ buttons: row.flatMap(toButton) })) },
        }),
      },
    },
    subjectIds: subjectIds.map((id) => (Number.isSafeInteger(Number(id)) ? Number(id) : id)),
  };
}

function toButton(button: TemplateSubmission['rows'][number][number]): EdnaMatcherButton[] {
  const { text } = button;
  switch (button.kind) {
    case 'reply':
      return [{ text, buttonType: 'QUICK_REPLY', payload: button.payload ?? text }];
    case 'url':
      return [{ text, buttonType: 'URL', url: button.url }];
    case 'phone':
      return [{ text, buttonType: 'PHONE', phone: button.phone }];
    case 'other':
      return [];
  }
}
