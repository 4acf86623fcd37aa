import type { Conversation } from '../../src/domain/conversation.js';
import { DeliveryError } from '../../src/domain/errors.js';
import { amoMessageIdOf, conversationId } from '../../src/domain/ids.js';
import type { ChatEntry as HistoryEntry, Page } from '../../src/domain/history.js';
import type { Line } from '../../src/domain/line.js';
import type { Message, Sender } from '../../src/domain/message.js';
import {
  CrmChat,
  type ChatItem,
  type Delivered,
  type OpenedChat,
  type StatusReport,
} from '../../src/domain/ports.js';

/** A message as it stands in a chat of the fake. */
export interface ChatEntry {
  readonly message: Message;
  /** The CRM's ids. */
  readonly messageId: string;
  readonly chatId: string;
  readonly participantId: string;
}

/** A call that is to fail: before the message is taken, or after, when only the answer is lost. */
interface Failure {
  readonly error: DeliveryError;
  readonly when: 'before' | 'after';
}

/** The CRM's chats in memory. */
export class FakeCrmChat extends CrmChat {
  /** Everything that was taken, in order. */
  readonly entries: ChatEntry[] = [];
  /** Every mark that was taken, in order. */
  readonly marks: StatusReport[] = [];
  /** How often each method was called. */
  readonly calls = {
    connect: 0,
    disconnect: 0,
    openChat: 0,
    deliver: 0,
    edit: 0,
    react: 0,
    find: 0,
    history: 0,
    report: 0,
  };
  /** What managers wrote, by chat. */
  readonly written = new Map<string, HistoryEntry[]>();
  /** Entries of a page of a chat's history. */
  pageSize = 2;
  /** The newest first, or in the order they were written down. */
  isSorted = true;
  /** What time it is there. */
  clock = () => new Date();
  /** What clients have set at a message, by the id of the side that wrote it. */
  readonly reactions = new Map<string, string>();
  isConnected = true;
  /** Manager's messages that the CRM has never heard of. */
  readonly unknownMessages = new Set<string>();
  private readonly failures: Failure[] = [];
  private readonly chatIds = new Map<string, string>();
  private lastId = 0;

  /** The next calls that put something into the CRM, or look for it, fail in this way. */
  failNext(error: DeliveryError, when: Failure['when'] = 'before', times = 1): void {
    for (let i = 0; i < times; i += 1) this.failures.push({ error, when });
  }

  /** A chat that a manager opens. */
  open(): { chatId: string; participantId: string } {
    return { chatId: this.newId(), participantId: this.newId() };
  }

  /** A manager's message that the chat's history has. */
  managerWrites(chatId: string, messageId: string, writtenAt = new Date()): void {
    const body = { message: { conversation: { id: chatId }, message: { id: messageId } } };
    const entry = { messageId, isOutgoing: true, writtenAt, body };
    this.written.set(chatId, [...(this.written.get(chatId) ?? []), entry]);
  }

  /** The client's messages in a chat, in the order they were taken. */
  in(chatId: string): readonly Message[] {
    return this.entries.filter((entry) => entry.chatId === chatId).map(({ message }) => message);
  }

  /** The mark at a manager's message, if there is one. */
  markOf(messageId: string): StatusReport | undefined {
    return this.marks.findLast(({ crmMessageId }) => crmMessageId === messageId);
  }

  override connect(_line: Line): Promise<void> {
    this.calls.connect += 1;
    return this.take(() => {
      this.isConnected = true;
    });
  }

  override disconnect(_line: Line): Promise<void> {
    this.calls.disconnect += 1;
    return this.take(() => {
      this.isConnected = false;
    });
  }

  override openChat(conversation: Conversation, _client: Sender, _line: Line): Promise<OpenedChat> {
    this.calls.openChat += 1;
    return this.takeConnected(() => {
      const ours = ourIdOf(conversation);
      const chatId = this.chatIds.get(ours) ?? this.newId();
      this.chatIds.set(ours, chatId);
      return { chatId };
    });
  }

  override messagesOf(
    chatId: string,
    { offset, limit }: { readonly offset: number; readonly limit: number },
    _line: Line,
  ): Promise<readonly ChatItem[]> {
    const items = this.entries
      .filter((entry) => entry.chatId === chatId)
      .map(({ message, messageId }) => toItem(message, messageId))
      .toSorted((one, other) => other.sentAt.getTime() - one.sentAt.getTime());
    return this.takeConnected(() => items.slice(offset, offset + limit));
  }

  override deliver(message: Message, conversation: Conversation, _line: Line): Promise<Delivered> {
    this.calls.deliver += 1;
    return this.takeConnected(
      () => this.entry(message, conversation) ?? this.add(message, conversation),
    ).then(toDelivered);
  }

  override edit(message: Message, conversation: Conversation, _line: Line): Promise<Delivered> {
    this.calls.edit += 1;
    return this.takeConnected(() => {
      const { edits } = message;
      const entry = edits && this.entry({ ...message, sourceId: edits }, conversation);
      if (!entry) throw new DeliveryError('rejected', 'fake crm: no such message');
      const edited = { ...entry, message: { ...message, sourceId: edits } };
      this.entries[this.entries.indexOf(entry)] = edited;
      return toDelivered(edited);
    });
  }

  override react(message: Message, conversation: Conversation, _line: Line): Promise<void> {
    this.calls.react += 1;
    return this.takeConnected(() => {
      const linked = message.quote?.linked;
      const theirs = linked && amoMessageIdOf(linked);
      const isThere = theirs
        ? !this.unknownMessages.has(theirs)
        : linked && this.entry({ ...message, sourceId: linked }, conversation);
      if (!linked || !isThere) throw new DeliveryError('rejected', 'fake crm: no such message');
      const emoji = message.content.kind === 'reaction' ? message.content.emoji : '';
      if (emoji === '') this.reactions.delete(theirs ?? linked);
      else this.reactions.set(theirs ?? linked, emoji);
    });
  }

  override find(
    message: Message,
    conversation: Conversation,
    _line: Line,
  ): Promise<Delivered | undefined> {
    this.calls.find += 1;
    return this.takeConnected(() => this.entry(message, conversation)).then(
      (entry) => entry && toDelivered(entry),
    );
  }

  override history(
    { chatId }: Conversation & { readonly chatId: string },
    _line: Line,
    page: number,
  ): Promise<Page<HistoryEntry>> {
    this.calls.history += 1;
    return this.takeConnected(() => {
      const ours = this.entries.filter((entry) => entry.chatId === chatId).map(toHistory);
      const written = [...ours, ...(this.written.get(chatId) ?? [])];
      const byTime = (one: HistoryEntry, other: HistoryEntry) =>
        Number(other.writtenAt) - Number(one.writtenAt);
      const all = this.isSorted ? written.toSorted(byTime) : written;
      const from = page * this.pageSize;
      const entries = all.slice(from, from + this.pageSize);
      return { entries, hasNext: from + entries.length < all.length, at: this.clock() };
    });
  }

  override report(report: StatusReport, _line: Line): Promise<void> {
    this.calls.report += 1;
    return this.takeConnected(() => {
      if (this.unknownMessages.has(report.crmMessageId)) {
        throw new DeliveryError('rejected', 'fake crm: no such message');
      }
      this.marks.push(report);
    });
  }

  /** A chat knows its messages by their source ids. */
  private entry({ sourceId }: Message, conversation: Conversation): ChatEntry | undefined {
    const chatId = conversation.chatId ?? this.chatIds.get(ourIdOf(conversation));
    return this.entries.find((one) => one.chatId === chatId && one.message.sourceId === sourceId);
  }

  private add(message: Message, conversation: Conversation): ChatEntry {
    const { chatId, participantId, toBeLinked } = conversation;
    const ours = ourIdOf(conversation);
    const named = toBeLinked ? chatId : undefined;
    const there = named ?? this.chatIds.get(ours) ?? this.newId();
    // A chat of ours stays the one it is, whatever a message names besides.
    if (!this.chatIds.has(ours)) this.chatIds.set(ours, there);
    const sender = this.entries.find((entry) => entry.chatId === there)?.participantId;
    const entry: ChatEntry = {
      message,
      messageId: this.newId(),
      chatId: there,
      participantId: sender ?? (toBeLinked && participantId ? participantId : this.newId()),
    };
    this.entries.push(entry);
    return entry;
  }

  private async takeConnected<T>(change: () => T): Promise<T> {
    if (!this.isConnected) throw new DeliveryError('blocked', 'fake crm: not connected');
    return this.take(change);
  }

  private async take<T>(change: () => T): Promise<T> {
    const failure = this.failures.shift();
    if (failure?.when === 'before') throw failure.error;
    const result = change();
    if (failure) throw failure.error;
    return Promise.resolve(result);
  }

  private newId(): string {
    this.lastId += 1;
    return `00000000-0000-4000-8000-${String(this.lastId).padStart(12, '0')}`;
  }
}

function ourIdOf({ conversationId: bornWith, channel, address }: Conversation): string {
  return bornWith ?? conversationId(channel, address);
}

function toItem({ sourceId, sentAt, sender, content }: Message, messageId: string): ChatItem {
  const text = content.kind === 'text' ? content.text : '';
  return { messageId, sourceId, sentAt, sender: { name: sender.name }, type: content.kind, text };
}

function toDelivered({ messageId, chatId, participantId }: ChatEntry): Delivered {
  return { messageId, chatId, participantId };
}

function toHistory({ message, messageId }: ChatEntry): HistoryEntry {
  const { sourceId, sentAt: writtenAt } = message;
  return { messageId, sourceId, isOutgoing: false, writtenAt, body: {} };
}
