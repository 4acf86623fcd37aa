import { Settings } from '../../src/domain/settings.js';
import { Clock } from '../../src/infrastructure/clock.js';
import { Http } from '../../src/infrastructure/http.js';
import type { Answer } from '../../src/infrastructure/http-answer.js';

/** Another side that answers whatever a spec tells it to, to whatever it is asked. */
export class AnsweringHttp extends Http {
  answer: Answer = { status: 200, body: '' };

  constructor() {
    super(new Settings(), new Clock());
  }

  override send(): Promise<Answer> {
    return Promise.resolve(this.answer);
  }
}
