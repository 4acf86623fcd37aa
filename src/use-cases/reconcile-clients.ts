import { Injectable } from '@nestjs/common';
import { FiledMessages, type Talk } from '../domain/filed-messages.js';
import type { MessengerEntry, Span } from '../domain/history.js';
import { inboundSourceId, type SourceId } from '../domain/ids.js';
import type { Arrival, InboundEvent } from '../domain/journal.js';
import type { Line } from '../domain/line.js';
import { inQuote } from '../domain/message.js';
import { Messenger } from '../domain/ports.js';
import { likenessOf, type Finding, type Tally } from '../domain/reconciliation.js';
import { Settings } from '../domain/settings.js';
import { pages, type Surroundings } from './page-by-page.js';

/** 100,000 messages of clients: weeks of a large company. */
const MOST_PAGES = 500;

const SECOND_MS = 1_000;

/** An entry of the messenger's history that the journal does not have by its id. */
interface Missing {
  readonly entry: MessengerEntry;
  readonly event: InboundEvent;
  /** Why nobody can say whether it is one that the journal has. */
  readonly doubt?: string;
}

/** Clients' messages whose webhook never came. */
@Injectable()
export class ReconcileClients {
  constructor(
    private readonly messenger: Messenger,
    private readonly filed: FiledMessages,
    private readonly settings: Settings,
  ) {}

  /**
   * The history is read twice where something is brought: which message of a chat is the newest is known at its end,
   * and the oldest goes first.
   */
  async execute(
    line: Line,
    span: Span,
    apply: boolean,
    around: Surroundings,
    tally: Tally,
  ): Promise<void> {
    const newest = new Map<string, { at: number; id: SourceId }>();
    for await (const missing of this.missing(line, span, around)) {
      for (const one of missing) {
        const at = one.event.message.sentAt.getTime();
        const isNewest = one.doubt === undefined && at >= (newest.get(chatOf(one))?.at ?? 0);
        if (isNewest) newest.set(chatOf(one), { at, id: one.event.message.sourceId });
        if (!apply || one.doubt) tally.add(findingOf(one, one.doubt ? 'in-doubt' : 'missing'));
      }
    }
    if (!apply || newest.size === 0) return;
    for await (const missing of this.missing(line, span, around)) {
      const sure = missing.filter(({ doubt }) => doubt === undefined);
      const arrivals = [];
      for (const one of sure) {
        const { id } = newest.get(chatOf(one)) ?? {};
        arrivals.push(await this.toArrival(one, line, id === undefined ? [] : [id], around));
      }
      const became = await around.intake.accept(arrivals);
      sure.forEach((one, i) => {
        if (became[i] === 'quarantined') tally.add(findingOf(one, 'in-doubt', 'in the quarantine'));
        // Another answer than "new" says that it came by itself meanwhile.
        else if (became[i] === 'new') tally.add(findingOf(one, 'brought'));
      });
      if (sure.length > 0) around.tell(`${sure.length} messages of clients brought`);
    }
  }

  /** What the journal does not have, page by page, in order. */
  private async *missing(
    line: Line,
    span: Span,
    around: Surroundings,
  ): AsyncGenerator<readonly Missing[], void> {
    const all = pages('messenger', MOST_PAGES, around, (page) =>
      this.messenger.history('inbound', span, line, page),
    );
    for await (const entries of all) {
      const read = entries.flatMap((entry) => {
        const event = this.eventOf(entry, line, around);
        return event ? [{ entry, event }] : [];
      });
      yield (await this.unknown(line, read)).toSorted(
        (one, other) => one.event.message.sentAt.getTime() - other.event.message.sentAt.getTime(),
      );
    }
  }

  /** As the webhook would have told this line; none of an entry that is another line's. */
  private eventOf(
    { body }: MessengerEntry,
    line: Line,
    { intake, now }: Surroundings,
  ): InboundEvent | undefined {
    return intake
      .read({ webhook: 'edna' }, body, now())
      .find((event): event is InboundEvent => event.type === 'inbound' && event.line === line.key);
  }

  private async unknown(line: Line, read: readonly Missing[]): Promise<readonly Missing[]> {
    // Some forms of the webhook name no channel: their ids are made of the messenger.
    const idsOf = ({ entry, event }: Missing) => [
      event.message.sourceId,
      inboundSourceId(line.edna.imType, entry.messengerId),
    ];
    const known = await this.filed.known(line.key, 'inbound', read.flatMap(idsOf));
    const missing = read.filter((one) => !idsOf(one).some((id) => known.has(id)));
    const probes = missing.map(({ event }) => ({
      address: event.address,
      text: inQuote(event.message.content),
      writtenAt: event.message.sentAt,
    }));
    const alike = await this.filed.alike(line.key, 'inbound', probes);
    const inHistory = new Set<string>(read.flatMap(idsOf));
    return missing.map((one, i) => {
      const like = likenessOf(alike[i] ?? [], inHistory);
      const doubt = one.entry.writtenAt
        ? like && `says the same at the same second as ${like}`
        : 'the history does not say when it was written';
      return doubt ? { ...one, doubt } : one;
    });
  }

  /** @param newest of its chat */
  private async toArrival(
    { entry, event }: Missing,
    line: Line,
    newest: readonly SourceId[],
    { now }: Surroundings,
  ): Promise<Arrival> {
    const { message, address, channel, formerly = [] } = event;
    const client = { address, channels: [channel, ...formerly] };
    const talk = await this.filed.talk(line.key, client, this.settings.outboundTtlMs);
    const isShown = newest.includes(message.sourceId) && isUnanswered(message.sentAt, talk);
    const sender = { ...message.sender };
    // A history does not say what the client is called, and his chat has his name already.
    if (sender.name === address && talk?.name) sender.name = talk.name;
    return {
      event: {
        ...event,
        lateMs: Math.max(0, now().getTime() - message.sentAt.getTime()),
        message: { ...message, sender, ...(!isShown && { silent: true }) },
      },
      origin: { webhook: 'edna' },
      raw: Buffer.from(JSON.stringify(entry.body)),
    };
  }
}

/** Nobody has written since; within one second nobody can tell. */
function isUnanswered(writtenAt: Date, talk: Talk | undefined): boolean {
  const secondOf = (at: Date) => Math.floor(at.getTime() / SECOND_MS);
  return talk === undefined || secondOf(talk.lastAt) <= secondOf(writtenAt);
}

function chatOf({ event: { channel, address } }: Missing): string {
  return JSON.stringify([channel, address]);
}

function findingOf({ entry, event, doubt }: Missing, fate: Finding['fate'], note = doubt): Finding {
  return {
    line: event.line,
    matter: 'client',
    fate,
    id: event.message.sourceId,
    ...(entry.writtenAt && { writtenAt: entry.writtenAt }),
    ...(note && { note }),
  };
}
