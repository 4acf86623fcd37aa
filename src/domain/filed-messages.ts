import type { DeliveryStatus } from './delivery-status.js';
import type { LineKey, RequestId, SourceId } from './ids.js';
import type { Conversation } from './conversation.js';

/** Whoever has not said for so long that he lives was not there to take what came. */
export const GAP_MS = 60_000;

/** Of what was missed while nobody was there, the last day is brought up by itself; the rest where somebody asks. */
export const MOST_GAP_MS = 24 * 60 * 60_000;

/** What is known of a message that is in the journal. */
export interface Known {
  /** In their order; none of a client's message. */
  readonly parts: readonly KnownPart[];
}

/** What is known of a part of a manager's message. */
export interface KnownPart {
  readonly requestId: RequestId;
  readonly status?: DeliveryStatus;
}

/** A client, and the channel he wrote by. */
export interface Client {
  readonly address: string;
  /** Before those whose conversations go on in it. */
  readonly channels: readonly string[];
}

/** What a platform's history shows of a message. */
export interface Probe {
  readonly address: string;
  /** As `inQuote` has it. */
  readonly text: string;
  readonly writtenAt: Date;
}

/** How far a conversation has come. */
export interface Talk {
  /** When somebody wrote last whom the other side could read; what failed was read by nobody. */
  readonly lastAt: Date;
  /** What the client was called last. */
  readonly name?: string;
}

/** A message that the other side has taken. */
export interface HandedOver {
  /** Where the next ones are asked for from. */
  readonly id: number;
  readonly sourceId: SourceId;
  readonly writtenAt: Date;
}

/** What the journal says of its messages to whoever compares it with the platforms' own histories. Changes none of them. */
export abstract class FiledMessages {
  /** Nothing was ever filed, or nothing of this line: whatever a history shows would look missing. */
  abstract isEmpty(line?: LineKey): Promise<boolean>;

  /** Those of these messages that are there. */
  abstract known(
    line: LineKey,
    direction: 'inbound' | 'outbound',
    ids: readonly SourceId[],
  ): Promise<ReadonlyMap<SourceId, Known>>;

  /** The parts of managers' messages that the messenger gave these ids, each with the id of its message. */
  abstract ofMessenger(
    line: LineKey,
    messengerIds: readonly string[],
  ): Promise<ReadonlyMap<string, { readonly id: SourceId; readonly part: KnownPart }>>;

  /** For each probe the messages with the same client, text and second, by their ids. */
  abstract alike(
    line: LineKey,
    direction: 'inbound' | 'outbound',
    probes: readonly Probe[],
  ): Promise<readonly (readonly SourceId[])[]>;

  /** Those of these ids that the CRM gave to messages of clients. */
  abstract given(crmMessageIds: readonly string[]): Promise<ReadonlySet<string>>;

  /** The conversation that what a client wrote is filed in; absent where it would begin one. */
  abstract conversation(
    line: LineKey,
    client: Client,
  ): Promise<Pick<Conversation, 'id' | 'channel'> | undefined>;

  /** How far a conversation has come; absent where nothing was said in it. */
  abstract talk(conversation: number, outboundTtlMs: number): Promise<Talk | undefined>;

  /** Conversations with a chat in which something was written since then, the latest first. */
  abstract chats(line: LineKey, since: Date, most: number): Promise<readonly Conversation[]>;

  /** Clients' messages of a conversation that became messages of their own in its chat, the newest first. */
  abstract delivered(
    conversation: number,
    since: Date,
    until: Date,
    most: number,
  ): Promise<readonly HandedOver[]>;

  /** Managers' messages all of whose parts went by ways that name them in the messenger's history, in order. */
  abstract sent(
    line: LineKey,
    since: Date,
    until: Date,
    after: number,
    most: number,
  ): Promise<readonly HandedOver[]>;

  /** Since when nobody was there to take what came, until it is said to be made up for; absent where somebody was. */
  abstract gap(): Promise<Date | undefined>;

  /**
   * Says that everything missed since then has been looked for. A gap that reaches further back stays, and one that
   * goes on after `until`.
   */
  abstract closeGap(since: Date, until: Date): Promise<void>;
}
