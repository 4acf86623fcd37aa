import { Injectable } from '@nestjs/common';
import { DeliveryError } from '../../domain/errors.js';
import { takes, takesMessenger, type Line } from '../../domain/line.js';
import type { Template } from '../../domain/message.js';
import type { Dispatch } from '../../domain/ports.js';
import { parseTemplateName } from '../../domain/ids.js';
import {
  isUsable,
  MessengerTemplates,
  type MessengerTemplate,
  type TemplateSubmission,
} from '../../domain/templates.js';
import { dig, idOf } from '../json.js';
import { EdnaApi } from './edna.api.js';
import { EdnaCatalogue, type ChannelProfile, type Listing } from './edna.catalogue.js';
import { hasTemplates } from './edna.channels.js';
import { readTaken } from './edna.errors.js';
import { toMatcher } from './edna.matcher.js';

/** As long as cascades: templates change by hand, and rarely. */
const KEPT_MS = 60 * 60_000;
/** One that is not on the list may have been approved since. */
const NEW_MS = 60_000;

const NEW_PATH = '/api/message-matchers';

/** The templates of an account at edna: all of them, and the one a manager chose. */
@Injectable()
export class EdnaTemplates extends MessengerTemplates {
  constructor(
    private readonly catalogue: EdnaCatalogue,
    private readonly api: EdnaApi,
  ) {
    super();
  }

  /** Of all channels of WhatsApp that are the line's. */
  override async list(line: Line): Promise<readonly MessengerTemplate[]> {
    const subjectIds = await this.channelsOf(line);
    const all = new Map<string, MessengerTemplate>();
    for (const id of subjectIds) {
      const deadline = this.catalogue.deadline();
      const listing = await this.catalogue.templates(line, id, 0, deadline);
      for (const one of itemsOf(listing, 'templates')) all.set(one.id, one);
    }
    return [...all.values()].filter(({ channelType }) => channelType === 'WHATSAPP');
  }

  /** https://docs-pulse.edna.io/docs/api/templates/add-operator-template; what the answer holds is not established. */
  override async submit(line: Line, submission: TemplateSubmission): Promise<string | undefined> {
    const subjectIds = await this.channelsOf(line);
    if (subjectIds.length === 0) {
      throw new DeliveryError('blocked', 'edna has no channel of WhatsApp for templates');
    }
    const answer = await this.api.post(line, NEW_PATH, toMatcher(submission, subjectIds));
    const body = readTaken(answer, { dialect: 'cascade', dropsRepeats: false });
    return idOf(dig(body, 'id')) ?? idOf(dig(body, 'messageMatcher', 'id'));
  }

  override forget(): void {
    this.catalogue.forgetTemplates();
  }

  private async channelsOf(line: Line): Promise<readonly string[]> {
    const { subjectId, channels = [] } = line.edna;
    // Of several channels it is only the one to write first through.
    return subjectId && channels.length <= 1 ? [subjectId] : this.whatsappChannels(line);
  }

  private async whatsappChannels(line: Line): Promise<readonly string[]> {
    const listing = await this.catalogue.channels(line, 0, this.catalogue.deadline());
    const numbers = line.edna.channels?.filter((channel) => /^\d+$/.test(channel)) ?? [];
    // The key may open no list of channels: those that are named by number are known all the same.
    if (listing.kind !== 'listed' && numbers.length > 0) return numbers;
    return itemsOf(listing, 'channels')
      .filter((channel) => channel.type === 'WHATSAPP' && isOf(line, channel))
      .map(({ subjectId }) => subjectId);
  }

  /**
   * One made from the card, the newest first; else the one whose id the card has. amoCRM may take no id of a card that
   * was reviewed, and keep an old one.
   * @returns nothing where no template was chosen, none has that id, it cannot be used, or edna shows us none: the
   * text goes by itself then, and edna matches it
   * @throws {DeliveryError} `not-sent` while edna cannot be asked
   */
  async of(
    { content, route }: Dispatch,
    line: Line,
    deadline: number,
  ): Promise<MessengerTemplate | undefined> {
    const chosen = content.kind === 'text' ? content.template : undefined;
    const { subjectId } = route;
    const isNamed = chosen?.externalId !== undefined || chosen?.cardId !== undefined;
    if (!isNamed || !subjectId || !hasTemplates(route)) return undefined;
    const seek = async (maxAgeMs: number) => {
      const list = await this.catalogue.templates(line, subjectId, maxAgeMs, deadline);
      return list.kind === 'listed' ? chosenOf(list.items.filter(isUsable), chosen) : undefined;
    };
    return (await seek(KEPT_MS)) ?? (await seek(NEW_MS));
  }
}

function chosenOf(
  usable: readonly MessengerTemplate[],
  { externalId, cardId }: Template,
): MessengerTemplate | undefined {
  const made = usable
    .filter(({ name }) => cardId !== undefined && parseTemplateName(name)?.cardId === cardId)
    .toSorted((one, other) => Number(other.id) - Number(one.id))[0];
  return made ?? usable.find(({ id }) => id === externalId);
}

/** A key may open channels that are another line's. */
function isOf(line: Line, { subjectId, subject, type }: ChannelProfile): boolean {
  if (line.edna.channels === undefined) return true;
  return takes(line, subjectId) || takes(line, subject) || takesMessenger(line, type);
}

function itemsOf<Item>(listing: Listing<Item>, what: string): readonly Item[] {
  if (listing.kind === 'listed') return listing.items;
  if (listing.kind === 'refused') throw listing.error;
  throw new DeliveryError('blocked', `edna has no list of ${what} (${listing.why})`);
}
