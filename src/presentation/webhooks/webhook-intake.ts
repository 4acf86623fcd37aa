import { Injectable } from '@nestjs/common';
import type { Arrival, Event, Filed, Origin } from '../../domain/journal.js';
import { Lines } from '../../domain/line.js';
import type { LateIntake } from '../../domain/reconciliation.js';
import { toEvent as fromAmocrm } from './amocrm-webhook.mapper.js';
import { toEvents as fromEdna } from './edna-webhook.mapper.js';
import { Filing } from './filing.js';
import { Intake, standingAlone } from './intake.js';
import type { Reading } from './reading.js';

/** Bodies that their platform did not post, or that nobody took, on the way that they should have come. */
@Injectable()
export class WebhookIntake implements LateIntake {
  constructor(
    private readonly lines: Lines,
    private readonly intake: Intake,
    private readonly filing: Filing,
  ) {}

  read({ webhook, scopeId }: Origin, body: object, at: Date): readonly Event[] {
    const { lines } = this;
    const read = standingAlone<Reading | readonly Reading[]>(() =>
      webhook === 'edna'
        ? fromEdna(body, { lines, opened: lines.all, at })
        : fromAmocrm(body, { scopeId, lines, signers: lines.all, at }),
    );
    return [read].flat().filter((one): one is Event => one.type !== 'ignored');
  }

  /** The journal has all that was received by now when it ends. @throws JournalUnavailable */
  fileAll(): Promise<void> {
    return this.filing.fileAll();
  }

  accept(arrivals: readonly Arrival[]): Promise<readonly Filed[]> {
    return this.intake.accept(arrivals);
  }
}
