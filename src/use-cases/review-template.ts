import { Injectable } from '@nestjs/common';
import { parseTemplateName } from '../domain/ids.js';
import type { Line } from '../domain/line.js';
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
   * Finds the card in the scope of these lines, by the template's id; where the CRM did not take that, by the card's number in the template's name.
   * @param lines all of one scope
   * @param isSure whether it is known to be of their messenger; else it is looked for there, since the templates of
   * two companies may have one number
   * @returns how many reviews were given their verdict: none where nobody asked for one, or no CRM can be asked
   * @throws {DeliveryError}
   */
  async execute(lines: readonly Line[], template: Decided, isSure = true): Promise<number> {
    // From now on messages may be sent by it, or no more.
    this.messenger.forget();
    if (!verdictOf(template)) return 0;
    const open = lines.filter((line) => this.crm.isOpen(line));
    const line = isSure ? open[0] : await this.ownerOf(template, open);
    if (!line) return 0;
    const linked = await this.crm.list(line, template.id);
    const cardId = parseTemplateName(template.name ?? '')?.cardId;
    const isKnown = cardId === undefined || linked.some(({ id }) => id === cardId);
    const named = isKnown ? undefined : await this.crm.find(line, cardId);
    let decided = 0;
    for (const card of [...linked, ...(named ? [named] : [])]) {
      if (isAbout(template, card)) decided += await this.decide(line, card, template);
    }
    return decided;
  }

  private async ownerOf(template: Decided, lines: readonly Line[]): Promise<Line | undefined> {
    for (const line of lines) {
      const all = await this.messenger.list(line);
      const found = all.find(({ id }) => id === template.id);
      if (found && (!template.name || found.name === template.name)) return line;
    }
    return undefined;
  }

  /** Gives every open review of a card the verdict. @returns how many there were */
  async decide(line: Line, card: CrmTemplate, template: Decided): Promise<number> {
    const verdict = verdictOf(template);
    if (!verdict) return 0;
    const why =
      template.rejectReason ?? explainRefusal({ key: 'not-approved' }, this.settings.language);
    for (const review of card.openReviews) {
      await this.crm.decide(line, card.id, review, verdict, why);
    }
    return card.openReviews.length;
  }
}
