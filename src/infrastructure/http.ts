import {
  Agent as PlainAgent,
  request as plainRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { Injectable, Optional } from '@nestjs/common';
import axios, { AxiosHeaders, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';
import { DeliveryError } from '../domain/errors.js';
import { Settings } from '../domain/settings.js';
import { Clock } from './clock.js';
import { readRetryAfter, type Answer } from './http-answer.js';

export interface HttpRequest {
  /** Who is called, as logs name it. */
  readonly upstream: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent byte for byte. */
  readonly body?: string;
}

/** What one attempt may cost. */
export class HttpLimits {
  /**
   * For all requests of an attempt together. A process whose lease runs out is taken for dead after 15 s, and
   * starts no attempt unless this and 5 s more are left of it.
   */
  readonly timeoutMs: number = 6_000;
  /** No answer that is read is near it: a cascade has some 600 bytes, a history item less. */
  readonly answerBytes: number = 4 * 1024 * 1024;
  /**
   * An idle connection is closed by us, before the other side does it: Node's own servers wait 5 s, nginx 60 s
   * or more. A request on a connection that is just being closed would end in "unknown".
   */
  readonly idleMs: number = 4_000;

  constructor(chosen: Partial<HttpLimits> = {}) {
    Object.assign(this, chosen);
  }
}

/** Timers may fire a millisecond early, and no answer comes sooner than this. */
const LEAST_MS = 5;

const OWN_HEADERS = {
  'User-Agent': 'edna-amocrm-bridge',
  Accept: 'application/json, text/plain, */*',
};

/** How far a request came. */
interface Trace {
  socket?: Duplex;
  head?: Omit<Answer, 'body'>;
}

/**
 * Calls other servers, on connections that are kept: at most CONCURRENCY to each host, so that a slow one does not
 * take those of another. Follows no redirect, uses no proxy, repeats nothing.
 */
@Injectable()
export class Http {
  /**
   * Without `axios.request`, which makes its settings anew for each call: with it a message costs a sixth more of the
   * processor. What it would send besides is among `OWN_HEADERS`, or is not to be sent.
   */
  private readonly call: AxiosAdapter = axios.getAdapter('http');
  private readonly always: Omit<InternalAxiosRequestConfig, 'headers'>;
  /** Connections that were opened, TLS included: what was written to any other never left. */
  private readonly opened = new WeakSet<Duplex>();

  constructor(
    settings: Settings,
    private readonly clock: Clock,
    @Optional() private readonly limits: HttpLimits = new HttpLimits(),
  ) {
    const options = {
      keepAlive: true,
      maxSockets: settings.concurrency,
      maxFreeSockets: settings.concurrency,
      timeout: limits.idleMs,
    };
    this.always = {
      httpAgent: this.watch(new PlainAgent(options), 'connect'),
      httpsAgent: this.watch(new TlsAgent(options), 'secureConnect'),
      proxy: false,
      maxRedirects: 0,
      maxContentLength: limits.answerBytes,
      responseType: 'text',
      validateStatus: () => true,
    };
  }

  /** The moment by which an attempt that begins now has ended, whatever requests it makes. */
  deadline(): number {
    return performance.now() + this.limits.timeoutMs;
  }

  /**
   * Sends one request and returns the answer, whatever its status. An answer that broke off after its head
   * counts by its status, with an empty body: the other side has decided.
   * @param deadline on the clock of `deadline()`
   * @throws {DeliveryError} `not-sent` where no connection was opened, else `unknown`
   */
  async send(request: HttpRequest, deadline: number = this.deadline()): Promise<Answer> {
    const { upstream, method, url, headers, body } = request;
    const leftMs = deadline - performance.now();
    if (leftMs < LEAST_MS) throw new DeliveryError('not-sent', `${upstream}: no time left`);
    const trace: Trace = {};
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), leftMs);
    try {
      const { status, data } = await this.call({
        ...this.always,
        method,
        url,
        headers: new AxiosHeaders({ ...OWN_HEADERS, ...headers }),
        data: body,
        signal: controller.signal,
        transport: { request: this.traced(trace) },
      });
      return { ...trace.head, status, body: data };
    } catch (error) {
      if (trace.head) return { ...trace.head, body: '' };
      throw this.fault(upstream, error, trace, controller.signal.aborted);
    } finally {
      clearTimeout(timer);
    }
  }

  private traced(trace: Trace) {
    return (
      options: RequestOptions,
      onResponse: (response: IncomingMessage) => void,
    ): ClientRequest => {
      const open = options.protocol === 'https:' ? tlsRequest : plainRequest;
      const request = open(options, (response) => {
        trace.head = this.head(response);
        onResponse(response);
      });
      return request.once('socket', (socket) => {
        trace.socket = socket;
      });
    };
  }

  private head({ statusCode = 0, headers }: IncomingMessage): Omit<Answer, 'body'> {
    const sentAt = Date.parse(headers.date ?? '');
    const date = Number.isNaN(sentAt) ? undefined : new Date(sentAt);
    const retryAfterMs = readRetryAfter(headers['retry-after'], date ?? this.clock.now());
    return { status: statusCode, date, retryAfterMs };
  }

  /** Keeps nothing of the request but its codes: an axios error holds headers and body. */
  private fault(upstream: string, error: unknown, trace: Trace, isTimeout: boolean): DeliveryError {
    const mayHaveLeft = trace.socket !== undefined && this.opened.has(trace.socket);
    const code = isTimeout ? (mayHaveLeft ? 'timeout' : 'connect-timeout') : codeOf(error);
    const message = error instanceof Error ? error.message : '';
    return new DeliveryError(mayHaveLeft ? 'unknown' : 'not-sent', `${upstream}: ${code}`, {
      cause: { code, message },
    });
  }

  private watch<Kind extends PlainAgent>(agent: Kind, event: 'connect' | 'secureConnect'): Kind {
    const create = agent.createConnection.bind(agent);
    agent.createConnection = (options, callback) => {
      const socket = create(options, callback);
      socket?.once(event, () => this.opened.add(socket));
      return socket;
    };
    return agent;
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'network-fault';
}
