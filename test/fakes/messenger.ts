import type { Conversation } from '../../src/domain/conversation.js';
import { DeliveryError } from '../../src/domain/errors.js';
import type { MessengerEntry, Page, Span } from '../../src/domain/history.js';
import { comment } from '../../src/domain/ids.js';
import type { Line } from '../../src/domain/line.js';
import type { Content } from '../../src/domain/message.js';
import { Messenger, type Dispatch, type Found, type Route } from '../../src/domain/ports.js';
import { CASCADE_ROUTE } from '../outgoing.js';

/** A message the fake has taken on for a client. */
export interface Taken {
  readonly dispatch: Dispatch;
  readonly messengerId: string;
  readonly at: Date;
}

/** A call that is to fail: before the message is taken, or after, when only the answer is lost. */
interface Failure {
  readonly error: DeliveryError;
  readonly when: 'before' | 'after';
}

const CARRIED: ReadonlySet<Content['kind']> = new Set([
  'text',
  'picture',
  'video',
  'file',
  'voice',
  'audio',
  'location',
]);

/** The clients' phones in memory. */
export class FakeMessenger extends Messenger {
  /** Everything that was taken, in order; a repeat only where the dialect does not recognise it. */
  readonly taken: Taken[] = [];
  /** Every send that was tried. */
  readonly tried: Dispatch[] = [];
  /** How often each method was called. */
  readonly calls = { route: 0, send: 0, find: 0, history: 0 };
  /** The way of every conversation that has none of its own here; an error closes it. */
  way: Route | DeliveryError = CASCADE_ROUTE;
  /** By the conversation's channel. */
  readonly ways = new Map<string, Route | DeliveryError>();
  /** What clients wrote. */
  readonly written: MessengerEntry[] = [];
  /** What its history has of the company's messages beside those it took here. */
  readonly sentBefore: MessengerEntry[] = [];
  /** Entries of a page of its history. */
  pageSize = 2;
  /** Whether its history can be looked at. */
  hasHistory = true;
  /** Answers the first page of its history whatever page it is asked for, and says that another follows. */
  repeats = false;
  private readonly failures: Failure[] = [];
  private lastId = 903_310;

  constructor(private readonly now: () => Date = () => new Date()) {
    super();
  }

  /** The next sends fail in this way. */
  failNext(error: DeliveryError, when: Failure['when'] = 'before', times = 1): void {
    for (let i = 0; i < times; i += 1) this.failures.push({ error, when });
  }

  /** A client's message that its history has. */
  clientWrites(identifier: string, text: string, writtenAt = this.now()): void {
    this.lastId += 1;
    const messengerId = String(this.lastId);
    const messageContent = { type: 'TEXT', text };
    const receivedAt = writtenAt.toISOString();
    const body = { id: messengerId, subscriber: { identifier }, messageContent, receivedAt };
    this.written.push({ messengerId, writtenAt, isText: true, body });
  }

  /** What the phone shows, in order. */
  shown(address: string): readonly Content[] {
    return this.taken
      .filter(({ dispatch }) => dispatch.address === address)
      .map(({ dispatch }) => dispatch.content);
  }

  override async route(conversation: Conversation, _line: Line, _fresh?: boolean): Promise<Route> {
    this.calls.route += 1;
    const way = this.ways.get(conversation.channel) ?? this.way;
    if (way instanceof DeliveryError) throw way;
    return Promise.resolve(way);
  }

  override async send(dispatch: Dispatch, _line: Line): Promise<{ messengerId?: string }> {
    this.calls.send += 1;
    this.tried.push(dispatch);
    this.check(dispatch);
    const failure = this.failures.shift();
    if (failure?.when === 'before') throw failure.error;
    const { messengerId } = this.earlier(dispatch) ?? this.take(dispatch);
    if (failure) throw failure.error;
    const tellsId = dispatch.route.dialect === 'max-bot' || dispatch.route.dialect === 'max';
    return Promise.resolve(tellsId ? { messengerId } : {});
  }

  override async find(dispatch: Dispatch, since: Date, _line: Line): Promise<readonly Found[]> {
    this.calls.find += 1;
    const content = JSON.stringify(dispatch.content);
    const found = this.taken.filter(
      (one) =>
        one.dispatch.address === dispatch.address &&
        JSON.stringify(one.dispatch.content) === content &&
        one.at >= since,
    );
    const isCascade = dispatch.route.dialect === 'cascade';
    return Promise.resolve(
      (this.hasHistory ? found : []).map((one) => ({
        messengerId: one.messengerId,
        comment: isCascade ? comment(one.dispatch.messageId) : undefined,
      })),
    );
  }

  /** Where the history cannot be looked at, it says so. */
  override async history(
    direction: 'inbound' | 'outbound',
    { since, until }: Span,
    _line: Line,
    page: number,
  ): Promise<Page<MessengerEntry>> {
    this.calls.history += 1;
    if (!this.hasHistory) throw new DeliveryError('blocked', 'fake messenger: no history');
    const isIn = ({ writtenAt }: MessengerEntry) =>
      writtenAt === undefined || (writtenAt >= since && writtenAt <= until);
    const sent = [...this.sentBefore, ...this.taken.map(toEntry)];
    const all = (direction === 'inbound' ? this.written : sent)
      .filter(isIn)
      .toSorted((one, other) => Number(one.messengerId) - Number(other.messengerId));
    const from = this.repeats ? 0 : page * this.pageSize;
    const entries = all.slice(from, from + this.pageSize);
    return Promise.resolve({
      entries,
      hasNext: this.repeats || from + entries.length < all.length,
    });
  }

  private check({ content, address, route }: Dispatch): void {
    if (!CARRIED.has(content.kind)) {
      throw new DeliveryError('rejected', 'fake messenger: cannot carry it', {
        reason: { key: 'not-supported', args: { kind: content.kind } },
      });
    }
    const takesPhones = !route.dialect.startsWith('max');
    if (takesPhones && !/^[1-9]\d{9,14}$/.test(address)) {
      throw new DeliveryError('rejected', 'fake messenger: no phone', {
        reason: { key: 'bad-number' },
      });
    }
  }

  private earlier({ requestId, route }: Dispatch): Taken | undefined {
    if (!route.dropsRepeats) return undefined;
    return this.taken.find(({ dispatch }) => dispatch.requestId === requestId);
  }

  private take(dispatch: Dispatch): Taken {
    this.lastId += 1;
    const taken = { dispatch, messengerId: String(this.lastId), at: this.now() };
    this.taken.push(taken);
    return taken;
  }
}

function toEntry({ dispatch, messengerId, at }: Taken): MessengerEntry {
  const named = comment(dispatch.messageId);
  return {
    messengerId,
    writtenAt: at,
    comment: named,
    isText: dispatch.content.kind === 'text',
    status: 'ENQUEUED',
    body: { messageId: messengerId, status: 'ENQUEUED', comment: named },
  };
}
