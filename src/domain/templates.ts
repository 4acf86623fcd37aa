import type { Line } from './line.js';

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

/** What stands on a card of the CRM's list of templates. */
export interface CrmTemplateDraft {
  /** Its id at the messenger. */
  readonly externalId: string;
  readonly name: string;
  readonly content: string;
  readonly buttons: readonly (
    | { readonly type: 'inline'; readonly text: string }
    | {
        readonly type: 'url';
        readonly text: string;
        readonly url: string;
      }
  )[];
}

/** What the CRM shows of a template that waits for a verdict. */
export type Verdict = 'approved' | 'paused' | 'rejected';

/** A template as the CRM has it. */
export interface CrmTemplate extends CrmTemplateDraft {
  readonly id: string;
  /** Managers may change its text: it has fields to fill in. */
  readonly isEditable: boolean;
  /** Reviews that wait for a verdict. */
  readonly openReviews: readonly string[];
}

/** The messenger's side of templates. Throws `DeliveryError` and nothing else. */
export abstract class MessengerTemplates {
  /** All templates of the line's channels, whatever their status. */
  abstract list(line: Line): Promise<readonly MessengerTemplate[]>;
}

/** The CRM's side of templates. Throws `DeliveryError` and nothing else; its message says in words what to do. */
export abstract class CrmTemplates {
  /** Whether there is anything to ask: an address and a token are set. */
  abstract readonly isOpen: boolean;

  /** Those that came from a messenger; one of them, where its id there is given. */
  abstract list(externalId?: string): Promise<readonly CrmTemplate[]>;

  abstract create(drafts: readonly CrmTemplateDraft[]): Promise<void>;

  abstract change(changes: readonly (CrmTemplateDraft & { readonly id: string })[]): Promise<void>;

  abstract decide(templateId: string, reviewId: string, verdict: Verdict): Promise<void>;
}

/** What a status at the messenger means for the CRM's review; nothing while nobody has decided. */
export function verdictOf({
  status,
  isLocked,
}: Pick<MessengerTemplate, 'status' | 'isLocked'>): Verdict | undefined {
  if (status === 'REJECTED') return 'rejected';
  if (isLocked || ['PAUSED', 'DISABLED', 'ARCHIVED'].includes(status)) return 'paused';
  return status === 'APPROVED' ? 'approved' : undefined;
}
