import type { Changes } from '../changes.ts';
import type { Clock } from '../clock.ts';
import type { FaultBoard } from '../faults.ts';
import { isObject, shown, type JsonObject } from '../json.ts';
import { Outbox, type Parcel } from '../outbox.ts';
import type { Crm } from './crm.ts';
import type { CrmSettings } from './settings.ts';
import { isWaba } from './source.ts';
import type { Review, Template } from './template.ts';

const FORM = 'application/x-www-form-urlencoded';

/**
 * What an account tells its webhooks. Unlike a channel's hooks: a form, not signed, and repeated while the answer is
 * none of 100 to 299.
 */
export class AccountHooks {
  readonly #outbox: Outbox;

  constructor(
    settings: CrmSettings,
    clock: Clock,
    changes: Changes,
    faults: FaultBoard,
    crms: () => readonly Crm[],
  ) {
    const noteAttempt = ({ url = '' }: Parcel, isGood: boolean): void => {
      for (const { webhooks } of crms()) webhooks.note(url, isGood, clock.now());
    };
    this.#outbox = new Outbox(
      {
        get resendAfterSeconds() {
          return settings.accountHookResendSeconds;
        },
        get timeoutMs() {
          return settings.accountHookTimeoutMs;
        },
        isTaken: (status) => status >= 100 && status < 300,
        noteAttempt,
      },
      clock,
      changes,
      faults,
    );
  }

  get parcels(): readonly Parcel[] {
    return this.#outbox.parcels;
  }

  /** Sends a template to moderation at each number of WhatsApp, and tells everybody who wants to know. */
  askReview(crm: Crm, template: Template): readonly Review[] {
    const sources = crm.sources.all.filter(isWaba);
    const asked = crm.templates.review(
      template,
      sources.map(({ id }) => id),
    );
    for (const { destination } of crm.webhooks.of('add_chat_template_review')) {
      this.#outbox.send({
        endpoint: 'account-hook',
        url: destination,
        headers: { 'Content-Type': FORM },
        raw: toForm({ add: [reviewedBody(crm, template)] }),
        text: template.fields.content,
      });
    }
    return asked;
  }

  close(): void {
    this.#outbox.close();
  }
}

/** The keys of the documented example, and no others. */
function reviewedBody({ account }: Crm, { id, fields, ...template }: Template): JsonObject {
  return {
    id,
    type: fields.type,
    account_id: account.accountNumber,
    name: fields.name,
    content: fields.content,
    created_at: template.createdAt,
    updated_at: template.updatedAt,
    is_editable: fields.is_editable === true,
    reviews: template.reviews.map((review) => ({
      id: review.id,
      source_id: review.sourceId,
      status: review.status,
      reject_reason: review.rejectReason,
    })),
    is_on_review: true,
    waba_footer: fields.waba_footer,
    waba_category: fields.waba_category,
    waba_language: fields.waba_language,
  };
}

/** As PHP writes a form: `add[0][reviews][0][id]=15`; true is 1, false is 0, nothing is left out. */
export function toForm(body: JsonObject): string {
  const form = new URLSearchParams();
  const put = (key: string, value: unknown): void => {
    const inner = Array.isArray(value)
      ? Object.entries(value)
      : isObject(value) && Object.entries(value);
    if (inner) for (const [name, part] of inner) put(key === '' ? name : `${key}[${name}]`, part);
    else if (typeof value === 'boolean') form.append(key, value ? '1' : '0');
    else if (value !== null && value !== undefined) form.append(key, shown(value));
  };
  put('', body);
  return form.toString();
}
