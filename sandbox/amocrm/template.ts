import type { JsonObject } from '../json.ts';
import type { Entry } from './entry.ts';

export const REVIEW_VERDICTS = ['approved', 'paused', 'rejected'] as const;
const REASON_CHARS = 65_535;
const HEADER_CHARS = 60;

export type ReviewStatus = 'review' | (typeof REVIEW_VERDICTS)[number];

/** The moderation of a template at one WhatsApp number. */
export interface Review {
  readonly id: number;
  readonly sourceId: number;
  status: ReviewStatus;
  rejectReason: string;
}

export interface TemplateButton {
  readonly type: 'inline' | 'url';
  readonly text: string;
  readonly url?: string;
}

/** A chat template. Keys of `fields` are those of the API. */
export interface Template {
  readonly id: number;
  fields: JsonObject & { readonly name: string; readonly content: string };
  reviews: readonly Review[];
  /** Seconds since 1970. */
  readonly createdAt: number;
  updatedAt: number;
}

const DEFAULTS = {
  is_editable: false,
  type: 'amocrm',
  buttons: [],
  attachment: null,
  external_id: null,
  waba_footer: null,
  waba_category: null,
  waba_language: null,
  waba_examples: null,
  waba_header: null,
  waba_header_type: null,
};

/** What a request sets on a template. @throws {Refusal} 400 */
export function readTemplate(entry: Entry): JsonObject {
  const attachment = entry.optionalObject('attachment');
  attachment?.text('id');
  attachment?.optionalText('name');
  attachment?.optionalFlag('is_external');
  attachment?.optionalChoice('type', ['picture', 'file', 'document', 'video']);
  for (const button of entry.objects('buttons')) {
    button.text('text');
    const type = button.optionalChoice('type', ['inline', 'url']);
    if (type === undefined) button.text('type');
    if (type === 'url') button.text('url');
  }
  entry.optionalObject('waba_examples');
  const header = entry.optionalText('waba_header');
  if (header !== undefined && header.length > HEADER_CHARS) {
    throw entry.no('waba_header', 'TooLong', `It should have ${HEADER_CHARS} characters or less.`);
  }
  const given = {
    name: entry.optionalText('name'),
    content: entry.optionalText('content'),
    is_editable: entry.optionalFlag('is_editable'),
    type: entry.optionalChoice('type', ['amocrm', 'waba']),
    buttons: entry.has('buttons') ? entry.raw.buttons : undefined,
    attachment: entry.raw.attachment,
    external_id: entry.optionalText('external_id'),
    waba_footer: entry.optionalText('waba_footer'),
    waba_category: entry.optionalChoice('waba_category', [
      'UTILITY',
      'AUTHENTICATION',
      'MARKETING',
    ]),
    waba_language: entry.optionalText('waba_language'),
    waba_examples: entry.raw.waba_examples,
    waba_header: header,
    waba_header_type: entry.optionalChoice('waba_header_type', ['text', 'media']),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** A verdict on a review. @throws {Refusal} 400 */
export function readVerdict(entry: Entry): { status: ReviewStatus; rejectReason: string } {
  const status = entry.optionalChoice('status', REVIEW_VERDICTS);
  const rejectReason = entry.optionalText('reject_reason') ?? '';
  if (status === undefined) throw entry.no('status', 'FieldMissing', 'This field is missing.');
  if (rejectReason.length > REASON_CHARS) {
    throw entry.no(
      'reject_reason',
      'TooLong',
      `It should have ${REASON_CHARS} characters or less.`,
    );
  }
  return { status, rejectReason };
}

/** `review_status` and the reviews are shown only on request. */
export function templateBody(
  { id, fields, reviews, createdAt, updatedAt }: Template,
  accountNumber: number,
  more: { readonly isWithReviews?: boolean; readonly requestId?: string } = {},
): JsonObject {
  const shown = {
    review_status: reviews.at(-1)?.status ?? null,
    is_on_review: reviews.some(({ status }) => status === 'review'),
    _embedded: { reviews: reviews.map(reviewBody) },
  };
  return {
    id,
    account_id: accountNumber,
    ...DEFAULTS,
    ...fields,
    created_at: createdAt,
    updated_at: updatedAt,
    ...(more.requestId === undefined ? {} : { request_id: more.requestId }),
    ...(more.isWithReviews === true ? shown : {}),
  };
}

export function reviewBody({ id, sourceId, status, rejectReason }: Review): JsonObject {
  return { id, source_id: sourceId, status, reject_reason: rejectReason };
}
