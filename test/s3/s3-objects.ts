import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { appendFile, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes on disk, so that a large object takes no memory of the process that the specs run in. */
export interface Stored {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly etag: string;
}

export interface StoredObject extends Stored {
  at: Date;
}

export interface UnfinishedUpload {
  readonly id: string;
  readonly key: string;
  at: Date;
  readonly parts: Map<number, Stored>;
}

/** S3's least size of a part that is not the last. */
const PART_BYTES = 5 * 1024 * 1024;

/** What lies in a bucket. */
export class S3Objects {
  private readonly folder = mkdtempSync(join(tmpdir(), 'bridge-s3-'));
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, UnfinishedUpload>();

  async write(bytes: AsyncIterable<Uint8Array>): Promise<Stored> {
    const path = join(this.folder, randomUUID());
    const [sha256, md5] = [createHash('sha256'), createHash('md5')];
    const file = await open(path, 'wx');
    try {
      for await (const piece of bytes) {
        sha256.update(piece);
        md5.update(piece);
        await file.write(piece);
      }
    } finally {
      await file.close();
    }
    const { size: sizeBytes } = statSync(path);
    return { path, sizeBytes, sha256: sha256.digest('hex'), etag: `"${md5.digest('hex')}"` };
  }

  put(key: string, stored: Stored): void {
    this.objects.set(key, { ...stored, at: new Date() });
  }

  begin(key: string): string {
    const id = randomUUID();
    this.uploads.set(id, { id, key, at: new Date(), parts: new Map() });
    return id;
  }

  /** @returns the code of the refusal */
  async complete(
    id: string,
    parts: readonly { readonly number: number; readonly etag: string }[],
  ): Promise<string | undefined> {
    const upload = this.uploads.get(id);
    if (!upload) return 'NoSuchUpload';
    const found = parts.map(({ number }) => upload.parts.get(number));
    if (found.length === 0 || found.some((part, i) => part?.etag !== parts[i]?.etag)) {
      return 'InvalidPart';
    }
    if (parts.some(({ number }, i) => i > 0 && number <= (parts[i - 1]?.number ?? 0))) {
      return 'InvalidPartOrder';
    }
    if (found.slice(0, -1).some((part) => (part?.sizeBytes ?? 0) < PART_BYTES)) {
      return 'EntityTooSmall';
    }
    const whole = join(this.folder, randomUUID());
    for (const part of found) {
      if (part)
        for await (const piece of createReadStream(part.path)) await appendFile(whole, piece);
    }
    const sizeBytes = statSync(whole).size;
    this.put(upload.key, { path: whole, sizeBytes, sha256: '', etag: `"${id}-${parts.length}"` });
    this.uploads.delete(id);
    return undefined;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
