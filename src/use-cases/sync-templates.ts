import { Injectable } from '@nestjs/common';
import { DeliveryError } from '../domain/errors.js';
import type { Line } from '../domain/line.js';
import { isAbout, isMadeFrom } from '../domain/moderation.js';
import { differs, fitsWaba, toDraft, whyNoCard } from '../domain/template-cards.js';
import {
  CrmTemplates,
  isUsable,
  MessengerTemplates,
  verdictOf,
  type CrmTemplate,
  type MessengerTemplate,
} from '../domain/templates.js';
import { ReviewTemplate } from './review-template.js';
import { SubmitTemplate, type Submitted } from './submit-template.js';

/** A template, as a person knows it. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

type Explained = Named & { readonly why: string };

/** What became of each template. */
export interface SyncReport {
  readonly created: readonly Named[];
  readonly changed: readonly Named[];
  readonly unchanged: readonly Named[];
  /** Cards for WhatsApp that differ: amoCRM lets them not be changed once they were reviewed. */
  readonly fixed: readonly Named[];
  /** Why the CRM cannot have it. */
  readonly unmapped: readonly Explained[];
  /** In the CRM still, though the messenger does not send by it any more. */
  readonly stale: readonly Explained[];
  /** Reviews that were given their verdict. */
  readonly reviewed: readonly (Named & { readonly verdict: string })[];
  /** Cards of the CRM's own that wait for approval: id and name are the card's. */
  readonly submitted: readonly (Named & Submitted)[];
  /** Cards that could not be submitted now. */
  readonly failed: readonly Explained[];
  /** New cards for WhatsApp that could not be shown as approved. */
  readonly unapproved: readonly Explained[];
}

/** As many as amoCRM shows on a page; it takes as many at once. */
const AT_ONCE = 50;

/** Brings the messenger's templates into the CRM. May be repeated: it makes and changes only what differs. */
@Injectable()
export class SyncTemplates {
  constructor(
    private readonly messenger: MessengerTemplates,
    private readonly crm: CrmTemplates,
    private readonly reviews: ReviewTemplate,
    private readonly submissions: SubmitTemplate,
  ) {}

  /**
   * @param together the lines of this one's scope, which have their cards in common: only through the first of them
   * is a card handed in, or a second one would find it unknown and have it refused
   * @param dryRun tells what would be done, and changes nothing
   * @param tell is given a line of progress at a time
   * @throws {DeliveryError} whatever was done until then stays
   */
  async execute(
    line: Line,
    {
      together = [line],
      dryRun = false,
      tell = () => {},
    }: {
      together?: readonly Line[];
      dryRun?: boolean;
      tell?: (progress: string) => void;
    } = {},
  ): Promise<SyncReport> {
    tell('reading the templates of edna');
    const all = await this.messenger.list(line);
    tell(`edna has ${all.length}; reading those of amoCRM`);
    const cards = await this.crm.list(line);
    const isWaba = await this.crm.hasWaba(line);
    const plan = planOf(all, cards, isWaba);
    if (!dryRun) {
      for (const some of inGroups(plan.missing)) {
        const made = await this.crm.create(line, some);
        plan.unreviewed.push(...some.flatMap((one) => withIdOf(one, made)));
        tell(`created ${some.length}`);
      }
      for (const some of inGroups(plan.changes)) {
        await this.crm.change(line, some);
        tell(`changed ${some.length}`);
      }
    }
    const unapproved = dryRun ? [] : await this.approve(line, plan.unreviewed);
    const others = together.filter(({ key }) => key !== line.key);
    const known = await Promise.all(others.map((other) => this.messenger.list(other)));
    const reviewed = await this.review(line, all, cards, dryRun);
    return {
      created: plan.missing.map(named),
      changed: plan.changes.map(named),
      unchanged: plan.unchanged,
      fixed: plan.fixed,
      unmapped: plan.unmapped,
      stale: staleOf([...all, ...known.flat()], cards),
      reviewed,
      ...(together[0]?.key === line.key
        ? await this.submit(line, all, cards, dryRun)
        : { submitted: [], failed: [] }),
      unapproved,
    };
  }

  /** A card for WhatsApp is a draft until a review says that it is approved, and edna has said so. */
  private async approve(line: Line, unreviewed: readonly Draft[]): Promise<readonly Explained[]> {
    const unapproved: Explained[] = [];
    for (const { id, externalId, name } of unreviewed) {
      try {
        for (const review of await this.crm.askReview(line, id)) {
          await this.crm.decide(line, id, review, 'approved');
        }
      } catch (error) {
        unapproved.push({ id: externalId, name, why: whyOf(error) });
      }
    }
    return unapproved;
  }

  private async review(
    line: Line,
    all: readonly MessengerTemplate[],
    cards: readonly CrmTemplate[],
    dryRun: boolean,
  ): Promise<SyncReport['reviewed']> {
    const reviewed: (Named & { verdict: string })[] = [];
    for (const template of all) {
      const verdict = verdictOf(template);
      if (!verdict) continue;
      for (const card of cards.filter((one) => isAbout(template, one))) {
        reviewed.push(...card.openReviews.map(() => ({ ...named(template), verdict })));
        if (!dryRun) await this.reviews.decide(line, card, template);
      }
    }
    return reviewed;
  }

  /** One that cannot be submitted now holds up no other one. */
  private async submit(
    line: Line,
    all: readonly MessengerTemplate[],
    cards: readonly CrmTemplate[],
    dryRun: boolean,
  ): Promise<Pick<SyncReport, 'submitted' | 'failed'>> {
    const submitted: (Named & Submitted)[] = [];
    const failed: Explained[] = [];
    for (const card of cards) {
      if (!card.waba || card.openReviews.length === 0) continue;
      if (all.some((template) => isAbout(template, card))) continue;
      const { id, name } = card;
      try {
        const became = await this.submissions.execute(line, card, { dryRun });
        submitted.push({ id, name, ...became });
      } catch (error) {
        failed.push({ id, name, why: whyOf(error) });
      }
    }
    return { submitted, failed };
  }
}

type Draft = ReturnType<typeof toDraft> & { readonly id: string };

interface Plan {
  readonly missing: ReturnType<typeof toDraft>[];
  readonly changes: Draft[];
  readonly unchanged: Named[];
  readonly fixed: Named[];
  readonly unmapped: Explained[];
  /** Cards for WhatsApp that nobody has reviewed yet. */
  readonly unreviewed: Draft[];
}

function planOf(
  all: readonly MessengerTemplate[],
  cards: readonly CrmTemplate[],
  isWaba: boolean,
): Plan {
  const plan: Plan = {
    missing: [],
    changes: [],
    unchanged: [],
    fixed: [],
    unmapped: [],
    unreviewed: [],
  };
  for (const template of all) {
    // What an administrator wrote is his, with the CRM's own markers in it.
    const isOwn = cards.some((card) => isMadeFrom(template, card));
    const card = cards.find(({ externalId }) => externalId === template.id);
    const why = isUsable(template) ? whyNoCard(template) : statusOf(template);
    if (isOwn && isUsable(template)) plan.unchanged.push(named(template));
    else if (isOwn) continue;
    else if (why !== undefined) plan.unmapped.push({ ...named(template), why });
    else if (!card) plan.missing.push(toDraft(template, isWaba && fitsWaba(template)));
    else planChange(plan, card, template);
  }
  return plan;
}

function planChange(plan: Plan, card: CrmTemplate, template: MessengerTemplate): void {
  const draft = { ...toDraft(template, card.waba !== undefined), id: card.id };
  const isSame = !differs(card, draft);
  if (isSame && card.waba && !card.wasReviewed) plan.unreviewed.push(draft);
  if (isSame) plan.unchanged.push(named(template));
  else if (card.waba) plan.fixed.push(named(template));
  else plan.changes.push(draft);
}

function withIdOf(
  draft: ReturnType<typeof toDraft>,
  made: readonly Pick<CrmTemplate, 'id' | 'externalId'>[],
): readonly Draft[] {
  const id = made.find(({ externalId }) => externalId === draft.externalId)?.id;
  return draft.waba && id !== undefined ? [{ ...draft, id }] : [];
}

function statusOf({ status, isLocked }: MessengerTemplate): string {
  return isLocked ? 'it is locked in edna' : `edna says ${status || 'nothing of its status'}`;
}

/** One that waits for its review is on its way there, and not stale. */
function staleOf(
  all: readonly MessengerTemplate[],
  cards: readonly CrmTemplate[],
): SyncReport['stale'] {
  return cards.flatMap(({ externalId, name, openReviews }) => {
    if (externalId === undefined || openReviews.length > 0) return [];
    const template = all.find(({ id }) => id === externalId);
    if (template && isUsable(template)) return [];
    const why = template ? statusOf(template) : 'edna does not have it';
    return [{ id: externalId, name, why }];
  });
}

function whyOf(error: unknown): string {
  if (!(error instanceof DeliveryError)) throw error;
  return error.message;
}

/** By its id at the messenger. */
function named(
  one: { readonly name: string } & ({ readonly externalId: string } | { readonly id: string }),
): Named {
  return { id: 'externalId' in one ? one.externalId : one.id, name: one.name };
}

function inGroups<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / AT_ONCE) }, (_, i) =>
    items.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
  );
}
