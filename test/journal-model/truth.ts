import type { DeliveryStatus } from '../../src/domain/delivery-status.js';
import type { Change } from '../../src/domain/journal.js';

/*
 * What a journal is to hold, said a second time and as simply as it can be: messages in a map, no lanes, no owners.
 */

const CLIMB: readonly DeliveryStatus[] = ['sent', 'failed', 'delivered', 'read'];

export function rankOf(status: DeliveryStatus | undefined): number {
  return status === undefined ? -1 : CLIMB.indexOf(status);
}

export interface TruePart {
  state: 'waiting' | 'handed-over' | 'failed';
  status?: DeliveryStatus;
  /** A send that a repeat may double was begun, and its end is not known. */
  begun: boolean;
}

export interface TrueMessage {
  readonly key: string;
  readonly direction: 'inbound' | 'outbound';
  readonly chat: number;
  readonly parts: readonly TruePart[];
  readonly acceptedMs: number;
  state: 'waiting' | 'handed-over' | 'failed';
  /** Its place among all that was ever accepted. */
  place: number;
  status?: DeliveryStatus;
  reported?: DeliveryStatus;
}

/** What one try of a message came to; the journal is told of it as `Change`s. */
export class Truth {
  readonly messages = new Map<string, TrueMessage>();
  /** The places of those that the store numbers. */
  readonly numbers = new Map<number, string>();
  nowMs = 0;
  private places = 0;

  /** @returns what `accept` is to answer */
  accept(
    message: Pick<TrueMessage, 'key' | 'direction' | 'chat'>,
    parts: number,
    acceptedMs = this.nowMs,
  ): 'new' | 'repeat' | 'revived' {
    const known = this.messages.get(message.key);
    if (known?.direction === 'inbound' && known.state === 'failed') {
      known.state = 'waiting';
      known.place = this.nextPlace();
      return 'revived';
    }
    if (known) return 'repeat';
    const waiting = (): TruePart => ({ state: 'waiting', begun: false });
    this.messages.set(message.key, {
      ...message,
      parts: Array.from({ length: parts }, waiting),
      acceptedMs,
      state: 'waiting',
      place: this.nextPlace(),
    });
    return 'new';
  }

  /** What waits of one chat in one direction, in order. */
  waiting(chat: number, direction: string): readonly TrueMessage[] {
    return [...this.messages.values()]
      .filter((one) => one.chat === chat && one.direction === direction && one.state === 'waiting')
      .toSorted((one, other) => one.place - other.place);
  }

  /** What the CRM is to be told of one chat. */
  unreported(chat: number): readonly TrueMessage[] {
    return [...this.messages.values()].filter(
      ({ chat: of, status, reported }) =>
        of === chat && status !== undefined && status !== 'sent' && status !== reported,
    );
  }

  receipt(key: string, part: number, status: DeliveryStatus): void {
    const message = this.messages.get(key);
    const about = message?.parts[part];
    if (!message || !about) return;
    if (about.state === 'waiting') about.state = 'handed-over';
    climb(about, status);
    this.sum(message);
  }

  apply(change: Change, partOf: (id: number) => number): void {
    if (!('messageId' in change)) {
      if (change.type === 'attempt') this.ended(change.attempt, partOf);
      return;
    }
    const message = this.messages.get(this.numbers.get(change.messageId) ?? '');
    if (!message) return;
    switch (change.type) {
      case 'inbound-handed-over':
        message.state = 'handed-over';
        return;
      case 'inbound-failed': {
        if (message.state !== 'waiting') return;
        message.state = 'failed';
        const { notice } = change;
        if (!notice) return;
        const { chat } = message;
        this.accept({ key: notice.sourceId, direction: 'inbound', chat }, 0);
        return;
      }
      case 'part-handed-over': {
        const part = message.parts[partOf(change.partId)];
        if (part?.state === 'waiting') part.state = 'handed-over';
        return;
      }
      case 'outbound-handed-over':
        if (message.state === 'waiting') message.state = 'handed-over';
        return;
      case 'outbound-failed': {
        const part = message.parts[partOf(change.partId)];
        if (!part) return;
        if (part.state === 'handed-over') {
          // What the messenger has taken is not given up any more, whoever says so late.
          const isOver = message.parts.every(({ state }) => state === 'handed-over');
          if (isOver && message.state === 'waiting') message.state = 'handed-over';
          return;
        }
        climb(part, 'failed');
        for (const one of message.parts) if (one.state === 'waiting') one.state = 'failed';
        if (message.state === 'waiting') message.state = 'failed';
        this.sum(message);
        return;
      }
      case 'reported':
        if (rankOf(change.status) > rankOf(message.reported)) message.reported = change.status;
        return;
      default:
    }
  }

  private ended(
    { messageId, partId }: Extract<Change, { type: 'attempt' }>['attempt'],
    partOf: (id: number) => number,
  ): void {
    if (partId === undefined) return;
    const part = this.messages.get(this.numbers.get(messageId) ?? '')?.parts[partOf(partId)];
    if (part) part.begun = false;
  }

  private sum(message: TrueMessage): void {
    const statuses = message.parts.map(({ status }) => status);
    if (statuses.includes('failed')) climb(message, 'failed');
    else if (!statuses.includes(undefined)) {
      const [lowest] = statuses.toSorted((one, other) => rankOf(one) - rankOf(other));
      if (lowest !== undefined) climb(message, lowest);
    }
  }

  private nextPlace(): number {
    this.places += 1;
    return this.places;
  }
}

function climb(of: { status?: DeliveryStatus }, to: DeliveryStatus): void {
  if (rankOf(to) > rankOf(of.status)) of.status = to;
}
