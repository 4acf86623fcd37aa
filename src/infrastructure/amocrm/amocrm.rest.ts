import { Injectable } from '@nestjs/common';
import { DeliveryError } from '../../domain/errors.js';
import { Http, type HttpRequest } from '../http.js';
import { isTaken, toDeliveryError, type Answer } from '../http-answer.js';
import { dig, parseJson } from '../json.js';
import { AmocrmAccess } from './amocrm.adapter.js';

/** amoCRM blocks an address that goes on after 429, so 7 requests a second are never reached. */
const GAP_MS = 150;
/** Tries of one request; what amoCRM asks us to wait in between is cut at five minutes, its documented sample. */
const TRIES = 4;
const MOST_WAIT_MS = 300_000;

/** Lets time pass; a spec does so without waiting. */
@Injectable()
export class Pause {
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
  }
}

/** Requests to amoCRM's REST v4: one after the other, never too fast, and put off where it asks for that. */
@Injectable()
export class AmocrmRest {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly http: Http,
    private readonly access: AmocrmAccess,
    private readonly pause: Pause,
  ) {}

  get isOpen(): boolean {
    return Boolean(this.access.baseUrl && this.access.token);
  }

  /**
   * @param path below `/api/v4`
   * @returns the body; undefined where there is nothing (204)
   * @throws {DeliveryError} its message says what to do
   */
  call(method: HttpRequest['method'], path: string, body?: unknown): Promise<unknown> {
    const turn = this.last.then(() => this.send(method, path, body));
    this.last = turn.catch(() => undefined).then(() => this.pause.wait(GAP_MS));
    return turn;
  }

  private async send(
    method: HttpRequest['method'],
    path: string,
    body: unknown,
    tried = 1,
  ): Promise<unknown> {
    const { baseUrl, token } = this.access;
    if (!baseUrl || !token) throw new DeliveryError('blocked', `amocrm: ${NOT_SET}`);
    const answer = await this.http.send({
      upstream: 'amocrm',
      method,
      url: `${baseUrl.replace(/\/+$/, '')}/api/v4${path}`,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (answer.status === 204) return undefined;
    if (isTaken(answer)) return parseJson(answer.body);
    if (answer.status === 429 && tried < TRIES) {
      await this.pause.wait(waitOf(answer, tried));
      return this.send(method, path, body, tried + 1);
    }
    throw inWords(answer);
  }
}

const NOT_SET = 'AMOCRM_BASE_URL and AMOCRM_TOKEN are not both set';

function waitOf(answer: Answer, tried: number): number {
  const seconds = Number(dig(parseJson(answer.body), 'retry_after'));
  const asked = answer.retryAfterMs ?? (seconds > 0 ? seconds * 1_000 : undefined);
  return Math.min(asked ?? 1_000 * 2 ** tried, MOST_WAIT_MS);
}

/** https://www.amocrm.ru/developers/content/crm_platform/error-codes (copy of 2026-01-07) */
const WORDS: Readonly<Record<number, string>> = {
  401: 'AMOCRM_TOKEN is not valid any more, or the integration is switched off',
  402: 'the account is not paid',
  403: 'AMOCRM_TOKEN is not an administrator’s',
  404: 'there is no such thing there: look at AMOCRM_BASE_URL',
  422: 'it takes no more: the limit of chat templates is reached',
  429: 'too many requests; try again in some minutes',
};

function inWords(answer: Answer): DeliveryError {
  const isPage = parseJson(answer.body) === undefined;
  const words =
    answer.status === 403 && isPage
      ? 'it has blocked this address for too many requests: ask amoCRM’s support'
      : (WORDS[answer.status] ?? fieldIn(answer));
  const { outcome, message, details } = toDeliveryError('amocrm', answer);
  return new DeliveryError(outcome, words ? `${message}: ${words}` : message, details);
}

/** Path and code of what amoCRM finds wrong; neither holds a text of ours. */
function fieldIn({ body }: Answer): string | undefined {
  const lists = dig(parseJson(body), 'validation-errors');
  const errors: unknown = Array.isArray(lists) ? dig(lists[0], 'errors') : undefined;
  const [first]: readonly unknown[] = Array.isArray(errors) ? errors : [];
  const said = [dig(first, 'path'), dig(first, 'code')].filter((one) => typeof one === 'string');
  return said.join(' ') || undefined;
}
