import { Injectable } from '@nestjs/common';
import { DeliveryError } from '../domain/errors.js';
import type { Line } from '../domain/line.js';
import { explainRefusal, type Refusal } from '../domain/moderation-texts.js';
import { isAbout, isRefusal, toSubmission } from '../domain/moderation.js';
import { Settings } from '../domain/settings.js';
import {
  CrmTemplates,
  MessengerTemplates,
  type CrmTemplate,
  type MessengerTemplate,
  type TemplateSubmission,
} from '../domain/templates.js';
import { ReviewTemplate } from './review-template.js';

/**
 * What became of a card that an administrator wants approved:
 * - `submitted`: the messenger has it now, and will tell its verdict
 * - `known`: the messenger had it already; where it has decided, the reviews were given the verdict
 * - `rejected`: it cannot be carried there, and its reviews were told why
 * - `nothing`: no review of it waits any more
 */
export type Submitted =
  | { readonly became: 'submitted' | 'known' | 'nothing' }
  | { readonly became: 'rejected'; readonly why: string };

/** A template an administrator wrote in the CRM, on its way to the messenger's approval. May be repeated. */
@Injectable()
export class SubmitTemplate {
  constructor(
    private readonly messenger: MessengerTemplates,
    private readonly crm: CrmTemplates,
    private readonly review: ReviewTemplate,
    private readonly settings: Settings,
  ) {}

  /**
   * @param lines all of one scope: a card is theirs in common, and is handed in once. One that the CRM does not show us is another integration's, and goes to another messenger.
   * @throws {DeliveryError} while one of the two cannot be asked; nothing is decided then
   */
  async request(lines: readonly Line[], cardId: string): Promise<Submitted> {
    const line = lines.find((one) => this.crm.isOpen(one));
    const card = line && (await this.crm.find(line, cardId));
    return card ? this.execute(line, card) : { became: 'nothing' };
  }

  /**
   * @param dryRun tells what would be done, and changes nothing
   * @throws {DeliveryError} as above
   */
  async execute(
    line: Line,
    card: CrmTemplate,
    { dryRun = false }: { dryRun?: boolean } = {},
  ): Promise<Submitted> {
    if (!card.waba || card.openReviews.length === 0) return { became: 'nothing' };
    const known = await this.seek(line, card);
    if (known) {
      if (!dryRun) await this.follow(line, card, known);
      return { became: 'known' };
    }
    const mapped = toSubmission(card);
    if (isRefusal(mapped)) return this.reject(line, card, mapped, dryRun);
    if (dryRun) return { became: 'submitted' };
    const made = await this.submit(line, card, mapped);
    if (made && 'key' in made) return this.reject(line, card, made, dryRun);
    if (made) await this.follow(line, card, made);
    return { became: 'submitted' };
  }

  /** @returns the template, where it can be told which one it is; why not, where the messenger refused it for good */
  private async submit(
    line: Line,
    card: CrmTemplate,
    submission: TemplateSubmission,
  ): Promise<MessengerTemplate | Pick<MessengerTemplate, 'id'> | Refusal | undefined> {
    try {
      const id = await this.messenger.submit(line, submission);
      return id === undefined ? await this.seek(line, card) : { id };
    } catch (error) {
      if (!(error instanceof DeliveryError) || error.outcome !== 'rejected') throw error;
      // Another try of ours may have been taken meanwhile, and names are unique.
      const known = await this.seek(line, card);
      return known ?? { key: 'not-taken', args: error.details.reason?.args };
    }
  }

  private async seek(line: Line, card: CrmTemplate): Promise<MessengerTemplate | undefined> {
    return (await this.messenger.list(line)).find((one) => isAbout(one, card));
  }

  private async follow(
    line: Line,
    card: CrmTemplate,
    template: MessengerTemplate | Pick<MessengerTemplate, 'id'>,
  ): Promise<void> {
    if (card.externalId !== template.id) await this.link(line, card.id, template.id);
    if ('status' in template) await this.review.decide(line, card, template);
  }

  /** Where amoCRM changes no card that waits for its review, the name at the messenger tells which it is. */
  private async link(line: Line, cardId: string, templateId: string): Promise<void> {
    try {
      await this.crm.link(line, cardId, templateId);
    } catch (error) {
      if (!(error instanceof DeliveryError) || error.outcome !== 'rejected') throw error;
    }
  }

  private async reject(
    line: Line,
    card: CrmTemplate,
    refusal: Refusal,
    dryRun: boolean,
  ): Promise<Submitted> {
    const why = explainRefusal(refusal, this.settings.language);
    if (!dryRun) {
      for (const review of card.openReviews) {
        await this.crm.decide(line, card.id, review, 'rejected', why);
      }
    }
    return { became: 'rejected', why };
  }
}
