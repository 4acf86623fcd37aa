import type { Conversation } from './conversation.js';
import type { DeliveryStatus } from './delivery-status.js';
import type { Outcome } from './errors.js';
import type { Arrival, Filed, FiledSome, Origin } from './events.js';
import type { LineKey, RequestId, SourceId } from './ids.js';
import type { Content, Message } from './message.js';
import type { Delivered, Route } from './ports.js';
import type { Reason } from './reasons.js';

export * from './events.js';

/* What waits: lanes and the work in them. -------------------------------------------------------------------- */

export type LaneKind = 'inbound' | 'outbound' | 'status';

/** Whom a lane leads to: client messages and status reports go to the CRM, manager messages to the messenger. */
export type Upstream = 'crm' | 'messenger';

export const UPSTREAM = {
  inbound: 'crm',
  status: 'crm',
  outbound: 'messenger',
} as const satisfies Record<LaneKind, Upstream>;

/** What all lanes of one line to one upstream pass through. */
export interface Gate {
  readonly line: LineKey;
  readonly upstream: Upstream;
}

/** One that lanes may go through now. */
export interface OpenGate extends Gate {
  /** How many; absent: as many as there are. */
  readonly room?: number;
}

/** A lane that this process owns until it releases it. */
export interface Lane {
  readonly conversation: number;
  readonly kind: LaneKind;
  readonly line: LineKey;
  readonly token: number;
  /** How far the lane was filled when its work was read. */
  acceptedSeq: number;
}

/** How long things have been going on, at the moment the work was read, in ms. */
export interface Age {
  /** Since it was accepted. */
  readonly waitedMs: number;
  /** Since its first try that failed; absent when none did. */
  readonly failingMs?: number;
  /** Since its last try with an unknown outcome; absent when none had one. */
  readonly unknownMs?: number;
}

interface Waiting {
  readonly messageId: number;
  /** Tries so far. */
  readonly tries: number;
  readonly age: Age;
}

export interface InboundWork extends Waiting {
  readonly kind: 'inbound';
  /** Its last try may have been taken; unless the history shows that it was, it is given up. */
  readonly isSuspect: boolean;
  readonly message: Message;
  readonly conversation: Conversation;
}

/** One part of a manager's message. */
export interface Part {
  readonly id: number;
  /** Counted from 1. */
  readonly number: number;
  readonly requestId: RequestId;
  readonly route?: Route;
  readonly state: 'waiting' | 'handed-over' | 'failed';
  readonly status?: DeliveryStatus;
  readonly reason?: Reason;
  /** Lookups in the messenger's history so far. */
  readonly lookups: number;
  /** A send was begun whose end nobody recorded. */
  readonly begun: boolean;
  readonly unknownMs?: number;
}

export interface OutboundWork extends Waiting {
  readonly kind: 'outbound';
  readonly message: Message;
  readonly conversation: Conversation;
  readonly parts: readonly Part[];
  /**
   * The CRM may be showing us what we put there in a manager's name: `certain` once the CRM's answer has named it,
   * `possible` while that answer is awaited.
   */
  readonly echo?: 'certain' | 'possible';
}

export interface ReportWork extends Waiting {
  readonly kind: 'status';
  readonly sourceId: SourceId;
  readonly status: DeliveryStatus;
  readonly reason?: Reason;
  /** Of a message that was put into the CRM in somebody's name. */
  readonly imported?: {
    /** The CRM's id of it; empty where its answer had none. */
    readonly crmMessageId: string;
    readonly conversation: Conversation;
    /** None once it is forgotten. */
    readonly message?: Message;
  };
}

export type Work = InboundWork | OutboundWork | ReportWork;

/* What follows: changes. ------------------------------------------------------------------------------------- */

/** One try, for the timeline that support staff read. */
export interface Attempt {
  readonly messageId: number;
  readonly partId?: number;
  readonly kind: LaneKind;
  readonly at: Date;
  readonly durationMs: number;
  /** `noted`: there was nothing that could be told to the other side. */
  readonly outcome: Outcome | 'taken' | 'noted';
  readonly httpStatus?: number;
  /** Codes and causes, without any text, phone or key. */
  readonly error?: string;
}

/** A fact about a message. Written whatever has become of the lane; the same fact twice changes nothing. */
export type Change =
  | {
      readonly type: 'inbound-handed-over';
      readonly messageId: number;
      readonly conversation: number;
      readonly delivered: Delivered;
      /** The chat a manager had opened, where this message linked it. */
      readonly linkedChatId?: string;
      /** It was put there in somebody's name, and may be marked from now on. */
      readonly isImport?: true;
    }
  | {
      readonly type: 'inbound-failed';
      readonly messageId: number;
      readonly reason: Reason;
      /** A message that is to stand in the chat in its place. */
      readonly notice?: Message;
    }
  | {
      readonly type: 'part-handed-over';
      readonly messageId: number;
      readonly partId: number;
      readonly messengerId?: string;
    }
  | { readonly type: 'part-looked-up'; readonly partId: number }
  /** What was begun did not leave: there is nothing uncertain about it. */
  | { readonly type: 'part-not-begun'; readonly partId: number }
  | { readonly type: 'outbound-handed-over'; readonly messageId: number }
  /** It is no message of a manager's: see `OutboundWork.echo`. */
  | { readonly type: 'outbound-was-echo'; readonly messageId: number }
  | {
      readonly type: 'outbound-failed';
      readonly messageId: number;
      readonly partId: number;
      readonly reason: Reason;
    }
  | {
      readonly type: 'reported';
      readonly messageId: number;
      readonly status: DeliveryStatus;
    }
  | {
      readonly type: 'put-off';
      readonly messageId: number;
      readonly kind: LaneKind;
      readonly partId?: number;
      /** The try failed for now (counts towards the back-off) or has an unknown outcome. `waits`: it was not tried, or what stopped it says nothing about it. */
      readonly why: 'waits' | 'failed' | 'unknown';
      /** Of a client's message: see `InboundWork.isSuspect`. */
      readonly isSuspect?: true;
    }
  | { readonly type: 'attempt'; readonly attempt: Attempt };

/** How a lane is given back. */
export type Release =
  /** Nothing is left in it. Refused with `more` when something was accepted meanwhile. */
  | { readonly until: 'next-accept' }
  /** Something is left, to be looked at again then. */
  | { readonly afterMs: number }
  /** What follows this part waits for the part's own receipt, and no longer than this. */
  | { readonly afterMs: number; readonly forReceiptOf: number };

/** `released`; `more`: still ours, and there is new work in it; `lost`: it belongs to somebody else by now. */
export type Released = 'released' | 'more' | 'lost';

/* What operators see. ---------------------------------------------------------------------------------------- */

export interface JournalState {
  /** Age of the oldest one that waits, in ms; 0 when none does. */
  readonly oldestWaitingMs: Readonly<Record<'inbound' | 'outbound', number>>;
  readonly failedInbound: number;
  readonly quarantined: number;
}

export interface Quarantined {
  readonly id: number;
  readonly at: Date;
  readonly reason: string;
  readonly origin: Origin;
  readonly raw: Buffer;
}

/** A process that has not renewed its lease for so long is dead to the others, and they take its lanes. */
export const LEASE_MS = 15_000;

/**
 * The durable heart of the bridge: what was accepted, what became of it, and whose turn it is.
 *
 * Whatever it says it did is committed to disk, but for what `file` did. Every method throws `JournalUnavailable` while nothing can be
 * committed, and works again when it can.
 */
export abstract class Journal {
  /**
   * Files what arrived, in this order, and resolves when all of it is committed; calls of one turn of the event
   * loop share a commit. What the store refuses for its own sake goes to the quarantine.
   * A message is known by (line, direction, source id), for ever; a repeat changes nothing, except that it
   * revives a client's message that had failed. A repeat with other words is a correction: it
   * waits as a message of its own, and replaces what nobody has tried to send yet. What the CRM shows us of our own, by the id it gave a client's
   * message, is a repeat too.
   */
  abstract accept(arrivals: readonly Arrival[]): Promise<readonly Filed[]>;

  /**
   * Keeps what arrived, in this order, and resolves when all of it is committed; calls of one turn of the event loop share
   * a commit. What becomes of it says `file`.
   * @param kept called at least once when it can be filed, which is before it is on the disk; never where it cannot be kept
   */
  abstract receive(arrivals: readonly Arrival[], kept: () => void): Promise<void>;

  /**
   * Files what was received, in the order in which it came, as `accept` does, and as old as it is; part of it, where it
   * is much. What cannot be filed for a fault of ours goes to the quarantine too. Processes that share a store take turns.
   * A loss of power may take it back: then it is as it was received.
   */
  abstract file(): Promise<FiledSome>;

  /**
   * Takes lanes behind these gates that are due and that nobody owns, each gate's longest due first; where there are
   * more than `most` in all, the gates share evenly. What lies behind no gate of the list is left alone.
   * Commits the ownership before it answers.
   */
  abstract claim(gates: readonly OpenGate[], most: number): Promise<readonly Lane[]>;

  /** Takes lanes whose first message is an outbound one that has waited longer than `waitedMs`, due or not. */
  abstract claimOverdue(line: LineKey, waitedMs: number, most: number): Promise<readonly Lane[]>;

  /** The first works of each lane, at most `most` a lane, in order. Moves each lane's `acceptedSeq` up to what was read. */
  abstract read(lanes: readonly Lane[], most: number): Promise<readonly (readonly Work[])[]>;

  /**
   * Before a part's first send by a way: keeps the way. Where that way does not recognise repeats, keeps also that
   * a send has begun, so that a crash leaves a trace. Commits before it resolves.
   */
  abstract begin(
    part: {
      readonly messageId: number;
      readonly partId: number;
      readonly conversation: Conversation;
    },
    route: Route,
  ): Promise<void>;

  /** Writes down what happened, and gives the lane back where `release` is given, in one commit. */
  abstract settle(
    lane: Lane,
    changes: readonly Change[],
    release?: Release,
  ): Promise<Released | undefined>;

  /** Which of the messenger's ids belong to parts already. */
  abstract owned(line: LineKey, messengerIds: readonly string[]): Promise<ReadonlySet<string>>;

  /** How many other parts with just this content the messenger has taken in a conversation without naming them, of those accepted within this time. */
  abstract takenUnnamed(
    part: { readonly partId: number; readonly conversation: number; readonly content: Content },
    withinMs: number,
  ): Promise<number>;

  /**
   * Says that this process lives, and frees the lanes of those that do not. A process that has not said so for
   * 15 s is dead to the others.
   */
  abstract renew(): Promise<void>;

  /** Throws unless a commit succeeds right now. */
  abstract check(): Promise<void>;

  abstract state(): Promise<JournalState>;

  /** Lines in which something waits, other than these: nobody works it until they are lines again. */
  abstract stranded(known: readonly LineKey[]): Promise<readonly LineKey[]>;

  /** The newest entries first, or those before an id. */
  abstract quarantined(most: number, before?: number): Promise<readonly Quarantined[]>;

  abstract quarantinedOne(id: number): Promise<Quarantined | undefined>;

  /** Takes an entry out of the quarantine, after its content has been accepted. */
  abstract discharge(id: number): Promise<void>;

  /**
   * Forgets contents and attempts older than `retentionDays`, and the ids of messages older than a year.
   * What waits and what failed on its way to the CRM stays.
   */
  abstract prune(retentionDays: number): Promise<void>;

  /** Gives back what this process owns and closes. */
  abstract close(): Promise<void>;
}
