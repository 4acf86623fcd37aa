import { Injectable } from '@nestjs/common';
import { backOffMs } from '../domain/back-off.js';
import { amoMessageIdOf } from '../domain/ids.js';
import type { ReportWork } from '../domain/journal.js';
import type { Line } from '../domain/line.js';
import { CrmChat } from '../domain/ports.js';
import { Settings } from '../domain/settings.js';
import { asFault, attemptOf, POISON_MS, type Circumstances, type Done } from './done.js';

/** A receipt, on its way to the mark on the manager's message. */
@Injectable()
export class SyncStatus {
  constructor(
    private readonly crm: CrmChat,
    private readonly settings: Settings,
  ) {}

  /** A mark that the CRM refuses for good is taken as reported: nobody can do anything about it. */
  async execute(work: ReportWork, line: Line, around: Circumstances): Promise<Done> {
    const { messageId, status, reason, imported } = work;
    const crmMessageId = imported ? imported.crmMessageId : amoMessageIdOf(work.sourceId);
    const message = imported?.message;
    // An error of what we put there ourselves goes with its words, by our own id of it.
    const withWords = message && imported ? { imported: { ...imported, message } } : {};
    const isNamed = Boolean(crmMessageId) || (status === 'failed' && message !== undefined);
    const reported = { type: 'reported', messageId, status } as const;
    // amoCRM has no code for "sent", and a hook without an id has nothing to mark.
    if (status === 'sent' || crmMessageId === undefined || !isNamed) {
      return { changes: [reported], next: 'go-on' };
    }
    try {
      await this.crm.report({ crmMessageId, status, reason, ...withWords }, line);
      return { changes: [reported], next: 'go-on', attempt: attemptOf(work) };
    } catch (error) {
      const fault = asFault(error);
      const attempt = attemptOf(work, fault);
      const isPoison = around.othersPass && (work.age.failingMs ?? 0) >= POISON_MS;
      if (fault.outcome === 'rejected' || (fault.outcome !== 'blocked' && isPoison)) {
        return { changes: [reported], next: 'go-on', attempt, fault };
      }
      const why = fault.outcome === 'blocked' ? 'waits' : 'failed';
      return {
        changes: [{ type: 'put-off', messageId, kind: 'status', why }],
        next: { afterMs: backOffMs(work.tries, this.settings.retryMaxMs, around.jitter) },
        attempt,
        fault,
      };
    }
  }
}
