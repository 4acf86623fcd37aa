import { Injectable } from '@nestjs/common';
import { advance } from '../domain/delivery-status.js';
import { FiledMessages, type Known, type KnownPart } from '../domain/filed-messages.js';
import type { MessengerEntry, Span } from '../domain/history.js';
import { parseComment, type SourceId } from '../domain/ids.js';
import type { ReceiptEvent } from '../domain/journal.js';
import type { Line } from '../domain/line.js';
import { Messenger } from '../domain/ports.js';
import type { Tally } from '../domain/reconciliation.js';
import { pages, type Surroundings } from './page-by-page.js';

/** 100,000 messages to clients; of each its id is kept until the end, and what is news. */
const MOST_PAGES = 500;
const AT_ONCE = 500;

/** What was sent just now may not stand in a history yet; and the clocks of the two sides differ. */
const LAG_MS = 2 * 60_000;

/** An entry that is a part of a manager's message. */
interface Ours {
  readonly id: SourceId;
  readonly entry: MessengerEntry;
  readonly part: KnownPart;
}

/** What it says of it that is not known. */
interface News {
  readonly id: SourceId;
  readonly event: ReceiptEvent;
  readonly body: object;
}

/** What became of managers' messages, where the messenger knows it better. */
@Injectable()
export class ReconcileReceipts {
  constructor(
    private readonly messenger: Messenger,
    private readonly filed: FiledMessages,
  ) {}

  async execute(
    line: Line,
    span: Span,
    apply: boolean,
    around: Surroundings,
    tally: Tally,
  ): Promise<void> {
    const seen = new Set<SourceId>();
    const latest = new Map<string, News>();
    const all = pages(
      {
        upstream: 'messenger',
        most: MOST_PAGES,
        read: (page) => this.messenger.history('outbound', span, line, page),
        idOf: ({ messengerId }) => messengerId,
      },
      around,
    );
    for await (const entries of all) {
      for (const one of await this.ours(entries, line, seen)) {
        const news = newsOf(one, around);
        // The last entry says what became of it: an earlier one is of a try before that.
        latest.delete(one.part.requestId);
        if (news) latest.set(one.part.requestId, news);
      }
    }
    const found = [...latest.values()];
    for (let from = 0; from < found.length; from += AT_ONCE) {
      await this.tell(found.slice(from, from + AT_ONCE), line, apply, around, tally);
    }
    await this.notThere(line, span, seen, tally);
  }

  /**
   * Entries that are parts of managers' messages of this line: by the comment, or by the messenger's id where the way
   * they went takes no comment.
   * @param seen is given the messages that are named
   */
  private async ours(
    entries: readonly MessengerEntry[],
    line: Line,
    seen: Set<SourceId>,
  ): Promise<readonly Ours[]> {
    const named = entries.map((entry) => ({
      entry,
      id: parseComment(entry.comment ?? '', line.scopeId),
    }));
    const ids = named.flatMap(({ id }) => id ?? []);
    for (const id of ids) seen.add(id);
    const known = await this.filed.known(line.key, 'outbound', ids);
    const others = named.flatMap(({ id, entry }) => (id ? [] : entry.messengerId));
    const byMessenger = await this.filed.ofMessenger(line.key, others);
    return named.flatMap(({ id, entry }) => {
      const part = id && partOf(entry, known.get(id));
      if (id && part) return [{ id, entry, part }];
      const found = byMessenger.get(entry.messengerId);
      return found ? [{ entry, ...found }] : [];
    });
  }

  private async tell(
    news: readonly News[],
    line: Line,
    apply: boolean,
    around: Surroundings,
    tally: Tally,
  ): Promise<void> {
    const became = apply ? await this.bring(news, around) : [];
    news.forEach(({ id, event }, i) => {
      if (apply && became[i] !== 'new') return;
      const fate = apply ? 'brought' : 'missing';
      tally.add({ line: line.key, matter: 'status', fate, id, note: event.receipt.status });
    });
  }

  private bring(news: readonly News[], { intake }: Surroundings) {
    return intake.accept(
      news.map(({ event, body }) => ({
        event,
        origin: { webhook: 'edna' },
        raw: Buffer.from(JSON.stringify(body)),
      })),
    );
  }

  /** What the messenger has taken and its history does not show. */
  private async notThere(
    line: Line,
    { since, until }: Span,
    seen: ReadonlySet<SourceId>,
    tally: Tally,
  ): Promise<void> {
    const from = new Date(since.getTime() + LAG_MS);
    const to = new Date(until.getTime() - LAG_MS);
    for (let after = 0; ;) {
      const some = await this.filed.sent(line.key, from, to, after, AT_ONCE);
      for (const { sourceId: id, writtenAt } of some) {
        if (seen.has(id)) continue;
        const note = 'edna took it, and its history does not show it';
        const what = { matter: 'not-in-messenger', fate: 'in-doubt', id, writtenAt, note } as const;
        tally.add({ line: line.key, ...what });
      }
      if (some.length < AT_ONCE) return;
      after = some.at(-1)?.id ?? after;
    }
  }
}

/** What the journal does not know yet of the part that an entry is. */
function newsOf({ id, entry, part }: Ours, { intake, now }: Surroundings): News | undefined {
  const whole = { ...entry.body, requestId: part.requestId };
  // The request is this line's, whichever line its channel leads to.
  const event = intake
    .read({ webhook: 'edna' }, whole, now())
    .find((one): one is ReceiptEvent => one.type === 'receipt');
  // A manager is told of nothing below an answer about the arrival.
  if (!event || event.receipt.status === 'sent') return undefined;
  const isNews = advance(part.status, event.receipt.status) !== part.status;
  return isNews ? { id, event, body: whole } : undefined;
}

/** A file, or the words that follow it. */
function partOf({ isText }: MessengerEntry, known: Known | undefined): KnownPart | undefined {
  const [first, second] = known?.parts ?? [];
  return second && isText ? second : first;
}
