import type { DeliveryError } from '../../src/domain/errors.js';
import type { Line } from '../../src/domain/line.js';
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
  /** Of other accounts, by their key. */
  readonly ofOthers = new Map<string, readonly MessengerTemplate[]>();

  override list({ edna }: Line): Promise<readonly MessengerTemplate[]> {
    return Promise.resolve(this.ofOthers.get(edna.apiKey) ?? this.all);
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
  isReachable = true;
  /** Of other accounts, by their id. */
  readonly others = new Map<string, FakeCrmTemplates>();
  cards: readonly CrmTemplate[] = [];
  readonly verdicts: string[] = [];
  /** How many were created and changed at once, call by call. */
  readonly calls: string[] = [];
  failing?: DeliveryError;
  /** Lists come once it resolves. */
  held?: Promise<void>;
  private tell: () => void = () => undefined;
  /** Resolves with the first verdict. */
  readonly whenDecided = new Promise<void>((resolve) => (this.tell = resolve));
  isWaba = false;
  linkRefused?: DeliveryError;
  reviewRefused?: DeliveryError;

  override isOpen(line: Line): boolean {
    return this.at(line).isReachable;
  }

  override async list(line: Line, externalId?: string): Promise<readonly CrmTemplate[]> {
    const { failing, cards, held } = this.at(line);
    await held;
    if (failing) throw failing;
    return Promise.resolve(
      cards.filter((card) => externalId === undefined || card.externalId === externalId),
    );
  }

  override find(line: Line, id: string): Promise<CrmTemplate | undefined> {
    return Promise.resolve(this.at(line).cards.find((card) => card.id === id));
  }

  override hasWaba(): Promise<boolean> {
    return Promise.resolve(this.isWaba);
  }

  override create(_: Line, drafts: readonly CrmTemplateDraft[]): Promise<readonly CrmTemplate[]> {
    this.calls.push(`create ${drafts.length}`);
    const made = drafts.map((draft, i) =>
      aCard({ ...draft, id: `${6_101 + this.cards.length + i}` }),
    );
    this.cards = [...this.cards, ...made];
    return Promise.resolve(made);
  }

  override change(
    _: Line,
    changes: readonly (CrmTemplateDraft & { readonly id: string })[],
  ): Promise<void> {
    this.calls.push(`change ${changes.length}`);
    this.cards = this.cards.map((card) => {
      const change = changes.find(({ id }) => id === card.id);
      return change ? { ...card, ...change, isEditable: true } : card;
    });
    return Promise.resolve();
  }

  override async link(line: Line, id: string, externalId: string): Promise<void> {
    if (this.linkRefused) throw this.linkRefused;
    this.at(line).put(id, { externalId });
    return Promise.resolve();
  }

  override async askReview(_: Line, id: string): Promise<readonly string[]> {
    if (this.reviewRefused) throw this.reviewRefused;
    this.put(id, { openReviews: [`9${id}`], wasReviewed: true });
    return Promise.resolve([`9${id}`]);
  }

  override decide(
    line: Line,
    templateId: string,
    reviewId: string,
    verdict: Verdict,
    why?: string,
  ): Promise<void> {
    const reason = verdict === 'rejected' ? `: ${why}` : '';
    const account = this.at(line);
    account.verdicts.push(`${templateId}/${reviewId} ${verdict}${reason}`);
    const card = account.cards.find(({ id }) => id === templateId);
    const openReviews = card?.openReviews.filter((id) => id !== reviewId);
    account.put(templateId, { openReviews });
    account.tell();
    return Promise.resolve();
  }

  private at({ amo }: Line): FakeCrmTemplates {
    return this.others.get(amo.accountId) ?? this;
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
