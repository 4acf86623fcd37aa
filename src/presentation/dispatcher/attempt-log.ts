import { plainError } from '../plain-error.js';
import { Injectable, Logger } from '@nestjs/common';
import type { Attempt, Work } from '../../domain/journal.js';
import type { Done } from '../../use-cases/done.js';
import { Meter } from '../meter.js';

/** One line for each try, and its counters. No text, phone, name or key: ids of rows, codes and times. */
@Injectable()
export class AttemptLog {
  private readonly logger = new Logger('Attempt');

  constructor(private readonly meter: Meter) {}

  one(work: Work, done: Done, attempt: Attempt | undefined): void {
    this.count(work, done);
    if (!attempt) return;
    this.meter.attempted(work.kind, attempt.outcome, attempt.durationMs);
    const facts = {
      msg: `${work.kind} ${attempt.outcome}`,
      message: work.messageId,
      conversation: 'conversation' in work ? work.conversation.id : undefined,
      side: work.kind === 'outbound' ? 'edna' : 'amocrm',
      attempt: work.tries + 1,
      outcome: attempt.outcome,
      http: attempt.httpStatus,
      error: attempt.error,
      ms: Math.round(attempt.durationMs),
    };
    if (attempt.outcome === 'taken' || attempt.outcome === 'noted') this.logger.log(facts);
    else this.logger.warn(facts);
    if (done.fault?.message.startsWith('mistake of ours')) {
      this.logger.error({ msg: 'a mistake of ours', error: plainError(done.fault.cause) });
    }
  }

  gaveUp(work: Work, done: Done): void {
    this.count(work, done);
    this.logger.warn({ msg: `${work.kind} given up`, message: work.messageId });
  }

  private count(work: Work, done: Done): void {
    for (const change of done.changes) {
      if (change.type === 'inbound-handed-over' || change.type === 'outbound-handed-over') {
        this.meter.handedOver(work.kind, work.age.waitedMs);
      } else if (change.type === 'inbound-failed' || change.type === 'outbound-failed') {
        this.meter.failed(work.kind, change.reason.key);
      }
    }
  }
}
