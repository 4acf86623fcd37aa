import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { S3Objects, Stored } from './s3-objects.js';

export interface Question {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  /** Empty: the bucket itself. */
  readonly key: string;
  readonly pageKeys: number;
}

/** One method for each operation, named as the API names it. */
export class S3Answers {
  constructor(
    private readonly kept: S3Objects,
    private readonly response: ServerResponse,
  ) {}

  refuse(status: number, code: string): void {
    this.xml(status, `<Error><Code>${code}</Code><Message>No.</Message></Error>`);
  }

  /** The head says that all is well, before it is known that it is not. */
  late(): void {
    this.xml(200, '<Error><Code>InternalError</Code><Message>Please try again.</Message></Error>');
  }

  half({ key }: Question, how: 'reset' | 'stall-midway'): void {
    const found = this.kept.objects.get(key);
    if (!found) return this.refuse(404, 'NoSuchKey');
    const { path, sizeBytes } = found;
    this.response.writeHead(200, { 'Content-Length': sizeBytes });
    const half = createReadStream(path, { end: Math.ceil(sizeBytes / 2) - 1 });
    half.pipe(this.response, { end: false });
    if (how === 'reset') half.once('end', () => setImmediate(() => this.response.destroy()));
  }

  async get({ key, request }: Question): Promise<void> {
    const found = this.kept.objects.get(key);
    if (!found) return this.refuse(404, 'NoSuchKey');
    const { path, sizeBytes, etag } = found;
    const { range } = request.headers;
    const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
    if (range !== undefined && from === '' && to === '') return this.refuse(400, 'InvalidArgument');
    const start = from === '' ? Math.max(0, sizeBytes - Number(to || Infinity)) : Number(from);
    const end = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
    const isPart = range !== undefined;
    if (isPart && (start >= sizeBytes || end < start)) return this.refuse(416, 'InvalidRange');
    this.response.writeHead(isPart ? 206 : 200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length':
        sizeBytes === 0 ? 0 : (isPart ? end : sizeBytes - 1) - (isPart ? start : 0) + 1,
      ETag: etag,
      ...(isPart && { 'Content-Range': `bytes ${start}-${end}/${sizeBytes}` }),
    });
    if (sizeBytes === 0) this.response.end();
    else await pipeline(createReadStream(path, isPart ? { start, end } : {}), this.response);
  }

  head({ key }: Question): void {
    const found = this.kept.objects.get(key);
    const head = found && { 'Content-Length': found.sizeBytes, ETag: found.etag };
    this.response.writeHead(found ? 200 : 404, head).end();
  }

  async put({ key, request }: Question): Promise<void> {
    const stored = await this.read(request);
    if (stored) {
      this.kept.put(key, stored);
      this.response.writeHead(200, { ETag: stored.etag }).end();
    }
  }

  delete({ key }: Question): void {
    this.kept.objects.delete(key);
    this.response.writeHead(204).end();
  }

  list({ query, pageKeys }: Question): void {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('start-after') ?? '';
    const all = [...this.kept.objects.keys()]
      .filter((key) => key.startsWith(prefix) && key > after)
      .toSorted();
    const rows = all.slice(0, pageKeys).map((key) => {
      const { at, sizeBytes = 0 } = this.kept.objects.get(key) ?? {};
      return `<Contents><Key>${key}</Key><LastModified>${at?.toISOString()}</LastModified><Size>${sizeBytes}</Size></Contents>`;
    });
    const isCut = all.length > pageKeys;
    this.xml(
      200,
      `<ListBucketResult><IsTruncated>${isCut}</IsTruncated>${rows.join('')}</ListBucketResult>`,
    );
  }

  create({ key }: Question): void {
    const id = this.kept.begin(key);
    this.xml(
      200,
      `<InitiateMultipartUploadResult><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
  }

  async part({ query, request }: Question): Promise<void> {
    const upload = this.kept.uploads.get(query.get('uploadId') ?? '');
    if (!upload) return this.refuse(404, 'NoSuchUpload');
    const stored = await this.read(request);
    if (stored) {
      upload.parts.set(Number(query.get('partNumber')), stored);
      this.response.writeHead(200, { ETag: stored.etag }).end();
    }
  }

  async complete({ query, key, request }: Question): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of request as AsyncIterable<Uint8Array>) pieces.push(piece);
    const said = Buffer.concat(pieces);
    if (createHash('sha256').update(said).digest('hex') !== hashIn(request)) {
      return this.refuse(400, 'XAmzContentSHA256Mismatch');
    }
    const parts = [...said.toString().matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
      number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
      etag: (/<ETag>(.*?)</.exec(part)?.[1] ?? '').replaceAll('&quot;', '"'),
    }));
    const refusal = await this.kept.complete(query.get('uploadId') ?? '', parts);
    if (refusal) return this.refuse(refusal === 'NoSuchUpload' ? 404 : 400, refusal);
    this.xml(
      200,
      `<CompleteMultipartUploadResult><Key>${key}</Key><ETag>x</ETag></CompleteMultipartUploadResult>`,
    );
  }

  abort({ query }: Question): void {
    const isThere = this.kept.uploads.delete(query.get('uploadId') ?? '');
    if (isThere) this.response.writeHead(204).end();
    else this.refuse(404, 'NoSuchUpload');
  }

  'list-uploads'({ query }: Question): void {
    const prefix = query.get('prefix') ?? '';
    const rows = [...this.kept.uploads.values()]
      .filter(({ key }) => key.startsWith(prefix))
      .map(
        ({ id, key, at }) =>
          `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${at.toISOString()}</Initiated></Upload>`,
      );
    this.xml(200, `<ListMultipartUploadsResult>${rows.join('')}</ListMultipartUploadsResult>`);
  }

  /** Bytes that are those which were signed. */
  private async read(request: IncomingMessage): Promise<Stored | undefined> {
    const stored = await this.kept.write(request as AsyncIterable<Uint8Array>);
    if (stored.sha256 === hashIn(request)) return stored;
    this.refuse(400, 'XAmzContentSHA256Mismatch');
    return undefined;
  }

  private xml(status: number, body: string): void {
    this.response
      .writeHead(status, { 'Content-Type': 'application/xml' })
      .end(`<?xml version="1.0" encoding="UTF-8"?>${body}`);
  }
}

function hashIn({ headers }: IncomingMessage): string {
  return String(headers['x-amz-content-sha256']);
}
