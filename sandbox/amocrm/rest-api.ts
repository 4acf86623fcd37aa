import type { Answer } from '../answer.ts';
import type { AmojoSettings } from '../amojo/settings.ts';
import type { ChatBook } from '../amojo/chat-book.ts';
import type { Clock } from '../clock.ts';
import type { Method, SeenRequest, TwinServer } from '../twin-server.ts';
import type { AccountHooks } from './account-hooks.ts';
import type { Crm } from './crm.ts';
import type { CrmAccounts } from './crm-accounts.ts';
import { BLOCKED, problem } from './problems.ts';
import { RateLimit } from '../rate-limit.ts';
import type { Tokens } from './tokens.ts';

export interface RestParts {
  readonly settings: AmojoSettings;
  readonly clock: Clock;
  readonly server: TwinServer;
  readonly crms: CrmAccounts;
  readonly tokens: Tokens;
  readonly book: ChatBook;
  readonly hooks: AccountHooks;
}

export type RestHandler = (request: SeenRequest, crm: Crm) => Answer;

const METHODS: readonly Method[] = ['get', 'post', 'put', 'patch', 'delete'];
const MINUTE_MS = 60_000;

/** The door of REST v4: rate, token, payment; what is behind it, the resources say. */
export class RestApi {
  readonly parts: RestParts;
  readonly #limit: RateLimit;
  #excesses: number[] = [];
  #isBlocked = false;

  constructor(parts: RestParts) {
    this.parts = parts;
    this.#limit = new RateLimit(parts.clock, () => parts.settings.restPerSecond);
  }

  /** Whether the address is blocked for going on after 429. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** What amoCRM's support does on request. */
  unblock(): void {
    this.#isBlocked = false;
    this.#excesses = [];
  }

  /** Adds a path under `/api/v4`; methods it does not have are 405. */
  resource(
    path: string,
    endpoint: string,
    handlers: Partial<Readonly<Record<Method, RestHandler>>>,
  ): void {
    for (const method of METHODS) {
      const handle =
        handlers[method] ?? (() => problem(405, `There is no ${method.toUpperCase()} here`));
      this.parts.server.route(method, `/api/v4${path}`, endpoint, (request) => {
        const no = this.#whyNot(request);
        return no ?? handle(request, this.#crmOf(request));
      });
    }
  }

  /** Everything else under `/api/v4`; call once, after the resources. */
  refuseTheRest(): void {
    for (const method of METHODS) {
      this.parts.server.route(method, '/api/v4/*rest', 'unknown', ({ path }) =>
        problem(404, `There is no ${path}`),
      );
    }
  }

  #whyNot(request: SeenRequest): Answer | undefined {
    const { settings } = this.parts;
    if (this.#isBlocked) return BLOCKED;
    if (this.#limit.isExceeded()) return this.#refuseRate();
    if (this.#accountOf(request) === undefined)
      return problem(401, 'Invalid user name or password');
    // Nobody who calls can help it.
    return settings.isPaid
      ? undefined
      : { ...problem(402, 'The account is not paid'), excused: true };
  }

  #refuseRate(): Answer {
    const { clock, settings } = this.parts;
    const { restBlockAfter, restRetryAfterSeconds, tooManyBody } = settings;
    const now = clock.now();
    this.#excesses = [...this.#excesses.filter((at) => at > now - MINUTE_MS), now];
    if (restBlockAfter > 0 && this.#excesses.length >= restBlockAfter) this.#isBlocked = true;
    if (tooManyBody === 'html') {
      const body = '<html><body><h1>429 Too Many Requests</h1></body></html>';
      return { status: 429, body, reason: 'too many requests' };
    }
    const detail =
      'You have sent too many requests in a given amount of time. Please try again later.';
    const { body, ...answer } = problem(429, detail);
    return { ...answer, body: { ...(body as object), retry_after: restRetryAfterSeconds } };
  }

  #accountOf({ headers }: SeenRequest) {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    return token === undefined ? undefined : this.parts.tokens.accountOf(token);
  }

  #crmOf(request: SeenRequest): Crm {
    return this.parts.crms.of(this.#accountOf(request)?.accountId);
  }
}
