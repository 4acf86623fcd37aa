import { Injectable } from '@nestjs/common';
import { CrmTemplates, verdictOf, type MessengerTemplate } from '../domain/templates.js';

/** The news that the messenger has decided about a template, on its way to the CRM's review of it. */
@Injectable()
export class ReviewTemplate {
  constructor(private readonly crm: CrmTemplates) {}

  /**
   * @returns how many reviews were given their verdict: none where nobody asked for one, or no CRM can be asked
   * @throws {DeliveryError}
   */
  async execute(template: Pick<MessengerTemplate, 'id' | 'status' | 'isLocked'>): Promise<number> {
    const verdict = verdictOf(template);
    if (!verdict || !this.crm.isOpen) return 0;
    let decided = 0;
    for (const card of await this.crm.list(template.id)) {
      for (const review of card.openReviews) {
        await this.crm.decide(card.id, review, verdict);
        decided += 1;
      }
    }
    return decided;
  }
}
