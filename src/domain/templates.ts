/* Templates: texts that the messenger has approved beforehand, and that open a conversation with. */

export type TemplateButton =
  | { readonly kind: 'reply'; readonly text: string; readonly payload?: string }
  | { readonly kind: 'url'; readonly text: string; readonly url: string }
  | { readonly kind: 'phone'; readonly text: string; readonly phone: string }
  /** Copies a code, opens a form, or something nobody has told us of. */
  | { readonly kind: 'other'; readonly text: string; readonly type: string };

export type TemplateHeader =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'picture' | 'video' | 'file';
      /** The file of the template's example, where it can be fetched. */
      readonly url?: string;
      readonly name?: string;
    };

/** A template as the messenger has it. Its fields stand in its texts as `{{1}}`, `{{2}}`, … */
export interface MessengerTemplate {
  readonly id: string;
  readonly name: string;
  /** Upper case: `APPROVED`, `REJECTED`, `PENDING`, `NOT_SENT`, `ARCHIVED`, `PAUSED`, `DISABLED`. */
  readonly status: string;
  /** Switched off at the messenger, whatever its status. */
  readonly isLocked: boolean;
  /** Upper case: `TEXT`, `AUTHENTICATION`, `FLOW`, … */
  readonly contentType: string;
  /** Upper case: `WHATSAPP`, … */
  readonly channelType: string;
  readonly category?: string;
  readonly language?: string;
  readonly text: string;
  /** Values for its fields that it was approved with. */
  readonly examples: readonly string[];
  readonly header?: TemplateHeader;
  readonly footer?: string;
  readonly rows: readonly (readonly TemplateButton[])[];
}

/** Whether messages may be sent by it. */
export function isUsable({ status, isLocked }: MessengerTemplate): boolean {
  return status === 'APPROVED' && !isLocked;
}

/** Whether a field in it is still empty: `{{1}}`. */
export function hasEmptyField(text: string): boolean {
  return /\{\{\s*\d+\s*\}\}/.test(text);
}
