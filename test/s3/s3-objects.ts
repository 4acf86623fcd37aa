import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

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
    const hash = createHash('sha256');
    const file = await open(path, 'wx');
    try {
      for await (const piece of bytes) {
        hash.update(piece);
        await file.write(piece);
      }
    } finally {
      await file.close();
    }
    const { size: sizeBytes } = statSync(path);
    // An ETag is the MD5 of what was put only here and there, so nobody may rely on it.
    const sha256 = hash.digest('hex');
    return { path, sizeBytes, sha256, etag: `"${sha256.slice(0, 32)}"` };
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
        await pipeline(createReadStream(part.path), createWriteStream(whole, { flags: 'a' }));
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
