import { Injectable } from '@nestjs/common';
import { backOffMs } from '../domain/back-off.js';
import {
  FiledFiles,
  MEDIA_BYTES,
  MediaFault,
  MediaSource,
  MediaStore,
  type CopyWork,
} from '../domain/media.js';

/** A source that fails is given more and more time, up to this. */
const AGAIN_MAX_SECONDS = 60 * 60;

/** What a repeat does not change. */
const FOR_EVER: ReadonlySet<string> = new Set(['too-large', 'refused']);

export interface Copied {
  readonly outcome: 'copied' | 'put-off' | 'given-up';
  /** What stopped it. */
  readonly fault?: MediaFault;
}

/** Copies a client's file before its link expires. */
@Injectable()
export class CopyFile {
  constructor(
    private readonly files: FiledFiles,
    private readonly store: MediaStore,
    private readonly source: MediaSource,
  ) {}

  /** A try that is cut short by `signal` counts for nothing. Throws `JournalUnavailable` only. */
  async execute(
    { file, tries, expiresAt }: CopyWork,
    around: { readonly now: Date; readonly jitter: number; readonly signal: AbortSignal },
  ): Promise<Copied> {
    const { messageId, content } = file;
    const { now, jitter, signal } = around;
    if (!content || expiresAt <= now) {
      await this.files.endCopy(messageId);
      return { outcome: 'given-up', fault: new MediaFault('gone', 'the link has expired') };
    }
    try {
      const mostBytes = MEDIA_BYTES[content.kind];
      const opened = await this.source.open(content.attachment.url, { mostBytes, signal });
      try {
        if (opened.status !== 200 || !isPlain(opened.encoding)) {
          throw new MediaFault('unreachable', 'the source answered in parts or packed');
        }
        await this.store.keep(file, opened.bytes, signal);
      } finally {
        // What nobody began to read would stay open.
        opened.close();
      }
    } catch (error) {
      const fault =
        error instanceof MediaFault
          ? error
          : new MediaFault('unreachable', 'mistake of ours', error);
      if (FOR_EVER.has(fault.trouble)) {
        await this.files.endCopy(messageId);
        return { outcome: 'given-up', fault };
      }
      const afterMs = signal.aborted ? 0 : backOffMs(tries, AGAIN_MAX_SECONDS * 1_000, jitter);
      await this.files.putOffCopy(messageId, afterMs);
      return { outcome: 'put-off', fault };
    }
    await this.files.endCopy(messageId);
    return { outcome: 'copied' };
  }
}

function isPlain(encoding: string | undefined): boolean {
  return encoding === undefined || encoding === 'identity';
}
