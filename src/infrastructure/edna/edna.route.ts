import { Injectable, Logger } from '@nestjs/common';
import type { Conversation } from '../../domain/conversation.js';
import { DeliveryError } from '../../domain/errors.js';
import { channelNow, takes, takesMessenger, type Line } from '../../domain/line.js';
import type { Route } from '../../domain/ports.js';
import {
  EdnaCatalogue,
  MOST_KEPT,
  type Cascade,
  type ChannelProfile,
  type Listing,
} from './edna.catalogue.js';
import { channelOf, DIALECTS, dialectOf, typeOfImType, type Dialect } from './edna.channels.js';

/** How long the way of a channel is taken for granted. */
const KEPT_MS = 60 * 60_000;
/** A closed way is looked at again as often as its gate is tried. */
const CLOSED_KEPT_MS = 60_000;

interface Way {
  readonly route: Route;
  /** For the log. */
  readonly why: string;
}

/** Finds the way of a conversation's messages: EDNA_SEND_PATH says it, else edna's list of cascades. */
@Injectable()
export class EdnaRoutes {
  private readonly logger = new Logger(EdnaRoutes.name);
  private readonly told = new Map<string, string>();

  constructor(private readonly catalogue: EdnaCatalogue) {}

  /** @throws {DeliveryError} `blocked` where no way is open, `not-sent` while edna cannot be asked */
  async find(conversation: Conversation, line: Line, fresh = false): Promise<Route> {
    const { route, why } = await this.open(conversation, line, fresh);
    this.tell(conversation, line, `${describe(route)}: ${why}`);
    return route;
  }

  private async open(conversation: Conversation, line: Line, fresh: boolean): Promise<Way> {
    const deadline = this.catalogue.deadline();
    const seek = (maxAgeMs: number) =>
      new Search(this.catalogue, conversation, line, { maxAgeMs, deadline }).way();
    try {
      return await seek(fresh ? 0 : KEPT_MS);
    } catch (error) {
      const isClosed = error instanceof DeliveryError && error.outcome === 'blocked';
      if (!isClosed || fresh) throw error;
      return seek(CLOSED_KEPT_MS);
    }
  }

  private tell({ channel }: Conversation, line: Line, way: string): void {
    const key = `${line.key} ${channel}`;
    if (this.told.get(key) === way) return;
    if (this.told.size >= MOST_KEPT) this.told.clear();
    this.told.set(key, way);
    this.logger.log(`line ${line.key}, channel ${channel || 'not known yet'} → ${way}`);
  }
}

/** One search for the way of one conversation. */
class Search {
  /** edna's number of the channel, as far as the conversation or the settings tell it. */
  private readonly subjectId: string | undefined;
  private readonly imType: string;
  private readonly subject: string | undefined;
  private readonly dialect: Dialect | undefined;

  constructor(
    private readonly catalogue: EdnaCatalogue,
    conversation: Conversation,
    private readonly line: Line,
    private readonly limits: { readonly maxAgeMs: number; readonly deadline: number },
  ) {
    const channel = channelNow(line, conversation.channel);
    const { cascadeId, subjectId, imType, sendPath } = line.edna;
    // The name is that of the channel the client wrote in last.
    this.subject = channel === conversation.channel ? conversation.subject : undefined;
    const isNumber = /^\d+$/.test(channel);
    this.subjectId = isNumber ? channel : cascadeId ? undefined : subjectId;
    this.imType = typeOfImType(isNumber || !channel ? imType : channel);
    this.dialect = sendPath ? dialectOf(sendPath) : undefined;
    if (sendPath && !this.dialect) throw closed('EDNA_SEND_PATH names no known path', 'send-path');
  }

  async way(): Promise<Way> {
    switch (this.dialect) {
      case 'simple':
        return this.simple(SET);
      case 'legacy':
        return this.named('legacy', this.imType);
      case 'max-bot':
        return this.named('max-bot', 'MAX_BOT');
      case 'max':
        return this.named('max', 'MAX');
      case 'cascade':
      case undefined:
        return this.discovered();
    }
  }

  private async discovered(): Promise<Way> {
    const { maxAgeMs, deadline } = this.limits;
    const list = await this.catalogue.cascades(this.line, maxAgeMs, deadline);
    const cascades = list.kind === 'listed' ? list.items : [];
    const way =
      this.ofChannel(cascades) ??
      (await this.ofMax()) ??
      this.ofSettings(cascades) ??
      this.onlyOne(cascades);
    return way ?? this.without(list);
  }

  /** The cascade of a channel that is known. */
  private ofChannel(cascades: readonly Cascade[]): Way | undefined {
    if (!this.subjectId) return undefined;
    const usable = cascades.filter((one) => one.isUsable && one.subjectId === this.subjectId);
    const cascade = usable.find(({ id }) => id === this.line.edna.cascadeId) ?? usable[0];
    return cascade && this.cascade(cascade, `the usable cascade of channel ${this.subjectId}`);
  }

  /** MAX is not sent to through cascades. */
  private async ofMax(): Promise<Way | undefined> {
    if (!this.subjectId) return undefined;
    const list = await this.channels();
    const channels = list.kind === 'listed' ? list.items : [];
    const channel = channels.find(({ subjectId }) => subjectId === this.subjectId);
    const { dialect } = channelOf(channel?.type);
    if (!channel || !dialect) return undefined;
    return toWay(dialect, channel.type, channel, `channel ${channel.subjectId} is ${channel.type}`);
  }

  /** EDNA_CASCADE_ID, unless it is known to send through another channel than the conversation's. */
  private ofSettings(cascades: readonly Cascade[]): Way | undefined {
    const { cascadeId } = this.line.edna;
    if (!cascadeId) return undefined;
    const listed = cascades.find(({ id }) => id === cascadeId);
    if (listed?.subjectId && this.subjectId && listed.subjectId !== this.subjectId) {
      return undefined;
    }
    const cascade = listed ?? { id: cascadeId, subjectId: this.subjectId };
    return this.cascade(cascade, 'EDNA_CASCADE_ID is set');
  }

  /** Where nothing names a channel: the only usable cascade for the line's messenger, or the only one at all. */
  private onlyOne(cascades: readonly Cascade[]): Way | undefined {
    if (this.subjectId) return undefined;
    const usable = cascades.filter((one) => one.isUsable && this.isOfLine(one));
    const ofType = usable.filter(({ type }) => type === this.imType);
    const [cascade, other] = ofType.length > 0 ? ofType : usable;
    if (other) throw closed('several cascades fit: set EDNA_CASCADE_ID', 'several-cascades');
    return cascade && this.cascade(cascade, 'the only usable cascade');
  }

  /** Whether the line names the channel, by its name or its messenger; one that names none may use any. */
  private isOfLine({ subject, subjectId, type }: Cascade): boolean {
    const { line } = this;
    if (!line.edna.channels) return true;
    const words = [subjectId, subject].filter((word) => word !== undefined);
    const messenger = type?.toLowerCase().replace('_', '-');
    return (
      words.some((word) => takes(line, word)) ||
      (messenger !== undefined && takesMessenger(line, messenger))
    );
  }

  /** No cascade to send through. */
  private without(list: Listing<Cascade>): Way {
    if (list.kind === 'refused') throw list.error;
    const why = list.kind === 'absent' ? list.why : 'it is empty';
    const hasNone = list.kind === 'absent' || list.items.length === 0;
    if (hasNone && !this.dialect) return this.simple(`no list of cascades (${why})`);
    // One channel without a way says nothing about the others of the account.
    const concernsChannel = this.subjectId !== undefined;
    throw closed('no usable cascade for the channel', 'no-cascade', concernsChannel);
  }

  private cascade(
    cascade: Pick<Cascade, 'id' | 'subjectId' | 'subject' | 'type'>,
    why: string,
  ): Way {
    const type = cascade.type ?? this.imType;
    const found = toWay('cascade', type, cascade, why);
    return { ...found, route: { ...found.route, cascadeId: cascade.id } };
  }

  private simple(why: string): Way {
    return toWay('simple', this.imType, { subjectId: this.subjectId }, why);
  }

  private channels(): Promise<Listing<ChannelProfile>> {
    const { maxAgeMs, deadline } = this.limits;
    return this.catalogue.channels(this.line, maxAgeMs, deadline);
  }

  /** A dialect that names the channel by its name. */
  private async named(dialect: Dialect, type: string): Promise<Way> {
    const { subject } = this;
    if (subject) return toWay(dialect, type, { subjectId: this.subjectId, subject }, SET);
    const list = await this.channels();
    if (list.kind === 'refused') throw list.error;
    const channels = list.kind === 'listed' ? list.items : [];
    const fits = channels.filter((one) =>
      this.subjectId ? one.subjectId === this.subjectId : one.type === type,
    );
    const [found, other] = fits;
    if (found && !other) return toWay(dialect, type, found, SET);
    throw closed('the name of the channel is not known', other ? 'several-channels' : 'no-channel');
  }
}

const SET = 'EDNA_SEND_PATH is set';

function toWay(
  dialect: Dialect,
  channelType: string,
  { subjectId, subject }: { readonly subjectId?: string; readonly subject?: string },
  why: string,
): Way {
  const { dropsRepeats } = DIALECTS[dialect];
  return {
    route: {
      dialect,
      dropsRepeats,
      channelType,
      ...(subjectId && { subjectId }),
      ...(subject && { subject }),
    },
    why,
  };
}

function describe({ dialect, cascadeId }: Route): string {
  const { path } = DIALECTS[dialect];
  return cascadeId ? `${path}, cascade ${cascadeId}` : path;
}

/** Wrong settings say nothing about a message. @param code what support is told in brackets */
function closed(why: string, code: string, concernsChannel = false): DeliveryError {
  return new DeliveryError('blocked', `edna: ${why}`, {
    reason: { key: 'edna-refused', args: { code } },
    concernsChannel,
  });
}
