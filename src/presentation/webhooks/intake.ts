import { Injectable, Logger, Optional } from '@nestjs/common';
import {
  type Arrival,
  type Filed,
  Journal,
  type QuarantineEvent,
  UPSTREAM,
  type Upstream,
} from '../../domain/journal.js';
import { TemplateNews } from '../template-news.js';
import { type Reading, quarantine } from './reading.js';

/** Told that there is new work. */
export abstract class Waker {
  /**
   * Returns at once, throws never, and may be called at any time.
   * @param upstreams where there may be; to both if left out
   */
  abstract wake(upstreams?: readonly Upstream[]): void;
}

/** Counts what comes in. */
export abstract class IntakeMeter {
  /**
   * @param kind the type of the event, or `ignored`
   * @param filed what became of it; of what was ignored, why
   */
  abstract count(side: 'edna' | 'amocrm' | 'api', kind: string, filed: string): void;
}

/** One element of a webhook and what its mapper makes of it. */
export type Received = Omit<Arrival, 'event'> & { readonly event: Reading };

/** The one way in: what a webhook brought is safe once this resolves. */
@Injectable()
export class Intake {
  private readonly logger = new Logger(Intake.name);

  constructor(
    private readonly journal: Journal,
    private readonly waker: Waker,
    private readonly meter: IntakeMeter,
    @Optional() private readonly templates?: TemplateNews,
  ) {}

  /**
   * Files what is to be filed, in order, and leaves the rest; then wakes the dispatcher.
   * @returns what became of each that was not ignored
   * @throws JournalUnavailable, and then nothing is filed
   */
  async accept(received: readonly Received[]): Promise<readonly Filed[]> {
    const arrivals = received.filter(isArrival);
    const filed = arrivals.length > 0 ? await this.journal.accept(arrivals) : [];
    const upstreams = new Set(arrivals.flatMap(({ event }, i) => sidesOf(event, filed[i])));
    if (upstreams.size > 0) this.waker.wake([...upstreams]);
    arrivals.forEach((arrival, i) => this.note(arrival, filed[i] ?? 'unknown'));
    received.forEach((one) => this.noteIgnored(one));
    return filed;
  }

  private note({ event, origin }: Arrival, filed: Filed): void {
    this.meter.count(origin.webhook, event.type, filed);
    if (filed !== 'quarantined') return;
    const reason = event.type === 'quarantine' ? event.reason : 'refused by the store';
    this.logger.warn({ msg: 'quarantined', side: origin.webhook, reason });
  }

  private noteIgnored({ event, origin }: Received): void {
    if (event.type !== 'ignored') return;
    this.meter.count(origin.webhook, event.type, event.why);
    if (event.template) this.templates?.tell(event.lines ?? [], event.template);
    if (event.why === 'unknown-status') {
      this.logger.warn({ msg: event.why, side: origin.webhook, status: event.detail });
    }
  }
}

/** Where something may be due now. A receipt may let go on what waited for it in the other direction. */
function sidesOf({ type }: Arrival['event'], filed: Filed | undefined): readonly Upstream[] {
  if (filed === 'repeat' || filed === 'quarantined') return [];
  if (type === 'inbound' || type === 'outbound') return [UPSTREAM[type]];
  return ['crm', 'messenger'];
}

function isArrival(received: Received): received is Arrival {
  return received.event.type !== 'ignored';
}

const logger = new Logger('Webhook');

/**
 * Reads one element. A fault of ours in reading it keeps that element for the operator and hurts no other one: the
 * platforms do not send it again because we mend our code.
 */
export function standingAlone<Read>(read: () => Read): Read | QuarantineEvent {
  try {
    return read();
  } catch (fault) {
    logger.error({ msg: 'an element could not be read', at: placesIn(fault) });
    return quarantine('fault');
  }
}

/** Where it happened. What it says may quote the message. */
function placesIn(fault: unknown): readonly string[] {
  const lines = fault instanceof Error ? (fault.stack ?? '').split('\n') : [];
  return lines.map((line) => line.trim()).filter((line) => line.startsWith('at '));
}
