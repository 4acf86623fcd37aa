import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { Refusal, type Answer } from './answer.ts';
import type { Changes } from './changes.ts';
import type { Clock } from './clock.ts';
import type { FaultBoard, FaultSubject } from './faults.ts';
import { parseJson } from './json.ts';
import type { Ledger, Platform } from './ledger.ts';
import { reportMishap } from './mishap.ts';
import { webAddress } from './web-address.ts';

/** One request a twin has got, and what it did with it. */
export interface SeenRequest extends FaultSubject {
  readonly seq: number;
  /** Milliseconds since 1970, by the twin's clock. */
  readonly at: number;
  readonly platform: Platform;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly raw: Buffer;
  /** Parsed JSON; undefined where the body is none. */
  readonly body: unknown;
  /** The fault that struck it, if any. */
  fault?: string;
  /** The twin looked at it; false for one that a fault stopped before. */
  isHandled: boolean;
  answer?: Answer;
  /** The answer left whole: the caller can know what became of its request. */
  isAnswered: boolean;
}

/** A refusal is thrown. What a handler waits for delays its answer, and nothing else. */
export type Handler = (request: SeenRequest) => Answer | Promise<Answer>;

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export interface TwinServerParts {
  readonly platform: Platform;
  readonly clock: Clock;
  readonly changes: Changes;
  readonly ledger: Ledger;
  readonly faults: FaultBoard;
  /** The client's address and the text a request is about, so that faults can be aimed at them. */
  readonly describe: (path: string, body: unknown) => { address?: string; text?: string };
  /**
   * The body of an answer that no handler gave, in the platform's shape.
   * @param reason why, where the request could not be read; without it, a fault is made up
   */
  readonly faultBody: (status: number, reason?: string) => unknown;
}

const BEFORE = ['answer', 'reset-before', 'hang-before'] as const;
const AFTER = ['reset-after', 'hang-after', 'hold'] as const;

/** The oldest are forgotten beyond this, so that a long benchmark does not fill the memory. */
const MAX_REQUESTS = 20_000;
const MAX_RAW_BYTES = 64 * 1024 * 1024;

/** The HTTP side of a twin: records every request, lets faults strike, answers. */
export class TwinServer {
  readonly requests: SeenRequest[] = [];
  /** Milliseconds by which this platform's clock is ahead, as its `Date` headers show. */
  skewMs = 0;
  readonly #parts: TwinServerParts;
  readonly #app: Express = express();
  /** Length of what `requests` holds. */
  #rawBytes = 0;
  #server: Server | undefined;
  #address: { port: number; host: string } | undefined;

  constructor(parts: TwinServerParts) {
    this.#parts = parts;
    this.#app.disable('x-powered-by');
    this.#app.disable('etag');
    this.#app.use(express.raw({ type: () => true, limit: '5mb' }));
  }

  /** @param path as Express writes it; a final slash is accepted as well */
  route(method: Method, path: string, endpoint: string, handle: Handler): void {
    this.#app[method](path, (request, response) =>
      this.#receive(request, response, endpoint, handle),
    );
  }

  /** Everything that has no route is 404; call once, after the routes. */
  refuseTheRest(body: unknown): void {
    this.#app.use((request, response) =>
      this.#receive(request, response, 'unknown', ({ method, path }) => ({
        status: 404,
        body,
        reason: `there is no ${method} ${path}`,
      })),
    );
    this.#app.use(this.#refuseUnread);
  }

  /**
   * What Express refuses before a handler sees it: a path or body that cannot be decoded, or too
   * long a body. Express knows an error handler by its four parameters.
   */
  readonly #refuseUnread = (
    error: unknown,
    incoming: Request,
    response: Response,
    next: NextFunction,
  ): Promise<void> | void => {
    const { status, message } = Object(error) as { status?: unknown; message?: unknown };
    const reason = String(message);
    if (response.headersSent) return next(error);
    if (typeof status === 'number' && status >= 400 && status < 500) {
      const answer = { status, body: this.#parts.faultBody(status, reason), reason };
      return this.#receive(incoming, response, 'unknown', () => answer);
    }
    const { status: failed, body } = this.#mishap(error);
    response.status(failed).json(body);
  };

  /** A fault of the twin itself: told on stderr, and nothing the caller could be blamed for. */
  #mishap(error: unknown): Answer {
    reportMishap(`answering for ${this.#parts.platform}`, error);
    return { status: 500, body: this.#parts.faultBody(500, 'the sandbox stumbled') };
  }

  async listen(port: number, host: string): Promise<void> {
    const server = createServer(this.#app);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    this.#server = server;
    this.#address = { port: (server.address() as AddressInfo).port, host };
  }

  get url(): string {
    if (this.#address === undefined) throw new Error('the twin does not listen yet');
    return webAddress(this.#address.host, this.#address.port);
  }

  now(): number {
    return this.#parts.clock.now() + this.skewMs;
  }

  /** Connections are refused from now on, and open ones are cut. */
  async goDown(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  /** Listens again on the port it had. */
  async comeBack(): Promise<void> {
    if (this.#server !== undefined || this.#address === undefined) return;
    await this.listen(this.#address.port, this.#address.host);
  }

  async #receive(
    incoming: Request,
    response: Response,
    endpoint: string,
    handle: Handler,
  ): Promise<void> {
    const request = this.#record(incoming, endpoint);
    response.once('finish', () => {
      request.isAnswered = true;
      this.#parts.changes.announce();
    });
    const { faults } = this.#parts;
    const latency = faults.strike(['latency'], request)?.rule;
    if (latency?.kind === 'latency') {
      request.fault = latency.kind;
      const server = this.#server;
      await new Promise<void>((resolve) => this.#parts.clock.after(latency.ms, resolve));
      // What went down meanwhile has not looked at the request.
      if (this.#server !== server) return;
    }

    const before = faults.strike(BEFORE, request)?.rule;
    request.fault = before?.kind ?? latency?.kind;
    if (before?.kind === 'reset-before') incoming.socket.resetAndDestroy();
    if (before?.kind === 'answer') this.#send(response, request, this.#madeUp(before));
    if (before !== undefined) return;

    const asked = this.#ask(request, handle);
    // What is not waited for is answered at once: nothing may come between the effect of a request
    // and the fault that strikes after it.
    const answer = asked instanceof Promise ? await asked : asked;
    this.#note(request, answer);
    const after = faults.strike(AFTER, request);
    request.fault = after?.rule.kind ?? request.fault;
    if (after === undefined) this.#send(response, request, answer);
    if (after?.rule.kind === 'reset-after') incoming.socket.resetAndDestroy();
    if (after?.rule.kind === 'hold') after.keep(() => this.#send(response, request, answer));
  }

  #record(incoming: Request, endpoint: string): SeenRequest {
    const { changes, platform, describe } = this.#parts;
    const raw = Buffer.isBuffer(incoming.body) ? incoming.body : Buffer.alloc(0);
    const body = parseJson(raw.toString('utf8'));
    const { pathname, searchParams } = addressOf(incoming.originalUrl);
    const request: SeenRequest = {
      seq: changes.next(),
      at: this.#parts.clock.now(),
      platform,
      endpoint,
      method: incoming.method,
      path: pathname,
      query: searchParams,
      params: incoming.params as Record<string, string>,
      headers: incoming.headers,
      raw,
      body,
      ...describe(pathname, body),
      isHandled: false,
      isAnswered: false,
    };
    this.requests.push(request);
    this.#rawBytes += raw.length;
    this.#forgetOldest();
    changes.announce();
    return request;
  }

  #forgetOldest(): void {
    let count = this.requests.length > MAX_REQUESTS ? MAX_REQUESTS / 10 : 0;
    let bytes = this.#rawBytes;
    for (const [index, { raw }] of this.requests.entries()) {
      if (index >= count && bytes <= MAX_RAW_BYTES) break;
      bytes -= raw.length;
      count = Math.max(count, index + 1);
    }
    this.#rawBytes = bytes;
    this.requests.splice(0, count);
  }

  #note(request: SeenRequest, answer: Answer): void {
    request.isHandled = true;
    const isRefusal = answer.reason !== undefined || (answer.status >= 400 && answer.status < 500);
    if (isRefusal && answer.excused !== true) {
      const { ledger, platform } = this.#parts;
      const reason = answer.reason ?? JSON.stringify(answer.body ?? '');
      ledger.violation(platform, request.endpoint, answer.status, reason);
    }
  }

  #ask(request: SeenRequest, handle: Handler): Answer | Promise<Answer> {
    const answerTo = (error: unknown): Answer =>
      error instanceof Refusal ? error.answer : this.#mishap(error);
    try {
      const answer = handle(request);
      return answer instanceof Promise ? answer.catch(answerTo) : answer;
    } catch (error) {
      return answerTo(error);
    }
  }

  #madeUp(rule: { status: number; retryAfterSeconds?: number; body?: unknown }): Answer {
    const { status, retryAfterSeconds, body = this.#parts.faultBody(status) } = rule;
    const headers: Record<string, string> =
      retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };
    return { status, body, headers };
  }

  #send(response: Response, request: SeenRequest, answer: Answer): void {
    request.answer = answer;
    this.#parts.changes.announce();
    if (response.destroyed) return;
    response.status(answer.status);
    response.setHeader('Date', new Date(this.now()).toUTCString());
    const { body } = answer;
    if (body === undefined) {
      response.setHeaders(new Map(Object.entries(answer.headers ?? {})));
      response.end();
      return;
    }
    const isFile = Buffer.isBuffer(body);
    if (!isFile) {
      const type = typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json';
      response.setHeader('Content-Type', type);
    }
    response.setHeaders(new Map(Object.entries(answer.headers ?? {})));
    response.end(isFile || typeof body === 'string' ? body : JSON.stringify(body));
  }
}

/** A request's address in parts. It comes as the caller wrote it: `//[` is one, `*` is another. */
function addressOf(target: string): URL {
  if (target.startsWith('/')) return new URL(`http://twin${target}`);
  return new URL(URL.canParse(target) ? target : 'http://twin/');
}
