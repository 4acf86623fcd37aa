import { plainError } from '../plain-error.js';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Journal } from '../../domain/journal.js';
import { Lines } from '../../domain/line.js';
import { Settings } from '../../domain/settings.js';
import { WebhookSettings } from '../webhooks/webhook-settings.js';
import { Alarm } from './alarm.js';
import { Dispatcher } from './dispatcher.js';

const HOUR_MS = 60 * 60_000;

/** What is done beside the messages: old contents are forgotten, open doors are named. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap {
  private readonly logger = new Logger(Housekeeping.name);

  constructor(
    private readonly journal: Journal,
    private readonly lines: Lines,
    private readonly settings: Settings,
    private readonly webhooks: WebhookSettings,
    private readonly dispatcher: Dispatcher,
    private readonly alarm: Alarm,
  ) {}

  onApplicationBootstrap(): void {
    this.warn();
    this.alarm.after(HOUR_MS, () => void this.prune());
  }

  private warn(): void {
    if (this.webhooks.signature === 'off') {
      this.logger.warn('AMOCRM_WEBHOOK_SIGNATURE=off: anybody may post to /webhooks/amocrm');
    }
    if (this.lines.all.some(({ edna }) => edna.webhookTokens.length === 0)) {
      this.logger.warn('EDNA_WEBHOOK_TOKEN is not set: anybody may post to /webhooks/edna');
    }
  }

  private async prune(): Promise<void> {
    if (this.dispatcher.isStopping) return;
    try {
      await this.journal.prune(this.settings.retentionDays);
    } catch (error) {
      this.logger.error({ msg: 'old contents were not forgotten', error: plainError(error) });
    }
    this.alarm.after(HOUR_MS, () => void this.prune());
  }
}
