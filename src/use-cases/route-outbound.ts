import { Injectable } from '@nestjs/common';
import { backOffMs } from '../domain/back-off.js';
import { JournalUnavailable, type DeliveryError } from '../domain/errors.js';
import { comment } from '../domain/ids.js';
import { Journal, type Change, type OutboundWork, type Part } from '../domain/journal.js';
import type { Line } from '../domain/line.js';
import { fileOf, toParts } from '../domain/message.js';
import { Messenger, type Dispatch, type Route } from '../domain/ports.js';
import type { Reason } from '../domain/reasons.js';
import { isWindowClosed } from '../domain/session-window.js';
import { Settings } from '../domain/settings.js';
import { asFault, attemptOf, HISTORY_MS, type Circumstances, type Done } from './done.js';
import { BLOCKED_MS, GiveUpOutbound } from './give-up-outbound.js';

/** When the history is asked for the last time, counted from the send whose outcome is unknown. */
const LAST_LOOKUP_MS = 60_000;

/** How often a channel that is closed is tried within its minute. */
const CHANNEL_AGAIN_MS = 15_000;

/** When a send is looked at again that could not be begun. */
const NOT_BEGUN_MS = 1_000;

/** How far the messenger's clock may be behind ours. */
const CLOCK_SKEW_MS = 2 * 60_000;

/** A manager's message, on its way to the client: one part at a time. */
@Injectable()
export class RouteOutbound {
  constructor(
    private readonly messenger: Messenger,
    private readonly journal: Journal,
    private readonly giveUp: GiveUpOutbound,
    private readonly settings: Settings,
  ) {}

  async execute(work: OutboundWork, line: Line, around: Circumstances): Promise<Done> {
    const echo = this.giveUp.echo(work);
    if (echo) return echo;
    const done = await this.move(work, line, around);
    const isLost = done.changes.some(({ type }) => type === 'outbound-failed');
    const { content } = work.message;
    // Another file of its group may have its caption now: what was read of the lane is not as it was.
    const isRead = !isLost || !('attachment' in content) || content.caption === '';
    return isRead ? done : { ...done, next: { afterMs: 0 } };
  }

  private async move(work: OutboundWork, line: Line, around: Circumstances): Promise<Done> {
    const part = work.parts.find(({ state }) => state === 'waiting');
    // Receipts may have proved that everything was taken, though no answer said so.
    if (!part) return { changes: [handedOver(work)], next: 'go-on' };
    if (work.conversation.address === '') return this.failed(work, part, { key: 'bad-number' });
    const before = work.parts.find(
      ({ number, status }) => number < part.number && status === 'failed',
    );
    if (before) return this.failed(work, part, before.reason ?? { key: 'file-failed' });
    // A blocked way is tried before it is given up: this may be the try that finds it open again.
    const tooLate = this.giveUp.execute(work, {});
    if (tooLate) return tooLate;

    const mayBeThere = part.begun || part.unknownMs !== undefined;
    try {
      if (mayBeThere && part.route && !part.route.dropsRepeats) {
        return await this.lookUp(work, part, part.route, line, around);
      }
      // What is known of a way that was closed is not worth a try: this one is to find out.
      const fresh = around.blocked !== undefined;
      const route = part.route ?? (await this.messenger.route(work.conversation, line, fresh));
      // A try that may have been taken in time is not called off.
      if (!mayBeThere && isTooLate(work, part, route, line, around)) {
        return this.failed(work, part, { key: 'window-closed' });
      }
      return await this.send(work, part, route, line, around);
    } catch (error) {
      return this.stopped(work, part, asFault(error), around);
    }
  }

  private async send(
    work: OutboundWork,
    part: Part,
    route: Route,
    line: Line,
    around: Circumstances,
  ): Promise<Done> {
    const isKept = await this.begin(work, part, route);
    if (!isKept || !around.mayBegin()) {
      const isTraced = part.begun || !route.dropsRepeats;
      const changes: Change[] = isTraced ? [{ type: 'part-not-begun', partId: part.id }] : [];
      return { changes, next: { afterMs: isKept ? 0 : NOT_BEGUN_MS } };
    }
    try {
      const { messengerId } = await this.messenger.send(toDispatch(work, part, route), line);
      return this.taken(work, part, messengerId);
    } catch (error) {
      const fault = asFault(error);
      if (fault.outcome === 'unknown') return this.unknown(work, part, route, fault, around);
      // A no to the way itself proves that nothing was sent by it: another way may be tried at once,
      // unless an earlier try by this one may have gone through.
      const proven = fault.outcome === 'blocked' && !part.begun && part.unknownMs === undefined;
      const other = proven ? await this.otherWay(work, route, line) : undefined;
      if (!other) return this.stopped(work, part, fault, around);
      const refused = { ...part, route: undefined, begun: !route.dropsRepeats };
      return this.send(work, refused, other, line, around);
    }
  }

  /**
   * Keeps the way before its first send, and every send that cannot be repeated.
   * @returns false where that could not be committed in time; it may be there all the same
   */
  private async begin(work: OutboundWork, part: Part, route: Route): Promise<boolean> {
    if (part.route && route.dropsRepeats) return true;
    const { messageId, conversation } = work;
    try {
      await this.journal.begin({ messageId, partId: part.id, conversation }, route);
      return true;
    } catch (error) {
      if (error instanceof JournalUnavailable) return false;
      throw error;
    }
  }

  private async otherWay(
    { conversation }: OutboundWork,
    route: Route,
    line: Line,
  ): Promise<Route | undefined> {
    try {
      const other = await this.messenger.route(conversation, line, true);
      const same = other.dialect === route.dialect && other.cascadeId === route.cascadeId;
      return same ? undefined : other;
    } catch {
      return undefined;
    }
  }

  private taken(work: OutboundWork, part: Part, messengerId?: string): Done {
    const { messageId } = work;
    const rest = work.parts.filter(({ id, state }) => id !== part.id && state === 'waiting');
    const changes: Change[] = [
      { type: 'part-handed-over', messageId, partId: part.id, messengerId },
    ];
    if (rest.length === 0) changes.push(handedOver(work));
    // edna fetches the file after its answer; what follows must not overtake it.
    const waits = 'attachment' in contentOf(work, part);
    return {
      changes,
      next: waits ? { afterMs: this.settings.attachmentWaitMs, forReceiptOf: part.id } : 'go-on',
      attempt: attemptOf(work, undefined, part.id),
    };
  }

  private unknown(
    work: OutboundWork,
    part: Part,
    route: Route,
    fault: DeliveryError,
    around: Circumstances,
  ): Done {
    return {
      ...this.later(work, part, fault, 'unknown', around),
      ...(route.dropsRepeats ? {} : { next: { afterMs: HISTORY_MS } }),
    };
  }

  /** For a send that may have been taken and must not be repeated: the messenger's own history knows. */
  private async lookUp(
    work: OutboundWork,
    part: Part,
    route: Route,
    line: Line,
    around: Circumstances,
  ): Promise<Done> {
    const { messageId } = work;
    if (part.unknownMs === undefined) {
      return {
        changes: [
          { type: 'put-off', messageId, kind: 'outbound', partId: part.id, why: 'unknown' },
        ],
        next: { afterMs: HISTORY_MS },
        attempt: { ...attemptOf(work, undefined, part.id), outcome: 'unknown', error: CUT_SHORT },
      };
    }
    if (part.unknownMs < HISTORY_MS) {
      return { changes: [], next: { afterMs: HISTORY_MS - part.unknownMs } };
    }
    const found = await this.found(work, part, route, line, around);
    if (found) return this.taken(work, part, found.messengerId);
    if (part.unknownMs >= LAST_LOOKUP_MS) {
      return this.failed(work, part, { key: 'unknown-outcome' });
    }
    return {
      changes: [{ type: 'part-looked-up', partId: part.id }],
      next: { afterMs: LAST_LOOKUP_MS - part.unknownMs },
    };
  }

  /** What the history holds of this part: one item that is nobody else's. */
  private async found(
    work: OutboundWork,
    part: Part,
    route: Route,
    line: Line,
    around: Circumstances,
  ): Promise<{ messengerId?: string } | undefined> {
    const withinMs = work.age.waitedMs + CLOCK_SKEW_MS;
    const since = new Date(around.now.getTime() - withinMs);
    const dispatch = toDispatch(work, part, route);
    const all = await this.messenger.find(dispatch, since, line);
    const own = comment(work.message.sourceId);
    const ours = all.filter((item) => item.comment === own);
    const maybe = ours.length > 0 ? ours : all.filter((item) => item.comment === undefined);
    const ids = maybe.map(({ messengerId }) => messengerId);
    const owned = await this.journal.owned(line.key, ids);
    const free = maybe.filter(({ messengerId }) => !owned.has(messengerId));
    if (free.length === 0) return undefined;
    if (ours.length > 0) return free.length === 1 ? free[0] : undefined;
    // Others that say the same went out by ways that named none of them: some of these items are theirs.
    const others = await this.journal.takenUnnamed(
      { partId: part.id, conversation: work.conversation.id, content: dispatch.content },
      withinMs,
    );
    if (free.length !== others + 1) return undefined;
    return others === 0 ? free[0] : {};
  }

  /** Where a request did not go through, and nothing is uncertain about it. */
  private stopped(
    work: OutboundWork,
    part: Part,
    fault: DeliveryError,
    around: Circumstances,
  ): Done {
    if (fault.outcome === 'rejected') {
      const reason = fault.details.reason ?? { key: 'not-accepted' };
      return {
        ...this.failed(work, part, reason),
        attempt: attemptOf(work, fault, part.id),
        fault,
      };
    }
    if (fault.details.concernsChannel) return this.channelClosed(work, part, fault, around);
    const givenUp = fault.outcome === 'blocked' ? this.giveUp.execute(work, around) : undefined;
    if (givenUp) return { ...givenUp, attempt: attemptOf(work, fault, part.id), fault };
    const why = fault.outcome === 'blocked' ? 'waits' : 'failed';
    return this.later(work, part, fault, why, around);
  }

  /** The line's other channels go on, so no gate is shut: this message has its minute by itself. */
  private channelClosed(
    work: OutboundWork,
    part: Part,
    fault: DeliveryError,
    around: Circumstances,
  ): Done {
    if ((work.age.failingMs ?? 0) >= BLOCKED_MS) {
      const isUncertain = part.begun || part.unknownMs !== undefined;
      const closed = fault.details.reason ?? { key: 'channel-off' };
      return {
        ...this.failed(work, part, isUncertain ? { key: 'unknown-outcome' } : closed),
        attempt: attemptOf(work, fault, part.id),
        fault,
      };
    }
    const later = this.later(work, part, fault, 'failed', around);
    return { ...later, next: { afterMs: CHANNEL_AGAIN_MS } };
  }

  private failed({ messageId }: OutboundWork, part: Part, reason: Reason): Done {
    return {
      changes: [{ type: 'outbound-failed', messageId, partId: part.id, reason }],
      next: 'go-on',
    };
  }

  private later(
    work: OutboundWork,
    part: Part,
    fault: DeliveryError,
    why: Extract<Change, { type: 'put-off' }>['why'],
    around: Circumstances,
  ): Done {
    const { messageId } = work;
    return {
      changes: [{ type: 'put-off', messageId, kind: 'outbound', partId: part.id, why }],
      next: { afterMs: backOffMs(work.tries, this.settings.retryMaxMs, around.jitter) },
      attempt: attemptOf(work, fault, part.id),
      fault,
    };
  }
}

const CUT_SHORT = 'the process ended before an answer was recorded';

function handedOver({ messageId }: OutboundWork): Change {
  return { type: 'outbound-handed-over', messageId };
}

function contentOf({ message }: OutboundWork, part: Part) {
  return toParts(message.content)[part.number - 1] ?? message.content;
}

/** Free text outside the window is refused by the messenger: it is not even asked, and the manager knows at once. */
function isTooLate(
  work: OutboundWork,
  part: Part,
  { channelType }: Route,
  line: Line,
  { now }: Circumstances,
): boolean {
  return isWindowClosed(contentOf(work, part), work.conversation, line.edna, channelType, now);
}

function toDispatch(work: OutboundWork, part: Part, route: Route): Dispatch {
  const content = contentOf(work, part);
  const { messageId, message } = work;
  return {
    requestId: part.requestId,
    messageId: message.sourceId,
    content,
    address: work.conversation.address,
    route,
    ...(fileOf(content) && { file: { messageId, writtenAt: message.sentAt } }),
  };
}
