import { Injectable, Logger } from '@nestjs/common';
import { AccessEvents } from '../domain/crm-access.js';
import { Meter } from './meter.js';

/** What happens to the access to accounts, in the log and in the metrics. */
@Injectable()
export class AccessLog {
  private readonly logger = new Logger(AccessLog.name);

  constructor(events: AccessEvents, meter: Meter) {
    events.listen(({ event, account, why }) => {
      meter.accessChanged(event);
      const entry = { msg: 'amocrm oauth', event, account, ...(why !== undefined && { why }) };
      if (event === 'auth-failed' || event === 'consent-refused') this.logger.warn(entry);
      else this.logger.log(entry);
    });
  }
}
