import { Injectable } from '@nestjs/common';
import type { Conversation } from '../domain/conversation.js';
import { DeliveryError } from '../domain/errors.js';
import { FiledMessages } from '../domain/filed-messages.js';
import type { ChatEntry, Span } from '../domain/history.js';
import type { OutboundEvent } from '../domain/journal.js';
import type { Line } from '../domain/line.js';
import { inQuote } from '../domain/message.js';
import { CrmChat } from '../domain/ports.js';
import { likenessOf, type Finding, type Tally } from '../domain/reconciliation.js';
import { Settings } from '../domain/settings.js';
import { pages, type Surroundings } from './page-by-page.js';

/** A manager may write into a chat that was quiet for long; further back than this nobody looks. */
const QUIET_MS = 30 * 24 * 60 * 60_000;
const MOST_CHATS = 5_000;
const TOLD_EVERY = 100;

/** 1000 messages of one chat. */
const MOST_PAGES = 20;
const MOST_MESSAGES = 1_000;

/** So many chats one after the other that do not come: none will. */
const MOST_IN_A_ROW = 3;

/** What was taken just now may not stand in a history yet. */
const LAG_MS = 60_000;

/** How far amoCRM's clock may be ahead of ours. */
const SKEW_MS = 2 * 60_000;

/** Clocks that lie further apart are not two clocks: an answer was kept somewhere, or says nothing. */
const MOST_APART_MS = 24 * 60 * 60_000;

/** What a chat holds of a span. */
interface ChatHistory {
  /** Our ids of all that was seen. */
  readonly ours: ReadonlySet<string>;
  /** What the company wrote in amoCRM, in order. */
  readonly written: readonly ChatEntry[];
  /** It was read as far back as was asked for. */
  readonly isWhole: boolean;
  /** When it was read, by the CRM's clock: its messages have their times by it. */
  readonly readAt: Date;
}

/** An entry of a chat's history, and the event its hook would have been. */
interface Missing {
  readonly entry: ChatEntry;
  readonly event?: OutboundEvent;
}

/** Managers' messages whose hook never came, in the chats that the journal knows: the CRM has no list of chats. */
@Injectable()
export class ReconcileManagers {
  constructor(
    private readonly crm: CrmChat,
    private readonly filed: FiledMessages,
    private readonly settings: Settings,
  ) {}

  async execute(
    line: Line,
    span: Span,
    apply: boolean,
    around: Surroundings,
    tally: Tally,
  ): Promise<void> {
    const since = new Date(span.since.getTime() - QUIET_MS);
    const chats = await this.filed.chats(line.key, since, MOST_CHATS);
    if (chats.length === MOST_CHATS) {
      const note = `only the ${MOST_CHATS} chats written in last were looked at`;
      tally.add({ line: line.key, matter: 'manager', fate: 'in-doubt', id: 'chats', note });
    }
    const failures: DeliveryError[] = [];
    let inARow = 0;
    for (const [i, chat] of chats.entries()) {
      if (i % TOLD_EVERY === 0 && i > 0) around.tell(`${i} of ${chats.length} chats looked at`);
      if (chat.chatId === undefined) continue;
      const conversation = { ...chat, chatId: chat.chatId };
      try {
        const history = await this.read(conversation, line, span, around);
        await this.compare(conversation, history, line, apply, around, tally);
        if (history.isWhole) await this.notThere(conversation, history, line, span, tally);
        else tally.add(unread(line, conversation.chatId));
        inARow = 0;
      } catch (error) {
        // What is wrong with one chat keeps nothing of the others back; what says nothing about it is wrong with all.
        if (!(error instanceof DeliveryError) || error.outcome === 'blocked') throw error;
        failures.push(error);
        inARow += 1;
        if (inARow === MOST_IN_A_ROW) throw error;
      }
    }
    if (failures[0]) throw failures[0];
  }

  private async read(
    conversation: Conversation & { readonly chatId: string },
    line: Line,
    { since, until }: Span,
    around: Surroundings,
  ): Promise<ChatHistory> {
    const ours = new Set<string>();
    const written: ChatEntry[] = [];
    let readAt = around.now();
    let aheadMs = 0;
    const all = pages(
      {
        upstream: 'crm',
        most: MOST_PAGES,
        read: async (page) => {
          const some = await this.crm.history(conversation, line, page);
          const now = around.now();
          readAt = some.at && isCredible(some.at, now) ? some.at : now;
          aheadMs = readAt.getTime() - now.getTime();
          return some;
        },
        idOf: ({ messageId }) => messageId,
      },
      around,
    );
    let isWhole = true;
    try {
      for await (const entries of all) {
        // The span was told by our clock, and that may be the one that is wrong.
        const earliest = new Date(since.getTime() + Math.min(0, aheadMs));
        const latest = new Date(until.getTime() + Math.max(0, aheadMs) + SKEW_MS);
        for (const entry of entries) {
          const { sourceId, isOutgoing, writtenAt } = entry;
          if (sourceId !== undefined) ours.add(sourceId);
          const isMeant = !writtenAt || (writtenAt >= earliest && writtenAt <= latest);
          if (isMeant && isOutgoing && sourceId === undefined) written.push(entry);
        }
        if (isBefore(entries, earliest)) break;
      }
    } catch (error) {
      // It will not come the next time either: what was read is all there is to compare.
      if (!(error instanceof DeliveryError) || error.outcome !== 'rejected') throw error;
      isWhole = false;
    }
    const inOrder = written
      .toReversed()
      .toSorted((one, other) => Number(one.writtenAt ?? 0) - Number(other.writtenAt ?? 0));
    return { ours, written: inOrder, isWhole, readAt };
  }

  private async compare(
    conversation: Conversation,
    { written, readAt }: ChatHistory,
    line: Line,
    apply: boolean,
    around: Surroundings,
    tally: Tally,
  ): Promise<void> {
    if (written.length === 0) return;
    const read = written.map((entry) => ({ entry, event: eventOf(entry, line, around) }));
    const given = await this.filed.given(written.map(({ messageId }) => messageId));
    const ids = read.flatMap(({ event }) => event?.message.sourceId ?? []);
    const known = await this.filed.known(line.key, 'outbound', ids);
    const missing = read.filter(
      ({ entry, event }) =>
        !given.has(entry.messageId) && !(event && known.has(event.message.sourceId)),
    );
    for (const one of missing) {
      const doubt = await this.doubtOf(one, conversation, line, new Set<string>(ids));
      if (doubt || !one.event) tally.add(findingOf(line, one, 'in-doubt', doubt));
      else if (apply) await this.bring(one.entry, one.event, readAt, line, around, tally);
      else tally.add(findingOf(line, one, 'missing'));
    }
  }

  private async doubtOf(
    { entry, event }: Missing,
    { address }: Conversation,
    line: Line,
    inHistory: ReadonlySet<string>,
  ): Promise<string | undefined> {
    if (!event) return 'no such hook is known';
    if (!entry.writtenAt) return 'the history does not say when it was written';
    const { content, sentAt: writtenAt } = event.message;
    const probe = { address, text: inQuote(content), writtenAt };
    const [alike = []] = await this.filed.alike(line.key, 'outbound', [probe]);
    const like = likenessOf(alike, inHistory);
    return like && `says the same at the same second as ${like}`;
  }

  private async bring(
    entry: ChatEntry,
    event: OutboundEvent,
    readAt: Date,
    line: Line,
    { intake }: Surroundings,
    tally: Tally,
  ): Promise<void> {
    // By one clock: by ours, an hour ahead, what was written just now would be too late to be sent.
    const writtenAt = entry.writtenAt ?? event.message.sentAt;
    const lateMs = Math.max(0, readAt.getTime() - writtenAt.getTime());
    const [became] = await intake.accept([
      {
        event: { ...event, lateMs },
        origin: { webhook: 'amocrm', scopeId: line.scopeId },
        raw: Buffer.from(JSON.stringify(entry.body)),
      },
    ]);
    const isTooLate = lateMs >= this.settings.outboundTtlMs;
    const finding = (fate: Finding['fate'], note?: string) =>
      tally.add(findingOf(line, { entry, event }, fate, note));
    if (became === 'quarantined') finding('in-doubt', 'in the quarantine');
    else if (became === 'new') finding(isTooLate ? 'too-late' : 'brought');
  }

  /** What the CRM has taken and its chat does not show. */
  private async notThere(
    conversation: Conversation,
    { ours }: ChatHistory,
    line: Line,
    { since, until }: Span,
    tally: Tally,
  ): Promise<void> {
    const settled = new Date(until.getTime() - LAG_MS);
    const taken = await this.filed.delivered(conversation.id, since, settled, MOST_MESSAGES);
    for (const { sourceId: id, writtenAt } of taken) {
      if (ours.has(id)) continue;
      const note = 'amoCRM took it, and its chat does not show it';
      const finding = { matter: 'not-in-crm', fate: 'in-doubt', id, writtenAt, note } as const;
      tally.add({ line: line.key, ...finding });
    }
  }
}

function isCredible(theirs: Date, ours: Date): boolean {
  return Math.abs(theirs.getTime() - ours.getTime()) <= MOST_APART_MS;
}

/**
 * What follows was written even earlier. Single entries say nothing: what was put into the chat later may stand where
 * it was put, with its own time, and nobody promises that the newest comes first.
 */
function isBefore(entries: readonly ChatEntry[], since: Date): boolean {
  const times = entries.flatMap(({ writtenAt }) => writtenAt?.getTime() ?? []);
  const [first, last] = [times.at(0), times.at(-1)];
  const isDescending = first !== undefined && last !== undefined && first > last;
  return isDescending && times.every((time) => time < since.getTime());
}

function eventOf(
  { body }: ChatEntry,
  line: Line,
  { intake, now }: Surroundings,
): OutboundEvent | undefined {
  return intake
    .read({ webhook: 'amocrm', scopeId: line.scopeId }, body, now())
    .find((event): event is OutboundEvent => event.type === 'outbound' && event.line === line.key);
}

function unread(line: Line, chatId: string): Finding {
  const note = 'its history could not be read to its end';
  return { line: line.key, matter: 'manager', fate: 'in-doubt', id: chatId, note };
}

function findingOf(
  line: Line,
  { entry, event }: Missing,
  fate: Finding['fate'],
  note?: string,
): Finding {
  return {
    line: line.key,
    matter: 'manager',
    fate,
    id: event?.message.sourceId ?? entry.messageId,
    ...(entry.writtenAt && { writtenAt: entry.writtenAt }),
    ...(note && { note }),
  };
}
