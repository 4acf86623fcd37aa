import { Injectable } from '@nestjs/common';
import { parseTemplateName } from '../domain/ids.js';
import { isAbout } from '../domain/moderation.js';
import { explainRefusal } from '../domain/moderation-texts.js';
import { Settings } from '../domain/settings.js';
import {
  CrmTemplates,
  MessengerTemplates,
  verdictOf,
  type CrmTemplate,
  type MessengerTemplate,
} from '../domain/templates.js';

/** What the messenger tells of a template it has decided about. */
export type Decided = Pick<MessengerTemplate, 'id' | 'status' | 'isLocked' | 'rejectReason'> & {
  readonly name?: string;
};

/** The news that the messenger has decided about a template, on its way to the CRM's review of it. */
@Injectable()
export class ReviewTemplate {
  constructor(
    private readonly messenger: MessengerTemplates,
    private readonly crm: CrmTemplates,
    private readonly settings: Settings,
  ) {}

  /**
   * Finds the card by the template's id; where the CRM did not take that, by the card's number in the template's name.
   * @returns how many reviews were given their verdict: none where nobody asked for one, or no CRM can be asked
   * @throws {DeliveryError}
   */
  async execute(template: Decided): Promise<number> {
    // From now on messages may be sent by it, or no more.
    this.messenger.forget();
    if (!verdictOf(template) || !this.crm.isOpen) return 0;
    const linked = await this.crm.list(template.id);
    const cardId = parseTemplateName(template.name ?? '')?.cardId;
    const isKnown = cardId === undefined || linked.some(({ id }) => id === cardId);
    const named = isKnown ? undefined : await this.crm.find(cardId);
    let decided = 0;
    for (const card of [...linked, ...(named ? [named] : [])]) {
      if (isAbout(template, card)) decided += await this.decide(card, template);
    }
    return decided;
  }

  /** Gives every open review of a card the verdict. @returns how many there were */
  async decide(card: CrmTemplate, template: Decided): Promise<number> {
    const verdict = verdictOf(template);
    if (!verdict) return 0;
    const why =
      template.rejectReason ?? explainRefusal({ key: 'not-approved' }, this.settings.language);
    for (const review of card.openReviews) {
      await this.crm.decide(card.id, review, verdict, why);
    }
    return card.openReviews.length;
  }
}
