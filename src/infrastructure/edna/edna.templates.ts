import { Injectable } from '@nestjs/common';
import type { Line } from '../../domain/line.js';
import type { Dispatch } from '../../domain/ports.js';
import { isUsable, type MessengerTemplate } from '../../domain/templates.js';
import { EdnaCatalogue } from './edna.catalogue.js';

/** As long as cascades: templates change by hand, and rarely. */
const KEPT_MS = 60 * 60_000;
/** One that is not on the list may have been approved since. */
const NEW_MS = 60_000;

/** Finds the template a manager chose. */
@Injectable()
export class EdnaTemplates {
  constructor(private readonly catalogue: EdnaCatalogue) {}

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
    const { subjectId, dialect, channelType } = route;
    const hasTemplates =
      channelType === 'WHATSAPP' && (dialect === 'cascade' || dialect === 'legacy');
    if (!id || !subjectId || !hasTemplates) return undefined;
    const seek = async (maxAgeMs: number) => {
      const list = await this.catalogue.templates(line, subjectId, maxAgeMs, deadline);
      return list.kind === 'listed'
        ? list.items.find((one) => one.id === id && isUsable(one))
        : undefined;
    };
    return (await seek(KEPT_MS)) ?? (await seek(NEW_MS));
  }
}
