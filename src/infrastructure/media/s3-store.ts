import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadObjectCommand,
  type GetObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { OnApplicationShutdown } from '@nestjs/common';
import { MediaFault, MediaStore, type FiledFile, type OpenedFile } from '../../domain/media.js';
import type { Bucket } from '../../domain/settings.js';
import { beyond, isRange } from './byte-range.js';
import { copyName } from './copy-name.js';
import { MediaLimits } from './media-limits.js';
import { metered } from './metered.js';
import { s3Client } from './s3-client.js';
import { isAbsent, s3Fault, s3Status } from './s3-fault.js';
import { S3Prune } from './s3-prune.js';

/** S3's least. A file of 100 MB, the largest there is, is 20 of 10,000 parts; one or two of them are in memory. */
const PART_BYTES = 5 * 1024 * 1024;

/**
 * Copies in a bucket, which any number of replicas share. An object is there as a whole or not at all: one request
 * puts it, or the last of several does. Not loaded where no bucket is set: the SDK takes 20 MB of memory.
 */
export class S3Store extends MediaStore implements OnApplicationShutdown {
  /** Whoever reads a file may take his time; the pauses of the bucket are measured apart. */
  private readonly reading: S3Client;
  private readonly writing: S3Client;
  private readonly pruning: S3Prune;

  constructor(
    private readonly bucket: Bucket,
    private readonly limits: MediaLimits = new MediaLimits(),
  ) {
    super();
    const { storeMs: connectMs, idleMs } = limits;
    this.reading = s3Client(bucket, { connectMs });
    this.writing = s3Client(bucket, { connectMs, idleMs });
    this.pruning = new S3Prune(this.writing, bucket);
  }

  override async open(file: FiledFile, range?: string): Promise<OpenedFile | undefined> {
    const slow = new AbortController();
    const timer = setTimeout(() => slow.abort(), this.limits.storeMs);
    const place = this.placeOf(file);
    const ask = { abortSignal: slow.signal };
    try {
      const Range = isRange(range) ? range : undefined;
      return this.opened(await this.reading.send(new GetObjectCommand({ ...place, Range }), ask));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      if (s3Status(error) !== 416) throw away(error, slow.signal);
      // How large it is S3 tells in words of its own here. It may be left out.
      const head = await this.reading
        .send(new HeadObjectCommand(place), ask)
        .catch(() => undefined);
      return beyond(head?.ContentLength);
    } finally {
      clearTimeout(timer);
    }
  }

  override async keep(
    file: FiledFile,
    bytes: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<void> {
    const source = new Watched(bytes);
    const upload = new Upload({
      client: this.writing,
      params: { ...this.placeOf(file), Body: Readable.from(source, { highWaterMark: 1 }) },
      partSize: PART_BYTES,
      queueSize: 1,
    });
    const cut = () => void upload.abort();
    let end = setTimeout(cut, this.limits.totalMs);
    // The bytes end by themselves then, and the parts are taken back; a bucket that hangs is not waited for.
    const hurry = () => {
      clearTimeout(end);
      end = setTimeout(cut, this.limits.takeBackMs);
    };
    if (signal?.aborted) hurry();
    signal?.addEventListener('abort', hurry, { once: true });
    try {
      await upload.done();
    } catch (error) {
      throw source.fault ?? s3Fault(error, 'no-room');
    } finally {
      clearTimeout(end);
      signal?.removeEventListener('abort', hurry);
    }
  }

  override prune(days: number): Promise<void> {
    return this.pruning.round(days);
  }

  onApplicationShutdown(): void {
    this.reading.destroy();
    this.writing.destroy();
  }

  private placeOf(file: FiledFile): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.bucket.name, Key: this.bucket.prefix + copyName(file) };
  }

  private opened(answer: GetObjectCommandOutput): OpenedFile {
    const { Body, ContentLength: sizeBytes, ContentRange: range, $metadata } = answer;
    if (!(Body instanceof Readable)) throw new MediaFault('unreachable', 'the bucket: no body');
    return {
      status: $metadata.httpStatusCode === 206 ? 206 : 200,
      ...(sizeBytes !== undefined && { sizeBytes }),
      ...(range !== undefined && { range }),
      acceptsRanges: true,
      bytes: metered(Body, Infinity, this.limits),
      close: () => void Body.destroy(),
    };
  }
}

/** Bytes of which it is known afterwards whether it was they that failed. */
class Watched implements AsyncIterable<Uint8Array> {
  fault?: MediaFault;

  constructor(private readonly bytes: AsyncIterable<Uint8Array>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      // One by one: an upload that ends would tell the source of its own fault otherwise.
      for await (const piece of this.bytes) yield piece;
    } catch (error) {
      if (error instanceof MediaFault) this.fault = error;
      throw error;
    }
  }
}

function away(error: unknown, slow: AbortSignal): MediaFault {
  const isSlow = slow.aborted || (error instanceof Error && error.name === 'TimeoutError');
  return error instanceof MediaFault ? error : s3Fault(error, isSlow ? 'too-slow' : 'unreachable');
}
