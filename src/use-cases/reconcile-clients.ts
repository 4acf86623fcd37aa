import { Injectable } from '@nestjs/common';
import { FiledMessages, type Client, type Talk } from '../domain/filed-messages.js';
import type { MessengerEntry, Span } from '../domain/history.js';
import { inboundSourceId, type SourceId } from '../domain/ids.js';
import type { Arrival, InboundEvent } from '../domain/journal.js';
import { channelNow, type Line } from '../domain/line.js';
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
  /** What the journal has that says the same at the same second. */
  readonly alike: readonly SourceId[];
  /** The conversation that it goes into, or where it begins one, whose that is. */
  readonly talk: string;
}

/** What is known of an entry once the whole history was read. */
interface Trace {
  readonly finding: Omit<Finding, 'fate' | 'note'>;
  readonly at: number;
  readonly alike: readonly SourceId[];
  readonly talk: string;
}

/** What reading a history comes to, by the ids of what the journal does not have. */
interface Overview {
  /** Nobody can say whether they are what the journal has. */
  readonly doubtful: ReadonlySet<string>;
  /** What is to come to its chat in silence: something in its conversation is newer. */
  readonly older: ReadonlySet<string>;
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
   * The history is read twice where something is brought: which message of a chat is the newest, and which one another
   * one may be, is known at its end, and the oldest goes first.
   */
  async execute(
    line: Line,
    span: Span,
    apply: boolean,
    around: Surroundings,
    tally: Tally,
  ): Promise<void> {
    // Whatever was there before the line would look missing.
    const isNew = await this.filed.isEmpty(line.key);
    const traces: Trace[] = [];
    const inHistory = new Set<string>();
    try {
      for await (const missing of this.missing(line, span, around, tally, inHistory)) {
        for (const one of missing) traces.push(traceOf(one));
      }
    } finally {
      // What was found until a page did not come is worth reading, too.
      if (!apply) overview(traces, inHistory, isNew, false, tally);
    }
    if (!apply) return;
    const { doubtful, older } = overview(traces, inHistory, isNew, true, tally);
    if (doubtful.size === traces.length) return;
    const seen = new Set(traces.map(({ finding }) => finding.id));
    for await (const missing of this.missing(line, span, around, tally, inHistory)) {
      // The history may have grown meanwhile.
      const grown = missing.filter(({ event }) => !seen.has(event.message.sourceId)).map(traceOf);
      const more = overview(grown, inHistory, isNew, true, tally);
      const isSure = ({ event: { message } }: Missing) =>
        !doubtful.has(message.sourceId) && !more.doubtful.has(message.sourceId);
      await this.bring(missing.filter(isSure), older, line, around, tally);
    }
  }

  private async bring(
    sure: readonly Missing[],
    older: ReadonlySet<string>,
    line: Line,
    around: Surroundings,
    tally: Tally,
  ): Promise<void> {
    const arrivals = [];
    for (const one of sure) arrivals.push(await this.toArrival(one, line, older, around));
    const became = await around.intake.accept(arrivals);
    sure.forEach((one, i) => {
      const { finding } = traceOf(one);
      if (became[i] === 'quarantined') {
        tally.add({ ...finding, fate: 'in-doubt', note: 'in the quarantine' });
      }
      // Another answer than "new" says that it came by itself meanwhile.
      else if (became[i] === 'new') tally.add({ ...finding, fate: 'brought' });
    });
    if (sure.length > 0) around.tell(`${sure.length} messages of clients brought`);
  }

  /**
   * What the journal does not have, page by page, in order.
   * @param inHistory is given the ids of all that is read
   */
  private async *missing(
    line: Line,
    span: Span,
    around: Surroundings,
    tally: Tally,
    inHistory: Set<string>,
  ): AsyncGenerator<readonly Missing[], void> {
    const all = pages(
      {
        upstream: 'messenger',
        most: MOST_PAGES,
        read: (page) => this.messenger.history('inbound', span, line, page),
        idOf: ({ messengerId }) => messengerId,
      },
      around,
    );
    for await (const entries of all) {
      const read = entries.flatMap((entry) => {
        const event = eventOf(entry, line, around, tally);
        return event ? [{ entry, event }] : [];
      });
      for (const one of read) for (const id of idsOf(one, line)) inHistory.add(id);
      yield (await this.unknown(line, read)).toSorted(
        (one, other) => one.event.message.sentAt.getTime() - other.event.message.sentAt.getTime(),
      );
    }
  }

  private async unknown(
    line: Line,
    read: readonly Pick<Missing, 'entry' | 'event'>[],
  ): Promise<readonly Missing[]> {
    const ids = read.flatMap((one) => idsOf(one, line));
    const known = await this.filed.known(line.key, 'inbound', ids);
    const missing = read.filter((one) => !idsOf(one, line).some((id) => known.has(id)));
    const probes = missing.map(({ event }) => ({
      address: event.address,
      text: inQuote(event.message.content),
      writtenAt: event.message.sentAt,
    }));
    const alike = await this.filed.alike(line.key, 'inbound', probes);
    const found: Missing[] = [];
    for (const [i, { entry, event }] of missing.entries()) {
      const conversation = await this.filed.conversation(line.key, clientOf(event, entry, line));
      const begins = JSON.stringify([channelNow(line, event.channel), event.address]);
      found.push({
        entry,
        // A webhook may have named the messenger alone, and his chat is filed under that.
        event:
          conversation && messengersOf(entry, line).includes(conversation.channel)
            ? { ...event, channel: conversation.channel }
            : event,
        alike: alike[i] ?? [],
        talk: conversation ? String(conversation.id) : begins,
      });
    }
    return found;
  }

  private async toArrival(
    { entry, event }: Missing,
    line: Line,
    older: ReadonlySet<string>,
    { now }: Surroundings,
  ): Promise<Arrival> {
    const { message, address } = event;
    const conversation = await this.filed.conversation(line.key, clientOf(event, entry, line));
    const talk =
      conversation && (await this.filed.talk(conversation.id, this.settings.outboundTtlMs));
    const isShown = !older.has(message.sourceId) && isUnanswered(message.sentAt, talk);
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

/** Looks at all that was found, and lists what is not going to be brought. */
function overview(
  traces: readonly Trace[],
  inHistory: ReadonlySet<string>,
  isNew: boolean,
  apply: boolean,
  tally: Tally,
): Overview {
  const doubtful = new Set<string>();
  const older = new Set<string>();
  const newest = new Map<string, Trace>();
  for (const trace of traces) {
    const { finding, talk, at } = trace;
    const doubt = doubtOf(trace, inHistory, isNew);
    if (doubt !== undefined) {
      doubtful.add(finding.id);
      tally.add({ ...finding, fate: 'in-doubt', note: doubt });
      continue;
    }
    if (!apply) tally.add({ ...finding, fate: 'missing' });
    const last = newest.get(talk);
    if (last && last.at > at) older.add(finding.id);
    else {
      if (last) older.add(last.finding.id);
      newest.set(talk, trace);
    }
  }
  return { doubtful, older };
}

function doubtOf(
  { finding, alike }: Trace,
  inHistory: ReadonlySet<string>,
  isNew: boolean,
): string | undefined {
  if (finding.writtenAt === undefined) return 'the history does not say when it was written';
  if (isNew) return 'the journal has nothing of its line yet';
  const like = likenessOf(alike, inHistory);
  return like && `says the same at the same second as ${like}`;
}

/**
 * As the webhook would have told this line; none of an entry that is another line's. What is nobody's, or cannot be
 * read, a person has to look at: once, whichever lines have the history.
 */
function eventOf(
  { body, messengerId, writtenAt }: MessengerEntry,
  line: Line,
  { intake, now }: Surroundings,
  tally: Tally,
): InboundEvent | undefined {
  const events = intake.read({ webhook: 'edna' }, body, now());
  for (const event of events) {
    if (event.type === 'inbound' && event.line === line.key) return event;
    if (event.type !== 'quarantine') continue;
    tally.addOnce(`${line.edna.baseUrl} ${line.edna.apiKey}`, {
      line: line.key,
      matter: 'client',
      fate: 'in-doubt',
      id: messengerId,
      ...(writtenAt && { writtenAt }),
      note: event.reason,
    });
  }
  return undefined;
}

/** Some forms of the webhook name no channel: their ids are made of the messenger. */
function idsOf({ entry, event }: Pick<Missing, 'entry' | 'event'>, line: Line): SourceId[] {
  const others = messengersOf(entry, line).map((one) => inboundSourceId(one, entry.messengerId));
  return [event.message.sourceId, ...others];
}

/** What a webhook may have called the messenger. */
function messengersOf({ messenger }: MessengerEntry, { edna }: Line): readonly string[] {
  return messenger === undefined ? [edna.imType] : [messenger, edna.imType];
}

function clientOf(event: InboundEvent, entry: MessengerEntry, line: Line): Client {
  const { address, channel, formerly = [] } = event;
  return { address, channels: [channel, ...formerly, ...messengersOf(entry, line)] };
}

function traceOf({ entry, event, alike, talk }: Missing): Trace {
  const { sourceId: id, sentAt } = event.message;
  const { writtenAt } = entry;
  const finding = {
    line: event.line,
    matter: 'client',
    id,
    ...(writtenAt && { writtenAt }),
  } as const;
  return { finding, at: sentAt.getTime(), alike, talk };
}

/** Nobody has written since; within one second nobody can tell. */
function isUnanswered(writtenAt: Date, talk: Talk | undefined): boolean {
  const secondOf = (at: Date) => Math.floor(at.getTime() / SECOND_MS);
  return talk === undefined || secondOf(talk.lastAt) <= secondOf(writtenAt);
}
