import { plainError } from '../plain-error.js';
import { Injectable, Logger } from '@nestjs/common';
import { Journal, LEASE_MS } from '../../domain/journal.js';
import { Alarm } from './alarm.js';

/** The longest request (6 s), and 5 s to write down what came of it. */
const ATTEMPT_MS = 6_000 + 5_000;

/** With the two above, a renewal may be a second late before sends have to wait for it. */
const RENEW_MS = 3_000;

/** This process's word that it lives. Without it no request is begun: another process may have taken over. */
@Injectable()
export class Lease {
  private readonly logger = new Logger(Lease.name);
  private renewedAt: number;
  private timer: { cancel(): void } | undefined;

  constructor(
    private readonly journal: Journal,
    private readonly alarm: Alarm,
  ) {
    this.renewedAt = alarm.now();
  }

  /** Whether a request that begins now ends, and is written down, before anybody else may think us dead. */
  covers(): boolean {
    return this.alarm.now() - this.renewedAt < LEASE_MS - ATTEMPT_MS;
  }

  keep(): void {
    this.timer = this.alarm.after(RENEW_MS, () => {
      void this.renew().then(() => {
        if (this.timer) this.keep();
      });
    });
  }

  end(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }

  private async renew(): Promise<void> {
    const beganAt = this.alarm.now();
    try {
      await this.journal.renew();
      this.renewedAt = beganAt;
    } catch (error) {
      this.logger.error({ msg: 'the journal does not answer', error: plainError(error) });
    }
  }
}
