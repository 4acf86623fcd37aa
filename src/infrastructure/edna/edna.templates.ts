import { Injectable } from '@nestjs/common';
import { DeliveryError } from '../../domain/errors.js';
import type { Line } from '../../domain/line.js';
import type { Dispatch } from '../../domain/ports.js';
import { isUsable, MessengerTemplates, type MessengerTemplate } from '../../domain/templates.js';
import { EdnaCatalogue, type Listing } from './edna.catalogue.js';
import { hasTemplates } from './edna.channels.js';

/** As long as cascades: templates change by hand, and rarely. */
const KEPT_MS = 60 * 60_000;
/** One that is not on the list may have been approved since. */
const NEW_MS = 60_000;

/** The templates of an account at edna: all of them, and the one a manager chose. */
@Injectable()
export class EdnaTemplates extends MessengerTemplates {
  constructor(private readonly catalogue: EdnaCatalogue) {
    super();
  }

  /** Of the line's channel, or of all its channels of WhatsApp. */
  override async list(line: Line): Promise<readonly MessengerTemplate[]> {
    const { subjectId } = line.edna;
    const subjectIds = subjectId ? [subjectId] : await this.whatsappChannels(line);
    const all = new Map<string, MessengerTemplate>();
    for (const id of subjectIds) {
      const deadline = this.catalogue.deadline();
      const listing = await this.catalogue.templates(line, id, 0, deadline);
      for (const one of itemsOf(listing, 'templates')) all.set(one.id, one);
    }
    return [...all.values()].filter(({ channelType }) => channelType === 'WHATSAPP');
  }

  private async whatsappChannels(line: Line): Promise<readonly string[]> {
    const listing = await this.catalogue.channels(line, 0, this.catalogue.deadline());
    return itemsOf(listing, 'channels')
      .filter(({ type }) => type === 'WHATSAPP')
      .map(({ subjectId }) => subjectId);
  }

  /**
   * @returns nothing where no template was chosen, none has that id, it cannot be used, or edna shows us none: the
   * text goes by itself then, and edna matches it
   * @throws {DeliveryError} `not-sent` while edna cannot be asked
   */
  async of(
    { content, route }: Dispatch,
    line: Line,
    deadline: number,
  ): Promise<MessengerTemplate | undefined> {
    const id = content.kind === 'text' ? content.template?.externalId : undefined;
    const { subjectId } = route;
    if (!id || !subjectId || !hasTemplates(route)) return undefined;
    const seek = async (maxAgeMs: number) => {
      const list = await this.catalogue.templates(line, subjectId, maxAgeMs, deadline);
      return list.kind === 'listed'
        ? list.items.find((one) => one.id === id && isUsable(one))
        : undefined;
    };
    return (await seek(KEPT_MS)) ?? (await seek(NEW_MS));
  }
}

function itemsOf<Item>(listing: Listing<Item>, what: string): readonly Item[] {
  if (listing.kind === 'listed') return listing.items;
  if (listing.kind === 'refused') throw listing.error;
  throw new DeliveryError('blocked', `edna has no list of ${what} (${listing.why})`);
}
