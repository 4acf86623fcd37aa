import type { Conversation } from './conversation.js';
import type { DeliveryStatus } from './delivery-status.js';
import type { ChatEntry, MessengerEntry, Page, Span } from './history.js';
import type { RequestId, ScopeId, SourceId } from './ids.js';
import type { Line } from './line.js';
import type { Content, Message, Sender } from './message.js';
import type { Reason } from './reasons.js';

/** The ids the CRM gave. Each but the first may be missing: older answers name the message alone. */
export interface Delivered {
  readonly messageId: string;
  readonly chatId?: string;
  readonly participantId?: string;
}

/** A delivery status on its way to the manager. */
export interface StatusReport {
  /** The CRM's own id of the manager's message. */
  readonly crmMessageId: string;
  readonly status: Exclude<DeliveryStatus, 'sent'>;
  /** Why it failed; with `failed` only. */
  readonly reason?: Reason;
  /** The message itself, where it was put there in somebody's name: the CRM takes an error of such a one with its words. */
  readonly imported?: { readonly message: Message; readonly conversation: Conversation };
}

/** A chat as the CRM names it. */
export interface OpenedChat {
  readonly chatId: string;
  readonly participantId?: string;
}

/** A message as it stands in a chat of the CRM. */
export interface ChatItem {
  readonly messageId: string;
  /** Our own id of it, where it came through us. */
  readonly sourceId?: string;
  readonly sentAt: Date;
  readonly sender: Participant;
  /** Of messages of the company: the client. */
  readonly receiver?: Participant;
  /** The CRM's word: `text`, `picture`, … */
  readonly type: string;
  readonly text: string;
  readonly media?: string;
  readonly fileName?: string;
  readonly sizeBytes?: number;
}

export interface Participant {
  readonly id?: string;
  readonly name?: string;
}

/** The CRM's side of the bridge. Every method throws `DeliveryError` and nothing else, and keeps nothing between calls that a restart would miss. */
export abstract class CrmChat {
  /** Attaches the account to the channel. May be repeated at any time. */
  abstract connect(line: Line): Promise<void>;

  /** Takes the account off the channel, with every source of it: no hooks come from then on. May be repeated. */
  abstract disconnect(line: Line): Promise<void>;

  /**
   * The chat of a conversation at the CRM, opened where it is not there yet; nobody sees it before its first message.
   * May be repeated.
   */
  abstract openChat(conversation: Conversation, client: Sender, line: Line): Promise<OpenedChat>;

  /** A piece of a chat, the newest first; empty where there is no chat or nothing more in it. */
  abstract messagesOf(
    chatId: string,
    page: { readonly offset: number; readonly limit: number },
    line: Line,
  ): Promise<readonly ChatItem[]>;

  /**
   * Puts a client's message into its chat, opening the chat if it is new; or one of the company's, in the name of its
   * author.
   * May be repeated: the other side is given the message's source id and recognises it.
   * Where `conversation.toBeLinked`, the chat a manager opened becomes the client's.
   */
  abstract deliver(message: Message, conversation: Conversation, line: Line): Promise<Delivered>;

  /** Puts a correction in the place of the message that `message.edits` names. May be repeated. */
  abstract edit(message: Message, conversation: Conversation, line: Line): Promise<Delivered>;

  /**
   * Sets a client's reaction at the message that `message.quote.linked` names, or takes it back where it is empty. May
   * be repeated. Rejected where the CRM has no such message.
   */
  abstract react(message: Message, conversation: Conversation, line: Line): Promise<void>;

  /** Looks in the chat's history whether a message is there; a chat that is not there holds none. */
  abstract find(
    message: Message,
    conversation: Conversation,
    line: Line,
  ): Promise<Delivered | undefined>;

  /**
   * What a chat holds, the newest first, a page at a time; a chat that is not there holds nothing.
   * @param page counted from 0
   */
  abstract history(
    conversation: Conversation & { readonly chatId: string },
    line: Line,
    page: number,
  ): Promise<Page<ChatEntry>>;

  /** Marks a manager's message. The same mark twice is harmless; the caller never sends a lower one after a higher. */
  abstract report(report: StatusReport, line: Line): Promise<void>;
}

/**
 * The way a message takes at the messenger. Kept with the message from before its first send, as JSON:
 * plain values only.
 */
export interface Route {
  /** Which of the messenger's interfaces is spoken. */
  readonly dialect: 'cascade' | 'simple' | 'legacy' | 'max-bot' | 'max';
  /** Whether the other side recognises a repeat of the same request id. */
  readonly dropsRepeats: boolean;
  readonly cascadeId?: string;
  /** `subject.type` of the channel, upper case: `WHATSAPP`, `VIBER`, `SMS`, `MAX_BOT`, `MAX`. */
  readonly channelType?: string;
  /** The channel's number and name, where they are known. */
  readonly subjectId?: string;
  readonly subject?: string;
}

/** One message as the messenger gets it. */
export interface Dispatch {
  readonly requestId: RequestId;
  readonly messageId: SourceId;
  readonly content: Content;
  readonly address: string;
  readonly route: Route;
  /** Whose file it is, for a link of ours that takes the place of the file's own. */
  readonly file?: { readonly messageId: number; readonly writtenAt: Date };
}

/** An outgoing message that the messenger's own history holds. */
export interface Found {
  readonly messengerId: string;
  readonly comment?: string;
}

/** The messenger's side of the bridge. Every method throws `DeliveryError` and nothing else. */
export abstract class Messenger {
  /**
   * Which way messages of a conversation go. Answers from memory where it can (one hour).
   * @param fresh asks again, because a way that was taken before turned out to be closed
   */
  abstract route(conversation: Conversation, line: Line, fresh?: boolean): Promise<Route>;

  /**
   * Sends a message to the client. Taken means taken on: whether it arrives is told by receipts.
   * May be repeated with the same request id where `route.dropsRepeats`; nowhere else.
   * @returns the messenger's id of the message, where its answer has one
   */
  abstract send(dispatch: Dispatch, line: Line): Promise<{ messengerId?: string }>;

  /**
   * Outgoing messages in the messenger's history with this address and content, not older than `since`.
   * For a send whose outcome is unknown.
   */
  abstract find(dispatch: Dispatch, since: Date, line: Line): Promise<readonly Found[]>;

  /**
   * What was written by the line's clients, or to them, in the order of its ids, a page at a time. Entries of other
   * lines of the same account may be among them.
   * @param page counted from 0
   */
  abstract history(
    direction: 'inbound' | 'outbound',
    span: Span,
    line: Line,
    page: number,
  ): Promise<Page<MessengerEntry>>;
}

/** An account of the CRM, as far as it can be asked. Without both, nothing can. */
export interface CrmAccount {
  /** `https://{subdomain}.amocrm.ru` or `.kommo.com` */
  readonly baseUrl?: string;
  /** Long-lived or OAuth. */
  readonly token?: string;
}

/** What the CRM knows of itself and its people. */
export abstract class CrmDirectory {
  /**
   * The account's id in the chats interface.
   * @param account where it is, and the token that opens it
   * @throws {DeliveryError}
   */
  abstract amojoId(account: CrmAccount): Promise<string>;
}

/**
 * Scopes that an administrator has taken off their channels: nobody connects them again but an administrator. Outlives
 * the process and holds for every replica. Every method throws `JournalUnavailable` and nothing else.
 */
export abstract class SwitchedOff {
  abstract has(scope: ScopeId): Promise<boolean>;
  /** May be repeated. */
  abstract add(scope: ScopeId): Promise<void>;
  /** May be repeated. */
  abstract remove(scope: ScopeId): Promise<void>;
}

/** What works once, however many processes share the store. */
export abstract class UsedTokens {
  /**
   * @param id of the token, among all there are
   * @param until when it would not be taken anyway
   * @param most so many are kept at a time
   * @returns `too-many` where one more would not be remembered: it counts as not used
   * @throws {JournalUnavailable}
   */
  abstract use(
    id: string,
    times: { readonly now: Date; readonly until: Date; readonly most: number },
  ): Promise<'first' | 'again' | 'too-many'>;
}
