import { Injectable } from '@nestjs/common';
import { Stories } from '../domain/api.js';
import { CrmContacts, NotInCrm, type Contact } from '../domain/contacts.js';
import { isPhone, type Conversation } from '../domain/conversation.js';
import { DeliveryError, JournalUnavailable } from '../domain/errors.js';
import type { Attempt, InboundWork } from '../domain/journal.js';
import { Lines, type Line } from '../domain/line.js';
import { CrmChat } from '../domain/ports.js';
import { asFault, attemptOf, type Circumstances, type Done } from './done.js';

/** So often, and for so long, the CRM is asked who a client is; then his message goes, and the CRM decides. */
const TRIES = 3;
const PATIENCE_MS = 30_000;
const PAUSE_MS = 5_000;

/**
 * Clients of one account who are asked about at once. A client takes up to four questions, and the account answers
 * seven a second: were a thousand asked about at once, each one's second question would stand behind all first ones, and
 * nobody would be found in time.
 */
const MOST_ASKED = 8;

/** Nobody came back for an answer so long: the chats were away, or another replica has the lane. It is too old then. */
const FORGET_MS = 10 * 60_000;

/** Answers come within a quarter of a second; the lane is looked at again as soon, and holds no slot meanwhile. */
const FIRST_LOOK_MS = 150;
const LOOK_MS = 500;
/** A thousand at once, each of which looks twice a second, would keep the journal busy with looking. */
const LOOK_EACH_MS = 2;

/** Who wrote on another channel so shortly before may not have the card yet that amoCRM makes of it. */
const TWIN_MS = 2 * 60_000;

/** Clients whose first message has been seen to. It only saves questions: asked again, the answer is the same. */
const MOST_REMEMBERED = 10_000;

/** What is to be done before a client's message, or was. */
export type Linking =
  | { readonly kind: 'done' }
  /** The CRM could not be asked; the message goes all the same. */
  | { readonly kind: 'left-to-crm'; readonly note: Attempt }
  | { readonly kind: 'wait'; readonly done: Done };

interface Effort {
  readonly sinceMs: number;
  tries: number;
  state: 'queued' | 'asking' | 'asked' | 'failed';
  fault?: DeliveryError;
  /** The message has gone without it: what is still being asked changes nothing any more. */
  isOver?: boolean;
  /** When a failed one may be begun again. */
  againAtMs: number;
}

/**
 * Puts the chat of a client whom the CRM knows into his card before his first message arrives: a message in a chat
 * without a card opens a second contact and a second lead. Who is not known there is left to the CRM, which makes the
 * contact and the incoming lead. The asking goes on beside the lane, so that however slow the CRM's cards are, its
 * chats are not.
 */
@Injectable()
export class LinkContact {
  private readonly settled = new Set<number>();
  private readonly efforts = new Map<number, Effort>();
  /** How many clients of an account are being asked about. */
  private readonly asked = new Map<string, number>();

  constructor(
    private readonly chat: CrmChat,
    private readonly contacts: CrmContacts,
    private readonly stories: Stories,
    private readonly lines: Lines,
  ) {}

  /** Returns at once; asks to be called again while the answer is on its way. */
  execute(work: InboundWork, line: Line, { now }: Circumstances): Linking {
    if (!this.isNeeded(work, line)) return DONE;
    const { id } = work.conversation;
    const nowMs = now.getTime();
    this.forget(nowMs);
    const effort = this.efforts.get(id) ?? this.begin(id, nowMs);
    if (effort.state === 'asked') return this.settle(id, DONE);
    const leftMs = effort.sinceMs + PATIENCE_MS - nowMs;
    if (leftMs <= 0 || isInVain(effort, leftMs)) return this.settle(id, left(work, effort, now));
    if (effort.state !== 'asking' && nowMs >= effort.againAtMs) this.ask(effort, work, line, nowMs);
    const lookMs = Math.min(LOOK_MS + LOOK_EACH_MS * this.efforts.size, leftMs);
    const afterMs = nowMs === effort.sinceMs ? FIRST_LOOK_MS : lookMs;
    return { kind: 'wait', done: { changes: [], next: { afterMs } } };
  }

  /**
   * A chat that the client has written to, or that a manager opened, has its card; and what is put there in the
   * company's name is no client's.
   */
  private isNeeded({ message, conversation }: InboundWork, line: Line): boolean {
    const { id, chatId, toBeLinked, isUnmet, address } = conversation;
    return (
      (chatId === undefined || isUnmet === true) &&
      !toBeLinked &&
      line.amo.knownClient !== 'let-amo' &&
      message.edits === undefined &&
      message.author === undefined &&
      isPhone(address) &&
      !this.settled.has(id) &&
      this.contacts.isOpen(line)
    );
  }

  private begin(conversation: number, nowMs: number): Effort {
    const effort: Effort = { sinceMs: nowMs, tries: 0, state: 'queued', againAtMs: nowMs };
    this.efforts.set(conversation, effort);
    return effort;
  }

  /** Unless as many are being asked about as may be: then at one of the next looks. */
  private ask(effort: Effort, work: InboundWork, line: Line, nowMs: number): void {
    const { accountId } = line.amo;
    const asked = this.asked.get(accountId) ?? 0;
    if (asked >= MOST_ASKED) return;
    this.asked.set(accountId, asked + 1);
    effort.state = 'asking';
    effort.tries += 1;
    effort.againAtMs = nowMs + PAUSE_MS;
    const over = (state: Effort['state']) => {
      effort.state = state;
      this.asked.set(accountId, (this.asked.get(accountId) ?? 1) - 1);
    };
    this.link(effort, work, line, nowMs).then(
      () => over('asked'),
      (error: unknown) => {
        over('failed');
        effort.fault = faultOf(error);
      },
    );
  }

  private async link(
    effort: Effort,
    { message, conversation }: InboundWork,
    line: Line,
    nowMs: number,
  ): Promise<void> {
    const known = bestOf(await this.contacts.withPhone(conversation.address, line));
    const contactId = known?.id ?? (await this.cardOfTwin(conversation, line, nowMs));
    if (contactId === undefined || effort.isOver) return;
    const { chatId } = await this.chat.openChat(conversation, message.sender, line);
    // Somebody may have moved the chat into another card since: that is a person's decision.
    if ((await this.contacts.ofChat(chatId, line)) !== undefined || effort.isOver) return;
    await this.contacts.linkChat(chatId, contactId, line);
  }

  /**
   * The card that the CRM has made of the same client's message on another channel of the account, be it a moment ago.
   * Of two first messages at once the conversation that was there first goes ahead.
   * @throws {DeliveryError} the card may be there in a moment
   */
  private async cardOfTwin(
    { id, address }: Conversation,
    line: Line,
    nowMs: number,
  ): Promise<number | undefined> {
    const keys = this.lines.all
      .filter(({ amo }) => amo.accountId === line.amo.accountId)
      .map(({ key }) => key);
    const his = await this.stories.conversations('address', address, keys);
    const twins = his.filter((one) => one.id < id);
    for (const { chatId } of twins) {
      const card = chatId === undefined ? undefined : await this.contacts.ofChat(chatId, line);
      if (card !== undefined) return card;
    }
    const isJustMet = ({ lastInboundAt }: Conversation) =>
      lastInboundAt !== undefined && nowMs - lastInboundAt.getTime() < TWIN_MS;
    if (!twins.some(isJustMet)) return undefined;
    throw new DeliveryError('not-sent', 'amoCRM has not made the card of his other chat yet');
  }

  /** The oldest come first: none is put in again before it has gone. */
  private forget(nowMs: number): void {
    for (const [conversation, effort] of this.efforts) {
      if (nowMs - effort.sinceMs < FORGET_MS) return;
      this.drop(conversation);
    }
  }

  private drop(conversation: number): void {
    const effort = this.efforts.get(conversation);
    if (effort) effort.isOver = true;
    this.efforts.delete(conversation);
  }

  private settle(conversation: number, linking: Linking): Linking {
    this.drop(conversation);
    if (this.settled.size >= MOST_REMEMBERED) this.settled.clear();
    this.settled.add(conversation);
    return linking;
  }
}

/**
 * A no that says nothing of the moment is not asked for again: the key, the rights, the bill. Nor is anything once no
 * answer would come in time: where many wait, it would only take the turn of somebody it is of use to.
 */
function isInVain({ state, tries, fault }: Effort, leftMs: number): boolean {
  if (state === 'queued') return leftMs <= PAUSE_MS;
  if (state !== 'failed') return false;
  const mayPass = fault?.outcome === 'not-sent' || fault?.outcome === 'unknown';
  return !mayPass || tries >= TRIES || leftMs <= PAUSE_MS;
}

function faultOf(error: unknown): DeliveryError {
  // A card that was deleted meanwhile, a chat that the cards do not know: asked again, the answer is the same.
  if (error instanceof NotInCrm) return new DeliveryError('rejected', error.message);
  // Nobody waits for this to be thrown to; the lane itself finds out.
  if (error instanceof JournalUnavailable) return new DeliveryError('not-sent', error.message);
  return asFault(error);
}

const DONE: Linking = { kind: 'done' };

/** Of several cards with one number the one that is worked on, else the one that was changed last. */
function bestOf(contacts: readonly Contact[]): Contact | undefined {
  const [best] = contacts.toSorted(
    (one, other) =>
      Number(other.hasOpenLead) - Number(one.hasOpenLead) ||
      other.changedAt.getTime() - one.changedAt.getTime() ||
      one.id - other.id,
  );
  return best;
}

function left(work: InboundWork, { fault }: Effort, at: Date): Linking {
  const why = fault?.message ?? 'no answer in time';
  const error = `contact not looked up, left to amoCRM: ${why}`;
  return {
    kind: 'left-to-crm',
    note: {
      ...attemptOf(work, fault),
      outcome: fault?.outcome ?? 'not-sent',
      at,
      durationMs: 0,
      error,
    },
  };
}
