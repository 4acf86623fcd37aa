import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, statfs, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { MediaFault, MediaStore, type FiledFile, type OpenedFile } from '../../domain/media.js';
import { Settings } from '../../domain/settings.js';
import { errorCode } from './error-code.js';
import { beyond, NO_BYTES, toSpan } from './byte-range.js';
import { COPY_NAME, copyName } from './copy-name.js';

const DAY_MS = 24 * 60 * 60_000;

/** What a process left behind that ended in the middle; nobody writes that long at one file. */
const BROKEN_MS = 60 * 60_000;
const PART = '.part';

/**
 * Room that is left for the journal, which may lie on the same disk: a file can be had from its source for days, a
 * message that cannot be committed is refused.
 */
const RESERVE_BYTES = 1024 ** 3;

/** Copies in a folder. Replicas that are to find each other's copies share it. */
export class FolderStore extends MediaStore {
  constructor(
    private readonly settings: Settings,
    private readonly freeBytes: (folder: string) => Promise<number> = freeBytesOf,
  ) {
    super();
  }

  override async open(file: FiledFile, range?: string): Promise<OpenedFile | undefined> {
    const handle = await opened(this.pathOf(file));
    if (!handle) return undefined;
    const { size } = await handle.stat();
    const span = toSpan(range, size);
    if (span === 'none') {
      await handle.close();
      return beyond(size);
    }
    const { start = 0, end = size - 1 } = span ?? {};
    // An empty file has no last byte.
    const bytes = size === 0 ? undefined : handle.createReadStream({ start, end });
    if (!bytes) await handle.close();
    return {
      status: span ? 206 : 200,
      sizeBytes: Math.max(0, end - start + 1),
      ...(span && { range: `bytes ${start}-${end}/${size}` }),
      acceptsRanges: true,
      bytes: bytes ?? NO_BYTES,
      close: () => void bytes?.destroy(),
    };
  }

  /** Under another name until the last byte is on disk, so that a crash leaves nothing that looks whole. */
  override async keep(
    file: FiledFile,
    bytes: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<void> {
    const { mediaDir } = this.settings;
    const path = this.pathOf(file);
    const part = `${path}.${randomUUID()}${PART}`;
    try {
      await mkdir(mediaDir, { recursive: true });
      if ((await this.freeBytes(mediaDir)) < RESERVE_BYTES) {
        throw new MediaFault('no-room', 'the disk is nearly full');
      }
      const handle = await open(part, 'wx');
      try {
        for await (const piece of bytes) {
          signal?.throwIfAborted();
          await handle.writeFile(piece);
        }
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(part, path);
      await syncFolder(mediaDir);
    } catch (error) {
      // A part that cannot be removed now is removed by `prune`.
      await rm(part, { force: true }).catch(() => undefined);
      throw error instanceof MediaFault
        ? error
        : new MediaFault('no-room', errorCode(error), error);
    }
  }

  override async prune(days: number): Promise<void> {
    const { mediaDir } = this.settings;
    const names = await readdir(mediaDir).catch(() => []);
    for (const name of names.filter((one) => COPY_NAME.test(one.replace(UNFINISHED, '')))) {
      const mostMs = name.endsWith(PART) ? BROKEN_MS : days * DAY_MS;
      const path = join(mediaDir, name);
      // Another replica may have removed it meanwhile.
      const found = await stat(path).catch(() => undefined);
      if (found && Date.now() - found.mtimeMs > mostMs) await rm(path, { force: true });
    }
  }

  private pathOf(file: FiledFile): string {
    return join(this.settings.mediaDir, copyName(file));
  }
}

/** What follows the name of a copy that is being written. */
const UNFINISHED = /\.[0-9a-f-]{36}\.part$/;

async function opened(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new MediaFault('unreachable', `the copy: ${errorCode(error)}`, error);
  }
}

/** A new name is on disk once its folder is. Not every system lets a folder be synced, and none needs more. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
