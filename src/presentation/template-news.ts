import { Injectable, Logger } from '@nestjs/common';
import type { Line } from '../domain/line.js';
import { ReviewTemplate, type Decided } from '../use-cases/review-template.js';
import { SubmitTemplate } from '../use-cases/submit-template.js';

/** News that wait for the platforms; the command brings up what is dropped beyond. */
const MOST_WAITING = 100;

/**
 * Takes edna's verdicts to amoCRM, and amoCRM's templates to edna, in the background, one after the other. They are no
 * messages: what is lost with a restart, `bridge templates sync` brings up.
 */
@Injectable()
export class TemplateNews {
  private readonly logger = new Logger(TemplateNews.name);
  private last: Promise<void> = Promise.resolve();
  private waiting = 0;

  constructor(
    private readonly review: ReviewTemplate,
    private readonly submit: SubmitTemplate,
  ) {}

  /** Returns at once and throws never: no webhook waits for amoCRM. */
  tell(template: Decided): void {
    const { id, status } = template;
    this.add('template not reviewed', id, async () => {
      const reviews = await this.review.execute(template);
      if (reviews > 0) this.logger.log({ msg: 'template reviewed', template: id, status, reviews });
    });
  }

  /**
   * An administrator wants it approved. Returns at once and throws never.
   * @returns whether there was room for it
   */
  ask(line: Line, id: string): boolean {
    return this.add('template not submitted', id, async () => {
      const { became } = await this.submit.request(line, id);
      this.logger.log({ msg: 'template asked for', template: id, became });
    });
  }

  /** Resolves when everything that was told has been passed on, or has failed. */
  rest(): Promise<void> {
    return this.last;
  }

  private add(failure: string, template: string, work: () => Promise<void>): boolean {
    if (this.waiting >= MOST_WAITING) {
      this.logger.warn({ msg: failure, template, why: 'too many wait' });
      return false;
    }
    this.waiting += 1;
    this.last = this.last.then(work).then(
      () => this.leave(),
      (error: unknown) => {
        const why = error instanceof Error ? error.message : 'no answer';
        this.logger.warn({ msg: failure, template, why });
        this.leave();
      },
    );
    return true;
  }

  private leave(): void {
    this.waiting -= 1;
  }
}
