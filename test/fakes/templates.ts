import type { DeliveryError } from '../../src/domain/errors.js';
import {
  CrmTemplates,
  MessengerTemplates,
  type CrmTemplate,
  type CrmTemplateDraft,
  type MessengerTemplate,
  type TemplateSubmission,
  type Verdict,
} from '../../src/domain/templates.js';

/** The messenger's templates in memory. */
export class FakeMessengerTemplates extends MessengerTemplates {
  all: readonly MessengerTemplate[] = [];
  submissions: readonly TemplateSubmission[] = [];
  /** Whether the answer to a submission tells the id of what it made. */
  tellsIds = true;
  /** Thrown by the next submission; `late` makes it all the same, as another try of ours would. */
  failing?: DeliveryError;
  late = false;

  forgotten = 0;

  override list(): Promise<readonly MessengerTemplate[]> {
    return Promise.resolve(this.all);
  }

  override forget(): void {
    this.forgotten += 1;
  }

  override async submit(_: unknown, submission: TemplateSubmission): Promise<string | undefined> {
    this.submissions = [...this.submissions, submission];
    const { failing } = this;
    this.failing = undefined;
    if (failing && !this.late) throw failing;
    const id = String(31_100 + this.all.length);
    const { header, ...rest } = submission;
    const made = { ...rest, ...(header && { header: { kind: 'text', text: header } as const }) };
    this.all = [...this.all, aTemplate({ ...made, id, status: 'PENDING' })];
    if (failing) throw failing;
    return Promise.resolve(this.tellsIds ? id : undefined);
  }
}

/** The CRM's list of templates in memory. */
export class FakeCrmTemplates extends CrmTemplates {
  override isOpen = true;
  cards: readonly CrmTemplate[] = [];
  readonly verdicts: string[] = [];
  /** How many were created and changed at once, call by call. */
  readonly calls: string[] = [];
  failing?: DeliveryError;
  isWaba = false;
  linkRefused?: DeliveryError;
  reviewRefused?: DeliveryError;

  override async list(externalId?: string): Promise<readonly CrmTemplate[]> {
    if (this.failing) throw this.failing;
    return Promise.resolve(
      this.cards.filter((card) => externalId === undefined || card.externalId === externalId),
    );
  }

  override find(id: string): Promise<CrmTemplate | undefined> {
    return Promise.resolve(this.cards.find((card) => card.id === id));
  }

  override hasWaba(): Promise<boolean> {
    return Promise.resolve(this.isWaba);
  }

  override create(drafts: readonly CrmTemplateDraft[]): Promise<readonly CrmTemplate[]> {
    this.calls.push(`create ${drafts.length}`);
    const made = drafts.map((draft, i) =>
      aCard({ ...draft, id: `${6_101 + this.cards.length + i}` }),
    );
    this.cards = [...this.cards, ...made];
    return Promise.resolve(made);
  }

  override change(changes: readonly (CrmTemplateDraft & { readonly id: string })[]): Promise<void> {
    this.calls.push(`change ${changes.length}`);
    this.cards = this.cards.map((card) => {
      const change = changes.find(({ id }) => id === card.id);
      return change ? { ...card, ...change, isEditable: true } : card;
    });
    return Promise.resolve();
  }

  override async link(id: string, externalId: string): Promise<void> {
    if (this.linkRefused) throw this.linkRefused;
    this.put(id, { externalId });
    return Promise.resolve();
  }

  override async askReview(id: string): Promise<readonly string[]> {
    if (this.reviewRefused) throw this.reviewRefused;
    this.put(id, { openReviews: [`9${id}`], wasReviewed: true });
    return Promise.resolve([`9${id}`]);
  }

  override decide(
    templateId: string,
    reviewId: string,
    verdict: Verdict,
    why?: string,
  ): Promise<void> {
    const reason = verdict === 'rejected' ? `: ${why}` : '';
    this.verdicts.push(`${templateId}/${reviewId} ${verdict}${reason}`);
    const card = this.cards.find(({ id }) => id === templateId);
    const openReviews = card?.openReviews.filter((id) => id !== reviewId);
    this.put(templateId, { openReviews });
    return Promise.resolve();
  }

  private put(id: string, change: Partial<CrmTemplate>): void {
    this.cards = this.cards.map((card) => (card.id === id ? { ...card, ...change } : card));
  }
}

/** An ordinary card, which managers may edit. */
export function aCard(given: Partial<CrmTemplate> = {}): CrmTemplate {
  return {
    id: '6101',
    name: 'write_first',
    content: 'Hello',
    buttons: [],
    isEditable: true,
    hasFile: false,
    openReviews: [],
    wasReviewed: false,
    ...given,
  };
}

/** A card of an administrator's that waits for approval. */
export function anAskedCard(given: Partial<CrmTemplate> = {}): CrmTemplate {
  return aCard({
    id: '6955',
    name: 'Заказ готов',
    content: 'Заказ {{lead.name}} готов',
    openReviews: ['15'],
    wasReviewed: true,
    waba: { category: 'UTILITY', language: 'ru', examples: { '{{lead.name}}': '118' } },
    ...given,
  });
}

/** An approved text. */
export function aTemplate(given: Partial<MessengerTemplate> = {}): MessengerTemplate {
  return {
    id: '31010',
    name: 'write_first',
    status: 'APPROVED',
    isLocked: false,
    contentType: 'TEXT',
    channelType: 'WHATSAPP',
    text: 'Hello, {{1}}!',
    examples: ['Anna'],
    rows: [],
    ...given,
  };
}
