import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { md5Of, requestSignature } from './amojo/signature.ts';
import { parseJson } from './json.ts';
import { post, type PostResult } from './post.ts';
import type { Sandbox } from './sandbox.ts';

/** What was posted to the stand-in. */
export interface Posted {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  readonly body: unknown;
}

export interface Called extends PostResult {
  readonly json: unknown;
}

/** What a spec may spoil in a signed request. */
export interface Spoiling {
  readonly date?: string;
  readonly contentMd5?: string;
  readonly contentType?: string;
  readonly secret?: string;
  /** The path that is signed, where it differs from the one that is called. */
  readonly signedPath?: string;
  /** The bytes that are sent, where they differ from those that are signed. */
  readonly sent?: string;
}

/** Stands where the bridge would, for the sandbox's own specs: keeps what comes, answers as told. */
export class StandInBridge {
  readonly posted: Posted[] = [];
  /** Status of the answers to come; called anew for each request. */
  answers: (posted: Posted) => number | Promise<number> = () => 200;
  readonly #sandbox: Sandbox;
  readonly #server: Server;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        const { method = '', url = '', headers } = request;
        const posted = { method, path: url, headers, raw, body: parseJson(raw) };
        this.posted.push(posted);
        void Promise.resolve(this.answers(posted)).then((status) =>
          response.writeHead(status).end('{"code":"ok"}'),
        );
      });
    });
  }

  /** Listens, and points the sandbox at itself. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#sandbox.pointAt(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** Calls the edna twin with the account's key. */
  edna(
    path: string,
    body: unknown,
    headers: Record<string, string> = { 'X-API-KEY': this.#sandbox.edna.settings.apiKey },
    method = 'POST',
  ): Promise<Called> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return call(`${this.#sandbox.edna.server.url}${path}`, method, headers, text);
  }

  /** Calls the amojo twin with a good signature, or one that is spoiled. */
  amojo(
    method: string,
    path: string,
    body: string | object = '',
    spoiling: Spoiling = {},
  ): Promise<Called> {
    const { settings, server } = this.#sandbox.amojo;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const parts = {
      method,
      contentMd5: spoiling.contentMd5 ?? md5Of(text),
      contentType: spoiling.contentType ?? 'application/json',
      date: spoiling.date ?? new Date(server.now()).toUTCString(),
      path: spoiling.signedPath ?? new URL(path, server.url).pathname,
    };
    const headers = {
      Date: parts.date,
      'Content-Type': parts.contentType,
      'Content-MD5': parts.contentMd5,
      'X-Signature': requestSignature(spoiling.secret ?? settings.channelSecret, parts),
    };
    return call(`${server.url}${path}`, method, headers, spoiling.sent ?? text);
  }

  /** Calls a path of the scope, e.g. `/chats`; empty for the messages themselves. */
  scope(path: string, body: string | object, spoiling?: Spoiling): Promise<Called> {
    return this.amojo('POST', `/v2/origin/custom/${this.#sandbox.scopeId}${path}`, body, spoiling);
  }
}

async function call(
  url: string,
  method: string,
  headers: Record<string, string>,
  body: string,
): Promise<Called> {
  const result = await post(url, { method, headers, body, timeoutMs: 2000 });
  return { ...result, json: parseJson(result.body.toString('utf8')) };
}
