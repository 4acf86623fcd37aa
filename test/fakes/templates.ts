import type { DeliveryError } from '../../src/domain/errors.js';
import {
  CrmTemplates,
  MessengerTemplates,
  type CrmTemplate,
  type CrmTemplateDraft,
  type MessengerTemplate,
  type Verdict,
} from '../../src/domain/templates.js';

/** The messenger's templates in memory. */
export class FakeMessengerTemplates extends MessengerTemplates {
  all: readonly MessengerTemplate[] = [];

  override list(): Promise<readonly MessengerTemplate[]> {
    return Promise.resolve(this.all);
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

  override async list(externalId?: string): Promise<readonly CrmTemplate[]> {
    if (this.failing) throw this.failing;
    return Promise.resolve(
      this.cards.filter((card) => externalId === undefined || card.externalId === externalId),
    );
  }

  override create(drafts: readonly CrmTemplateDraft[]): Promise<void> {
    this.calls.push(`create ${drafts.length}`);
    const made = drafts.map((draft, i) => ({
      ...draft,
      id: String(6_101 + this.cards.length + i),
      isEditable: true,
      openReviews: [],
    }));
    this.cards = [...this.cards, ...made];
    return Promise.resolve();
  }

  override change(changes: readonly (CrmTemplateDraft & { readonly id: string })[]): Promise<void> {
    this.calls.push(`change ${changes.length}`);
    this.cards = this.cards.map((card) => {
      const change = changes.find(({ id }) => id === card.id);
      return change ? { ...card, ...change, isEditable: true } : card;
    });
    return Promise.resolve();
  }

  override decide(templateId: string, reviewId: string, verdict: Verdict): Promise<void> {
    this.verdicts.push(`${templateId}/${reviewId} ${verdict}`);
    this.cards = this.cards.map((card) =>
      card.id === templateId
        ? { ...card, openReviews: card.openReviews.filter((id) => id !== reviewId) }
        : card,
    );
    return Promise.resolve();
  }
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
