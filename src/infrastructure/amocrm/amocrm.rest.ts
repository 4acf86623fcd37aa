import { Injectable } from '@nestjs/common';
import { DeliveryError } from '../../domain/errors.js';
import type { Line } from '../../domain/line.js';
import { Http, type HttpRequest } from '../http.js';
import { isTaken, type Answer } from '../http-answer.js';
import { dig, numberIn, parseJson } from '../json.js';
import { inWords } from './amocrm.answer.js';

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

/** What opens an account right now. */
export interface Pass {
  readonly baseUrl: string;
  readonly token: string;
  /** Of a pair that can be changed for a new one; a long-lived token has none. */
  readonly version?: number;
}

/** Where passes to an account come from. */
export interface RestAccess {
  /** Whether there may be one: an address and a token are set, or access can be given by consent. */
  readonly isOpen: boolean;
  /** @throws {DeliveryError} its message says what to do */
  pass(): Promise<Pass>;
  /**
   * Another pass, once amoCRM has refused one with 401.
   * @returns nothing where there is no other
   * @throws {DeliveryError}
   */
  instead(refused: Pass): Promise<Pass | undefined>;
}

/**
 * Whose turn it is. An account's requests go one after the other, and what it asks us to wait holds all of them;
 * requests to any account begin with a gap, for amoCRM counts an integration's, and Kommo an address's.
 */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>();
  private start: Promise<void> = Promise.resolve();

  /** @param shared how long to wait for other processes' requests; throws never */
  constructor(private readonly shared: (gapMs: number) => Promise<number> = async () => 0) {}

  take<T>(account: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.last.get(account) ?? Promise.resolve()).then(work);
    const over = turn.catch(() => undefined);
    this.last.set(account, over);
    return turn;
  }

  /** Resolves when a request may begin. */
  begin(pause: Pause): Promise<void> {
    const mine = this.start.then(async () => {
      const wait = await this.shared(GAP_MS);
      if (wait > 0) await pause.wait(wait);
    });
    this.start = mine.then(() => pause.wait(GAP_MS));
    return mine;
  }
}

/** Requests to an account's REST v4: one after the other, never too fast, and put off where it asks for that. */
export class AmocrmRest {
  private aheadMs = 0;

  constructor(
    private readonly http: Http,
    private readonly access: RestAccess,
    private readonly pause: Pause,
    private readonly turns = new Turns(),
    /** Whose turns they are. */
    private readonly account = '',
  ) {}

  get isOpen(): boolean {
    return this.access.isOpen;
  }

  /** A moment of ours on amoCRM's clock, as its latest answer here shows it; up to two seconds early, never late. */
  onItsClock(moment: Date): Date {
    return new Date(moment.getTime() + this.aheadMs);
  }

  /**
   * @param path below `/api/v4`
   * @param patienceMs how long it may wait for its turn; what comes later is of no use to whoever asked
   * @returns the body; undefined where there is nothing (204)
   * @throws {DeliveryError} its message says what to do
   */
  call(
    method: HttpRequest['method'],
    path: string,
    body?: unknown,
    patienceMs = Infinity,
  ): Promise<unknown> {
    const latest = performance.now() + patienceMs;
    return this.turns.take(this.account, async () => {
      if (performance.now() > latest)
        throw new DeliveryError('not-sent', 'amocrm: no turn in time');
      const pass = await this.access.pass();
      const answer = await this.send(pass, { method, path, body });
      if (answer.status !== 401) return bodyOf(answer, pass);
      const other = await this.access.instead(pass);
      if (!other) return bodyOf(answer, pass);
      return bodyOf(await this.send(other, { method, path, body }), other);
    });
  }

  private async send(
    pass: Pass,
    request: { readonly method: HttpRequest['method']; readonly path: string; body: unknown },
    tried = 1,
  ): Promise<Answer> {
    const { method, path, body } = request;
    await this.turns.begin(this.pause);
    const answer = await this.http.send({
      upstream: 'amocrm',
      method,
      url: `${pass.baseUrl.replace(/\/+$/, '')}/api/v4${path}`,
      headers: { Authorization: `Bearer ${pass.token}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (answer.date) this.aheadMs = answer.date.getTime() - Date.now();
    if (answer.status !== 429 || tried === TRIES) return answer;
    await this.pause.wait(waitOf(answer, tried));
    return this.send(pass, request, tried + 1);
  }
}

/** REST v4 of the account that a line leads to, and of no other. */
export abstract class LineAccounts {
  abstract of(line: Line): AmocrmRest;
}

function bodyOf(answer: Answer, { version }: Pass): unknown {
  if (answer.status === 204) return undefined;
  if (isTaken(answer)) return parseJson(answer.body);
  throw inWords(answer, version !== undefined);
}

function waitOf(answer: Answer, tried: number): number {
  const seconds = numberIn(dig(parseJson(answer.body), 'retry_after')) ?? 0;
  const asked = answer.retryAfterMs ?? (seconds > 0 ? seconds * 1_000 : undefined);
  return Math.min(asked ?? 1_000 * 2 ** tried, MOST_WAIT_MS);
}

/** Thrown where nothing that opens an account is set. */
export function notSet(): DeliveryError {
  return new DeliveryError('blocked', 'amocrm: AMOCRM_BASE_URL and AMOCRM_TOKEN are not both set');
}
