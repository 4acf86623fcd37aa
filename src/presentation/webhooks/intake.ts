import { Injectable, Logger, Optional } from '@nestjs/common';
import { type Arrival, type Filed, Journal, type QuarantineEvent } from '../../domain/journal.js';
import { placesIn } from '../../domain/places.js';
import { TemplateNews } from '../template-news.js';
import { Filing } from './filing.js';
import { IntakeMeter } from './intake-meter.js';
import { type Reading, quarantine } from './reading.js';

/** One element of a webhook and what its mapper makes of it. */
export type Received = Omit<Arrival, 'event'> & { readonly event: Reading };

/** The one way in: what a webhook brought is safe once this resolves. */
@Injectable()
export class Intake {
  private readonly logger = new Logger(Intake.name);

  constructor(
    private readonly journal: Journal,
    private readonly filing: Filing,
    private readonly meter: IntakeMeter,
    @Optional() private readonly templates?: TemplateNews,
  ) {}

  /**
   * Keeps what is to be filed, in order, and leaves the rest. For those who wait for an answer and want no more than that.
   * @throws JournalUnavailable, and then nothing need be kept
   */
  async receive(received: readonly Received[]): Promise<void> {
    const arrivals = received.filter(isArrival);
    if (arrivals.length > 0) {
      await this.filing.room();
      await this.journal.receive(arrivals, () => this.filing.received());
    }
    received.forEach((one) => this.noteIgnored(one));
  }

  /**
   * Files what is to be filed, in order and after all that was received before, and leaves the rest; then wakes the
   * dispatcher.
   * @returns what became of each that was not ignored
   * @throws JournalUnavailable, and then none of these is filed
   */
  async accept(received: readonly Received[]): Promise<readonly Filed[]> {
    const arrivals = received.filter(isArrival);
    await this.filing.fileAll();
    const filed = arrivals.length > 0 ? await this.journal.accept(arrivals) : [];
    this.filing.report(arrivals.map((arrival, i) => ({ arrival, filed: filed[i] ?? 'unknown' })));
    received.forEach((one) => this.noteIgnored(one));
    return filed;
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
