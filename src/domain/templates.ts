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
  /** Why it was rejected, in words of the messenger's, where it says. */
  readonly rejectReason?: string;
}

/** Whether messages may be sent by it. */
export function isUsable({ status, isLocked }: MessengerTemplate): boolean {
  return status === 'APPROVED' && !isLocked;
}

/** Whether a field in it is still empty: the messenger's `{{1}}`, or the CRM's `{{contact.name}}`. */
export function hasEmptyField(text: string): boolean {
  return /\{\{\s*(\d+|\w+(\.\w+)+)\s*\}\}/.test(text);
}

/** What a card says beside its text where it is one of WhatsApp Business, which the CRM has moderated. */
export interface WabaFields {
  readonly header?: string;
  readonly footer?: string;
  /** Upper case: `UTILITY`, `AUTHENTICATION`, `MARKETING`. */
  readonly category?: string;
  /** As the CRM writes it, e.g. `ru`. */
  readonly language?: string;
  /** By marker, braces included. */
  readonly examples: Readonly<Record<string, string>>;
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
  /** Absent on an ordinary card, which nobody moderates. */
  readonly waba?: WabaFields;
}

/** What the CRM shows of a template that waits for a verdict. */
export type Verdict = 'approved' | 'paused' | 'rejected';

/** A template as the CRM has it. */
export interface CrmTemplate extends Omit<CrmTemplateDraft, 'externalId'> {
  readonly id: string;
  /** Its id at the messenger, where it is known there. */
  readonly externalId?: string;
  /** Managers may change its text: it has fields to fill in. */
  readonly isEditable: boolean;
  /** A file of the CRM's own stands above its text. */
  readonly hasFile: boolean;
  /** Reviews that wait for a verdict. */
  readonly openReviews: readonly string[];
  /** It has been sent to moderation, now or before. */
  readonly wasReviewed: boolean;
}

/** What the messenger is asked to approve. */
export type TemplateSubmission = Pick<MessengerTemplate, 'name' | 'text' | 'examples' | 'rows'> & {
  readonly category: string;
  readonly language: string;
  readonly header?: string;
  readonly footer?: string;
};

/** The messenger's side of templates. Throws `DeliveryError` and nothing else. */
export abstract class MessengerTemplates {
  /** All templates of the line's channels, whatever their status. */
  abstract list(line: Line): Promise<readonly MessengerTemplate[]>;

  /**
   * Hands one in for approval, for all of the line's channels. Names are unique there.
   * @returns its id, where the answer tells
   * @throws {DeliveryError} `rejected` where it is refused for good: its reason has the messenger's code
   */
  abstract submit(line: Line, submission: TemplateSubmission): Promise<string | undefined>;

  /** Something has changed there: what was kept of its lists is asked for anew. Returns at once. */
  abstract forget(): void;
}

/** The CRM's side of templates: those of the line's account. Throws `DeliveryError` and nothing else; its message says in words what to do. */
export abstract class CrmTemplates {
  /** Whether there is anything to ask: an address and a token are set. */
  abstract isOpen(line: Line): boolean;

  /** All of them, or those that are known at the messenger by this id. */
  abstract list(line: Line, externalId?: string): Promise<readonly CrmTemplate[]>;

  /** @returns nothing where it is not there, or not ours to see */
  abstract find(line: Line, id: string): Promise<CrmTemplate | undefined>;

  /** Whether cards for WhatsApp Business can be made: a source of ours is one. */
  abstract hasWaba(line: Line): Promise<boolean>;

  /** @returns those that were made, with the ids the CRM gave them */
  abstract create(
    line: Line,
    drafts: readonly CrmTemplateDraft[],
  ): Promise<readonly Pick<CrmTemplate, 'id' | 'externalId'>[]>;

  abstract change(
    line: Line,
    changes: readonly (CrmTemplateDraft & { readonly id: string })[],
  ): Promise<void>;

  /** @throws {DeliveryError} `rejected` where the CRM lets it not be changed any more */
  abstract link(line: Line, id: string, externalId: string): Promise<void>;

  /** Sends a card to moderation. @returns the reviews that are open then */
  abstract askReview(line: Line, id: string): Promise<readonly string[]>;

  /** @param why what the administrator reads, of one that is rejected */
  abstract decide(
    line: Line,
    templateId: string,
    reviewId: string,
    verdict: Verdict,
    why?: string,
  ): Promise<void>;
}

/** Where the CRM tells that an administrator wants a template approved. Throws `DeliveryError` and nothing else. */
export abstract class ModerationHook {
  /** `off`: the CRM has switched it off itself, after too many bad answers. */
  abstract state(line: Line, address: string): Promise<'on' | 'off' | 'absent'>;

  abstract register(line: Line, address: string): Promise<void>;
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
