import type { Clock } from '../clock.ts';
import type { JsonObject } from '../json.ts';
import type { Review, Template } from './template.ts';

/** The chat templates of the integration in one account. */
export class Templates {
  all: readonly Template[] = [];
  readonly #clock: Clock;
  #lastId = 6100;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A template by its id, or by the integration's `external_id`. */
  find(key: number | string): Template | undefined {
    return this.all.find(({ id, fields }) => id === key || fields.external_id === key);
  }

  add(fields: Template['fields']): Template {
    const at = this.#seconds();
    const template = { id: this.#nextId(), fields, reviews: [], createdAt: at, updatedAt: at };
    this.all = [...this.all, template];
    return template;
  }

  change(template: Template, fields: JsonObject): void {
    template.fields = { ...template.fields, ...fields };
    template.updatedAt = this.#seconds();
  }

  remove(template: Template): void {
    this.all = this.all.filter((one) => one !== template);
  }

  /** Sends a template to moderation, at each of these sources. */
  review(template: Template, sourceIds: readonly number[]): readonly Review[] {
    const asked = sourceIds.map((sourceId): Review => ({
      id: this.#nextId(),
      sourceId,
      status: 'review',
      rejectReason: '',
    }));
    template.reviews = [...template.reviews, ...asked];
    return asked;
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}
