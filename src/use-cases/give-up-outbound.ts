import { Injectable } from '@nestjs/common';
import type { OutboundWork } from '../domain/journal.js';
import { inWords } from '../domain/message.js';
import type { Reason } from '../domain/reasons.js';
import { Settings } from '../domain/settings.js';
import type { Circumstances, Done } from './done.js';

/** How long a manager's message waits for a messenger that refuses everything: the manager is there and can call. */
export const BLOCKED_MS = 60_000;

/**
 * How long a manager's message waits for one with the same words that another program puts into the same chat: that one
 * has long had its answer by then, or the CRM is down, and sends no hooks.
 */
const ECHO_MS = 60_000;
const ECHO_AGAIN_MS = 250;

/** A manager's message that has waited too long to be sent any more. */
@Injectable()
export class GiveUpOutbound {
  constructor(private readonly settings: Settings) {}

  /** What the CRM only shows us is not sent; what it may only show us waits until that is known. */
  echo({ messageId, echo, age }: OutboundWork): Done | undefined {
    if (echo === 'certain') {
      return { changes: [{ type: 'outbound-was-echo', messageId }], next: 'go-on' };
    }
    if (echo === 'possible' && age.waitedMs < ECHO_MS) {
      return { changes: [], next: { afterMs: ECHO_AGAIN_MS } };
    }
    return undefined;
  }

  /** Without any request; nothing where the message may go on waiting. */
  execute(work: OutboundWork, around: Pick<Circumstances, 'blocked'>): Done | undefined {
    const echo = this.echo(work);
    // To be looked at again: the lane is given back as it is.
    if (echo) return echo.changes.length > 0 ? echo : undefined;
    const part = work.parts.find(({ state }) => state === 'waiting');
    const reason = this.reason(work, around.blocked);
    if (!part || !reason) return undefined;
    const uncertain = part.begun || part.unknownMs !== undefined;
    return {
      changes: [
        {
          type: 'outbound-failed',
          messageId: work.messageId,
          partId: part.id,
          reason: uncertain ? { key: 'unknown-outcome' } : reason,
        },
      ],
      next: 'go-on',
    };
  }

  private reason(
    { age: { waitedMs } }: OutboundWork,
    blocked: Circumstances['blocked'],
  ): Reason | undefined {
    if (blocked && Math.min(waitedMs, blocked.forMs) >= BLOCKED_MS) {
      return blocked.reason ?? { key: 'edna-refused' };
    }
    if (waitedMs < this.settings.outboundTtlMs) return undefined;
    const time = inWords({ minutes: waitedMs / 60_000 }, this.settings.language);
    return { key: 'gave-up', args: { time } };
  }
}
