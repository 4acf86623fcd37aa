import { Injectable, Logger } from '@nestjs/common';
import type { ScopeId } from '../domain/ids.js';
import { scopesOf, type Line } from '../domain/line.js';
import { ReviewTemplate, type Decided } from '../use-cases/review-template.js';
import { SubmitTemplate } from '../use-cases/submit-template.js';

/** News of one scope that wait for the platforms; the command brings up what is dropped beyond. */
const MOST_WAITING = 100;

interface Queue {
  last: Promise<void>;
  waiting: number;
}

/**
 * Takes edna's verdicts to amoCRM, and amoCRM's templates to edna, in the background: those of one scope one after the
 * other, and none behind another company's. They are no messages: what is lost with a restart, `bridge templates sync`
 * brings up.
 */
@Injectable()
export class TemplateNews {
  private readonly logger = new Logger(TemplateNews.name);
  /** Of scopes for which something is to be done. */
  private readonly queues = new Map<ScopeId, Queue>();

  constructor(
    private readonly review: ReviewTemplate,
    private readonly submit: SubmitTemplate,
  ) {}

  /**
   * Returns at once and throws never: no webhook waits for amoCRM.
   * @param lines it may be about
   */
  tell(lines: readonly Line[], template: Decided): void {
    const { id, status } = template;
    const isSure = new Set(lines.map(({ edna }) => `${edna.baseUrl} ${edna.apiKey}`)).size === 1;
    for (const some of scopesOf(lines)) {
      this.add(some, 'template not reviewed', id, async () => {
        const reviews = await this.review.execute(some, template, isSure);
        if (reviews > 0) {
          this.logger.log({ msg: 'template reviewed', template: id, status, reviews });
        }
      });
    }
  }

  /**
   * An administrator wants it approved. Returns at once and throws never.
   * @param lines one channel's, of any account: the card is in one of these
   * @returns whether there was room for it
   */
  ask(lines: readonly Line[], id: string): boolean {
    const told = scopesOf(lines).map((some) =>
      this.add(some, 'template not submitted', id, async () => {
        const { became } = await this.submit.request(some, id);
        this.logger.log({ msg: 'template asked for', template: id, became });
      }),
    );
    return !told.includes(false);
  }

  /** Resolves when everything that was told has been passed on, or has failed. */
  async rest(): Promise<void> {
    await Promise.all([...this.queues.values()].map(({ last }) => last));
  }

  private add(
    [line]: readonly Line[],
    failure: string,
    template: string,
    work: () => Promise<void>,
  ): boolean {
    if (!line) return true;
    const { scopeId } = line;
    const queue = this.queues.get(scopeId) ?? { last: Promise.resolve(), waiting: 0 };
    if (queue.waiting >= MOST_WAITING) {
      this.logger.warn({ msg: failure, template, why: 'too many wait' });
      return false;
    }
    this.queues.set(scopeId, queue);
    queue.waiting += 1;
    queue.last = queue.last.then(work).then(
      () => this.leave(scopeId, queue),
      (error: unknown) => {
        const why = error instanceof Error ? error.message : 'no answer';
        this.logger.warn({ msg: failure, template, why });
        this.leave(scopeId, queue);
      },
    );
    return true;
  }

  private leave(scopeId: ScopeId, queue: Queue): void {
    queue.waiting -= 1;
    if (queue.waiting === 0) this.queues.delete(scopeId);
  }
}
