import { Injectable, Logger } from '@nestjs/common';
import type { MessengerTemplate } from '../domain/templates.js';
import { ReviewTemplate } from '../use-cases/review-template.js';

/** News that wait for amoCRM; the command brings up what is dropped beyond. */
const MOST_WAITING = 100;

/**
 * Takes the verdicts that edna posts to amoCRM in the background, one after the other. They are no messages: what is
 * lost with a restart, `bridge templates sync` brings up.
 */
@Injectable()
export class TemplateNews {
  private readonly logger = new Logger(TemplateNews.name);
  private last: Promise<void> = Promise.resolve();
  private waiting = 0;

  constructor(private readonly review: ReviewTemplate) {}

  /** Returns at once and throws never: no webhook waits for amoCRM. */
  tell(template: Pick<MessengerTemplate, 'id' | 'status' | 'isLocked'>): void {
    if (this.waiting >= MOST_WAITING) return;
    this.waiting += 1;
    this.last = this.last.then(() => this.pass(template));
  }

  /** Resolves when everything that was told has been passed on, or has failed. */
  rest(): Promise<void> {
    return this.last;
  }

  private async pass(template: Pick<MessengerTemplate, 'id' | 'status' | 'isLocked'>) {
    const { id, status } = template;
    try {
      const reviews = await this.review.execute(template);
      if (reviews > 0) this.logger.log({ msg: 'template reviewed', template: id, status, reviews });
    } catch (error) {
      const why = error instanceof Error ? error.message : 'no answer';
      this.logger.warn({ msg: 'template not reviewed', template: id, status, why });
    } finally {
      this.waiting -= 1;
    }
  }
}
