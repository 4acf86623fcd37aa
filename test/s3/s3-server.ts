import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bucket } from '../../src/domain/settings.js';
import { S3Answers, type Question } from './s3-answers.js';
import { S3Objects } from './s3-objects.js';
import { refusalOf } from './s3-signature.js';

export type Operation =
  | 'get'
  | 'head'
  | 'put'
  | 'delete'
  | 'list'
  | 'create'
  | 'part'
  | 'complete'
  | 'abort'
  | 'list-uploads';

/**
 * What a bad day looks like:
 * - a status, with S3's code for it
 * - `reset`: the connection is cut in the middle of the body, whichever way it goes
 * - `stall`: nothing is read and nothing comes; `stall-midway`: half of the file comes
 * - `late-error`: 200, and the error in the body, as S3 does when a long operation fails
 */
export interface S3Trouble {
  /** Absent: everything. */
  readonly at?: Operation;
  /** Absent: every object. */
  readonly key?: string;
  readonly how:
    | 'reset'
    | 'stall'
    | 'stall-midway'
    | 'late-error'
    | { readonly status: number; readonly code: string };
}

const BUCKET = 'bridge-copies';
const KEY = { accessKeyId: 'spec-key', secretAccessKey: 'spec/secret+key', region: 'ru-1' };

/**
 * A server on loopback that speaks S3 as an old one does: path-style, every signature checked, no trailing checksums.
 * Written after docs.aws.amazon.com/AmazonS3/latest/API; shares no code with the store it is asked by.
 */
export class S3Server {
  readonly kept = new S3Objects();
  /** Requests in the order they came, and those that were refused for how they were made. */
  readonly asked: Operation[] = [];
  readonly refused: string[] = [];
  trouble?: S3Trouble;
  /** Keys on a page of a list. */
  pageKeys = 1_000;
  private watching: (() => void)[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.take(request, response));
  }

  static async start(): Promise<S3Server> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new S3Server(server);
  }

  bucket(of: Partial<Bucket> = {}): Bucket {
    return { name: BUCKET, endpoint: this.url, ...KEY, prefix: 'bridge/', ...of };
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  keys(): string[] {
    return [...this.kept.objects.keys()].toSorted();
  }

  /** Resolves once it was asked for this. */
  async isAsked(operation: Operation): Promise<void> {
    while (!this.asked.includes(operation)) {
      await new Promise<void>((resolve) => this.watching.push(resolve));
    }
  }

  /** Nobody listens any more. */
  async goAway(): Promise<void> {
    const { port } = this.server.address() as AddressInfo;
    await this.close();
    this.port = port;
  }

  /** At the same address as before. */
  async comeBack(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    await this.close();
    this.kept.remove();
  }

  private port = 0;

  private close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const { pathname, searchParams: query } = new URL(url, this.url);
    const [, bucket = '', ...rest] = pathname.split('/').map(decodeURIComponent);
    const question: Question = { request, query, key: rest.join('/'), pageKeys: this.pageKeys };
    const answers = new S3Answers(this.kept, response);
    const operation = operationOf(method, question);
    if (operation) this.asked.push(operation);
    for (const tell of this.watching.splice(0)) tell();
    const refusal = refusalOf({ method, url, headers }, KEY, new Date()) ?? oddity(request);
    if (refusal !== undefined) {
      this.refused.push(refusal);
      return answers.refuse(refusal === 'NotImplemented' ? 501 : 403, refusal);
    }
    if (bucket !== BUCKET) return answers.refuse(404, 'NoSuchBucket');
    if (!operation) return answers.refuse(405, 'MethodNotAllowed');
    const { how, at = operation, key = question.key } = this.trouble ?? {};
    try {
      const isSpared = at !== operation || key !== question.key;
      if (how === undefined || isSpared) return await answers[operation](question);
      if (how === 'stall') return;
      if (how === 'late-error') return answers.late();
      if (typeof how === 'object') return answers.refuse(how.status, how.code);
      if (operation === 'get') return answers.half(question, how);
      for (const event of ['data', 'end']) request.once(event, () => request.socket.destroy());
    } catch {
      // Whoever asked has gone away in the middle.
      response.destroy();
    }
  }
}

function operationOf(method: string, { key, query }: Question): Operation | undefined {
  const upload = query.has('uploadId');
  const all: Record<string, Operation | undefined> = {
    GET: key !== '' ? 'get' : query.has('uploads') ? 'list-uploads' : 'list',
    HEAD: 'head',
    PUT: upload ? 'part' : 'put',
    POST: query.has('uploads') ? 'create' : upload ? 'complete' : undefined,
    DELETE: upload ? 'abort' : 'delete',
  };
  return all[method];
}

/** What older servers do not know: bodies in signed pieces, checksums behind them, and a wait for leave to send. */
function oddity({ headers }: IncomingMessage): string | undefined {
  const names = Object.keys(headers);
  const isOdd =
    headers.expect !== undefined ||
    headers['content-encoding'] !== undefined ||
    names.some((name) => /^x-amz-(trailer|checksum|sdk-checksum|decoded)/.test(name));
  return isOdd ? 'NotImplemented' : undefined;
}
