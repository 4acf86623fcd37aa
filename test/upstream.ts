import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One request as it came. */
export interface Got {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, in the case and order they were sent in. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly json: unknown;
  readonly socket: Socket;
}

/**
 * How a request is answered: with an answer, by cutting the line (`reset`), by never answering (`hang`), or by
 * a head that promises more than follows (`cut`).
 */
export type Reply =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** An object goes as JSON. */
      readonly body?: string | object;
    }
  | 'reset'
  | 'hang'
  | { readonly cut: number };

/** A server that answers what a spec tells it to and keeps what it got. */
export class Upstream {
  readonly got: Got[] = [];
  private readonly script: Reply[] = [];
  private readonly routes = new Map<string, Reply>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Upstream> {
    const server = createServer();
    const upstream = new Upstream(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('error', () => undefined);
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        const { method = '', url: path = '', headers, rawHeaders, socket } = request;
        const got: Got = { method, path, headers, rawHeaders, body, json: parse(body), socket };
        upstream.got.push(got);
        const reply = upstream.replyTo(path);
        if (reply === 'hang') return;
        if (reply === 'reset') {
          socket.resetAndDestroy();
          return;
        }
        if ('cut' in reply) {
          response.writeHead(reply.cut, { 'Content-Length': '100' });
          response.write('half of it', () => socket.resetAndDestroy());
          return;
        }
        const { status = 200, headers: extra = {}, body: answer = '' } = reply;
        response.writeHead(status, extra);
        response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Answers the next requests, in turn. */
  next(...replies: readonly Reply[]): this {
    this.script.push(...replies);
    return this;
  }

  /** Answers every request to this path, query aside, that nothing else was told for. */
  on(path: string, reply: Reply): this {
    this.routes.set(path, reply);
    return this;
  }

  get last(): Got {
    const last = this.got.at(-1);
    if (!last) throw new Error('nothing came');
    return last;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private replyTo(path: string): Reply {
    return this.script.shift() ?? this.routes.get(path.split('?')[0] ?? '') ?? { body: {} };
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
