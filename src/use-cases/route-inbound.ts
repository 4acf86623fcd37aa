import { Injectable, Optional } from '@nestjs/common';
import { backOffMs } from '../domain/back-off.js';
import type { Conversation } from '../domain/conversation.js';
import type { DeliveryError } from '../domain/errors.js';
import { isFromApi, isNotice, noticeSourceId } from '../domain/ids.js';
import type { Change, InboundWork } from '../domain/journal.js';
import type { Line } from '../domain/line.js';
import { linkExpiry, MediaLinks, nameInLink } from '../domain/media.js';
import type { Content, Message } from '../domain/message.js';
import { CrmChat, type Delivered } from '../domain/ports.js';
import { substitute, type Reason } from '../domain/reasons.js';
import { Settings } from '../domain/settings.js';
import { LinkContact } from './link-contact.js';
import {
  asFault,
  attemptOf,
  HISTORY_MS,
  POISON_MS,
  type Circumstances,
  type Done,
} from './done.js';

/** Tries within so much time give a file the same link. */
const HOUR_MS = 3_600_000;

/** A client's message, on its way into the CRM. */
@Injectable()
export class RouteInbound {
  constructor(
    private readonly crm: CrmChat,
    private readonly settings: Settings,
    @Optional() private readonly links?: MediaLinks,
    @Optional() private readonly contact?: LinkContact,
  ) {}

  /** Repeats without end what may still pass; what never will leaves a notice in the chat. */
  async execute(read: InboundWork, line: Line, around: Circumstances): Promise<Done> {
    const linking = this.contact?.execute(read, line, around) ?? { kind: 'done' };
    if (linking.kind === 'wait') return linking.done;
    const work = { ...read, message: this.lasting(read, line, around) };
    const done = await this.route(work, line, around);
    if (linking.kind === 'done') return done;
    return { ...done, changes: [...done.changes, { type: 'attempt', attempt: linking.note }] };
  }

  private async route(work: InboundWork, line: Line, around: Circumstances): Promise<Done> {
    const { content } = work.message;
    if (content.kind === 'reaction' && content.emoji === '') {
      return this.takeBack(work, line, around);
    }
    if (work.isSuspect) return this.stepAside(work, line, around);
    try {
      return await this.deliver(work, line);
    } catch (error) {
      const fault = asFault(error);
      if (fault.outcome === 'blocked') return this.later(work, fault, 'waits', around);
      if (fault.outcome === 'rejected') return this.rejected(work, line, around, fault);
      if (!isPoison(work, around)) {
        const why = fault.outcome === 'unknown' ? 'unknown' : 'failed';
        return this.later(work, fault, why, around);
      }
      const isUncertain =
        fault.outcome === 'unknown' || (work.age.unknownMs ?? Infinity) < HISTORY_MS;
      return isUncertain ? this.suspect(work, fault) : this.stepAside(work, line, around, fault);
    }
  }

  /** The message with a link of ours to its file, where the messenger's own would stop working. */
  private lasting(
    { messageId, message }: InboundWork,
    line: Line,
    { now }: Circumstances,
  ): Message {
    const { content, sourceId, sentAt } = message;
    if (!('attachment' in content) || !linkExpiry(content.attachment.url)) return message;
    const { kind, attachment } = content;
    // It is to work for whoever finds it in the chat, which may be days after the client wrote.
    const hour = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
    const since = new Date(Math.max(hour, sentAt.getTime()));
    const file = { messageId, sourceId, direction: 'inbound', since } as const;
    const url = this.links?.to(file, nameInLink(attachment, kind), line);
    return url
      ? { ...message, content: { ...content, attachment: { ...attachment, url } } }
      : message;
  }

  /** A correction takes the place of its message, a reaction stands at its own where that is known; everything else is a message of its own. */
  private async deliver(work: InboundWork, line: Line): Promise<Done> {
    const { message, conversation } = work;
    if (message.edits !== undefined) {
      return handedOver(work, await this.crm.edit(message, conversation, line));
    }
    if (message.content.kind !== 'reaction' || message.quote?.linked === undefined) {
      return linked(work, await this.crm.deliver(message, conversation, line));
    }
    await this.crm.react(message, conversation, line);
    return handedOver(work, NO_MESSAGE);
  }

  /** Told where the CRM knows what it is about, and otherwise nothing but noted: there are no words for it. */
  private async takeBack(work: InboundWork, line: Line, around: Circumstances): Promise<Done> {
    const done = handedOver(work, NO_MESSAGE);
    const { message, conversation } = work;
    if (message.quote?.linked === undefined) {
      return { ...done, attempt: { ...attemptOf(work), outcome: 'noted' } };
    }
    try {
      await this.crm.react(message, conversation, line);
      return done;
    } catch (error) {
      const fault = asFault(error);
      if (fault.outcome === 'blocked') return this.later(work, fault, 'waits', around);
      if (fault.outcome === 'rejected' || isPoison(work, around)) {
        return { ...done, attempt: attemptOf(work, fault), fault };
      }
      return this.later(work, fault, fault.outcome === 'unknown' ? 'unknown' : 'failed', around);
    }
  }

  /** amojo may refuse a repeat of what it has: only the chat's history tells that from a real no. */
  private async rejected(
    work: InboundWork,
    line: Line,
    around: Circumstances,
    fault: DeliveryError,
  ): Promise<Done> {
    try {
      const there = await this.crm.find(work.message, work.conversation, line);
      if (there) return linked(work, there);
      // The history lags behind: a try that ended unknown just now may show up in it yet.
      if (work.age.unknownMs !== undefined && work.age.unknownMs < HISTORY_MS) {
        return { ...this.later(work, fault, 'failed', around), next: { afterMs: HISTORY_MS } };
      }
      return linked(work, await this.deliverLess(work, line, fault));
    } catch (error) {
      const second = asFault(error);
      if (second.outcome === 'rejected') {
        return this.failed(work, second, { key: 'amo-rejected', args: codeOf(second) });
      }
      if (second.outcome === 'blocked') return this.later(work, second, 'waits', around);
      // Refused, and nobody can say more: it does not hold up its lane for ever.
      if (isPoison(work, around)) {
        return this.failed(work, fault, { key: 'amo-rejected', args: codeOf(fault) });
      }
      return this.later(work, second, second.outcome === 'unknown' ? 'unknown' : 'failed', around);
    }
  }

  /** What amojo may have refused is left out, the least first. @throws the last refusal */
  private async deliverLess(
    { message, conversation }: InboundWork,
    line: Line,
    fault: DeliveryError,
  ): Promise<Delivered> {
    let refusal = fault;
    const lesser: readonly (readonly [Message | undefined, Conversation])[] = [
      [withoutLink(message), conversation],
      [unedited(message), conversation],
      [toPlain(message), conversation],
      // The chat a manager had opened may be gone: better in another one than nowhere.
      [
        conversation.toBeLinked ? (unedited(message) ?? message) : undefined,
        unlinked(conversation),
      ],
    ];
    for (const [less, where] of lesser) {
      if (!less) continue;
      try {
        return await this.crm.deliver(less, where, line);
      } catch (error) {
        refusal = asFault(error);
        if (refusal.outcome !== 'rejected') break;
      }
    }
    throw refusal;
  }

  /** The last try may have been taken, and the history lags behind: it is asked later, before this is given up. */
  private suspect(work: InboundWork, fault: DeliveryError): Done {
    const { messageId } = work;
    return {
      changes: [{ type: 'put-off', messageId, kind: 'inbound', why: 'unknown', isSuspect: true }],
      next: { afterMs: HISTORY_MS },
      attempt: attemptOf(work, fault),
      fault,
    };
  }

  /** The CRM takes everything but this one message. */
  private async stepAside(
    work: InboundWork,
    line: Line,
    around: Circumstances,
    last?: DeliveryError,
  ): Promise<Done> {
    // What never may have been taken needs no look.
    const isCertain = !work.isSuspect && work.age.unknownMs === undefined;
    if (isCertain) return this.failed(work, last, { key: 'amo-poison' });
    try {
      const there = await this.crm.find(work.message, work.conversation, line);
      return there ? linked(work, there) : this.failed(work, last, { key: 'amo-poison' });
    } catch (error) {
      const fault = asFault(error);
      const why = fault.outcome === 'blocked' ? 'waits' : 'failed';
      const later = this.later(work, fault, why, around);
      // What was suspected stays so.
      return work.isSuspect ? { ...later, changes: [] } : later;
    }
  }

  private failed(work: InboundWork, fault: DeliveryError | undefined, reason: Reason): Done {
    const { message, messageId } = work;
    // Another program asks what became of its messages; a note that the client wrote would not be true.
    const isNoted = !isNotice(message.sourceId) && !isFromApi(message.sourceId);
    const notice: Message | undefined = !isNoted
      ? undefined
      : {
          sourceId: noticeSourceId(message.sourceId),
          sender: { name: message.sender.name },
          content: { kind: 'text', text: substitute('not-passed-on', this.settings.language) },
          sentAt: message.sentAt,
        };
    return {
      changes: [{ type: 'inbound-failed', messageId, reason, notice }],
      next: 'go-on',
      attempt: fault && attemptOf(work, fault),
      fault,
    };
  }

  private later(
    work: InboundWork,
    fault: DeliveryError,
    why: Extract<Change, { type: 'put-off' }>['why'],
    around: Circumstances,
  ): Done {
    return {
      changes: [{ type: 'put-off', messageId: work.messageId, kind: 'inbound', why }],
      next: { afterMs: backOffMs(work.tries, this.settings.retryMaxMs, around.jitter) },
      attempt: attemptOf(work, fault),
      fault,
    };
  }
}

function isPoison({ age }: InboundWork, around: Circumstances): boolean {
  return around.othersPass && (age.failingMs ?? 0) >= POISON_MS;
}

/**
 * A message that stands in the chat by our own id of it: it joins the chat a manager opened to the client, where it is
 * he who wrote it.
 */
function linked(work: InboundWork, delivered: Delivered): Done {
  const { toBeLinked, chatId } = work.conversation;
  const isLinked = toBeLinked && work.message.author === undefined;
  return handedOver(work, delivered, isLinked ? chatId : undefined);
}

function handedOver(work: InboundWork, delivered: Delivered, linkedChatId?: string): Done {
  const { messageId, conversation, message } = work;
  return {
    changes: [
      {
        type: 'inbound-handed-over',
        messageId,
        conversation: conversation.id,
        delivered,
        linkedChatId,
        ...(message.author && { isImport: true }),
      },
    ],
    next: 'go-on',
    attempt: attemptOf(work),
  };
}

/** A reaction is no message there. */
const NO_MESSAGE: Delivered = { messageId: '' };

function unlinked(conversation: Conversation): Conversation {
  return { ...conversation, toBeLinked: false, chatId: undefined, participantId: undefined };
}

function codeOf(fault: DeliveryError): Record<string, string> {
  const { httpStatus } = fault.details;
  return httpStatus === undefined ? {} : { code: String(httpStatus) };
}

/** amojo links a message of the same chat only, and it may know less of a chat than we do: the quote goes in words. */
function withoutLink(message: Message): Message | undefined {
  if (message.quote?.linked === undefined) return undefined;
  const { text } = message.quote;
  return { ...message, quote: text === undefined ? undefined : { text } };
}

/** A correction of what is not there, or may not be changed any more, is a message of its own. */
function unedited(message: Message): Message | undefined {
  return message.edits === undefined ? undefined : { ...message, edits: undefined };
}

/** The message with nothing in it but words; none where it is just that already. */
function toPlain(message: Message): Message | undefined {
  const { sourceId, sender, content, quote, author, silent, sentAt } = message;
  if (content.kind === 'text' && !quote && !sender.avatarUrl) return undefined;
  return {
    sourceId,
    sender: { name: sender.name },
    content: { kind: 'text', text: inPlainText(content) },
    ...(author && { author }),
    ...(silent !== undefined && { silent }),
    sentAt,
  };
}

function inPlainText(content: Content): string {
  switch (content.kind) {
    case 'text':
      return content.text;
    case 'location':
      return lines(content.address, `${content.latitude}, ${content.longitude}`);
    case 'contact':
      return lines(content.text, `${content.name} ${content.phone}`);
    case 'reaction':
      return content.emoji;
    case 'unsupported':
      return lines(content.text, content.type);
    default:
      return lines(content.caption, content.attachment.name ?? '', content.attachment.url);
  }
}

function lines(...parts: readonly string[]): string {
  return parts.filter((part) => part.trim() !== '').join('\n');
}
