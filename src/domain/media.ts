import type { LineKey, SourceId } from './ids.js';
import type { Line } from './line.js';
import { extensionOf, extensionOfType } from './file-types.js';
import { nameInAddress, type Attachment, type AttachmentKind } from './message.js';

/* Files on their way: what links of ours lead to, and where the files come from. */

/** The file of a message that the journal holds. */
export interface FiledFile {
  readonly messageId: number;
  readonly direction: 'inbound' | 'outbound';
  readonly line: LineKey;
  readonly sourceId: SourceId;
  /** Absent once the content is forgotten: then only a copy of ours is left. */
  readonly content?: { readonly kind: AttachmentKind; readonly attachment: Attachment };
}

/** A file that is to be copied before its link expires. */
export interface CopyWork {
  readonly file: FiledFile;
  /** Tries so far, this one among them. */
  readonly tries: number;
  readonly expiresAt: Date;
}

/** What the journal knows of files. Every method throws `JournalUnavailable` while nothing can be committed. */
export abstract class FiledFiles {
  /** The file of a message; undefined where there is no such message, or no file in it. */
  abstract find(messageId: number): Promise<FiledFile | undefined>;

  /** Takes clients' files whose links expire and that nobody has copied yet; nobody else is given them for so long. */
  abstract claimCopies(most: number, forMs: number): Promise<readonly CopyWork[]>;

  /** There is a copy, or there never will be. */
  abstract endCopy(messageId: number): Promise<void>;

  abstract putOffCopy(messageId: number, afterMs: number): Promise<void>;
}

const MB = 1024 * 1024;

/**
 * The largest file that passes through us. Meta's limit for a document is 100 MB, and a picture may go as one; the
 * largest sound of any channel is far below 25 MB, a sticker has half a megabyte.
 */
export const MEDIA_BYTES = {
  picture: 100 * MB,
  video: 100 * MB,
  file: 100 * MB,
  voice: 25 * MB,
  audio: 25 * MB,
  sticker: 5 * MB,
} as const satisfies Record<AttachmentKind, number>;

/**
 * Why a file does not come:
 * - `gone`: the source has it no more, or keeps it from us
 * - `refused`: its address leads where nothing of ours may go
 * - `too-large`: it is larger than we pass on
 * - `too-slow`: it stopped coming, or took too long
 * - `unreachable`: the source does not answer, or not sensibly
 * - `no-room`: there is no place to keep it
 */
export type MediaTrouble =
  | 'gone'
  | 'refused'
  | 'too-large'
  | 'too-slow'
  | 'unreachable'
  | 'no-room';

/** The only error of the ports below. Its message is for logs and names no address. */
export class MediaFault extends Error {
  override readonly name = 'MediaFault';

  constructor(
    readonly trouble: MediaTrouble,
    message: string = trouble,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** A file, or a part of it, that begins to come. */
export interface OpenedFile {
  /** 416: the part that was asked for is none. */
  readonly status: 200 | 206 | 416;
  /** As its source says. */
  readonly mimeType?: string;
  readonly encoding?: string;
  /** Of what comes, which may be a part. */
  readonly sizeBytes?: number;
  /** `Content-Range` of a part. */
  readonly range?: string;
  readonly acceptsRanges: boolean;
  /** Read once, and never faster than it is asked for. Throws {MediaFault}. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Ends it early; does nothing when it has ended. */
  close(): void;
}

/** What is known of a file without fetching it. */
export interface FileFacts {
  readonly sizeBytes?: number;
  readonly mimeType?: string;
}

/** Where files are fetched from: other people's servers. Nothing that is not public is reached through it. */
export abstract class MediaSource {
  /**
   * Begins to fetch a file.
   * @param ask.range a `Range` header, passed on as it is
   * @param ask.mostBytes of the whole file; more than that is cut off
   * @throws {MediaFault}
   */
  abstract open(
    url: string,
    ask: { readonly range?: string; readonly mostBytes: number; readonly signal?: AbortSignal },
  ): Promise<OpenedFile>;

  /** Size and type of a file, as far as its source tells them within this time. Never throws. */
  abstract facts(url: string, withinMs: number): Promise<FileFacts>;
}

/** Where copies lie. A copy is there as a whole or not at all. */
export abstract class MediaStore {
  /**
   * Begins to read a copy; undefined where there is none.
   * @param range a `Range` header; what is no single range of bytes counts for nothing
   * @throws {MediaFault} while nobody can tell whether there is one
   */
  abstract open(file: FiledFile, range?: string): Promise<OpenedFile | undefined>;

  /**
   * Keeps a copy, on disk for good when this resolves. Replaces one that is there.
   * @param signal ends it soon, whatever the store is doing
   * @throws {MediaFault} of the bytes as it is, else `no-room`, and then nothing is kept
   */
  abstract keep(
    file: FiledFile,
    bytes: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<void>;

  /** Removes copies older than this, and what was left of broken ones. */
  abstract prune(days: number): Promise<void>;
}

/** A link of ours, or why it is none. */
export type ReadLink =
  | {
      readonly messageId: number;
      /** Of the message's own id: rows are numbered anew in another journal. */
      readonly mark: string;
      readonly direction: FiledFile['direction'];
      readonly line: Line;
    }
  | 'expired'
  | 'forged';

/** Links to files that lead through us. */
export abstract class MediaLinks {
  /**
   * The same link for the same file, however often it is made; undefined where PUBLIC_URL is not set.
   * @param file.since when the time begins for which it works
   * @param name ends in an extension: edna takes no address without one
   */
  abstract to(
    file: Pick<FiledFile, 'messageId' | 'direction' | 'sourceId'> & { readonly since: Date },
    name: string,
    line: Line,
  ): string | undefined;

  abstract read(token: string): ReadLink;
}

const EXTENSIONS = {
  picture: 'jpg',
  video: 'mp4',
  file: 'bin',
  voice: 'ogg',
  audio: 'mp3',
  sticker: 'webp',
} as const satisfies Record<AttachmentKind, string>;

/** The end of a name, with its extension, is enough: addresses and headers are not to grow long. */
const NAME_CHARS = 80;

export function shortName(name: string): string {
  return Array.from(name).slice(-NAME_CHARS).join('').toWellFormed();
}

/** What a link of ours to a file ends in: the file's name, and an extension in any case. */
export function nameInLink(
  { name, url, mimeType }: Attachment,
  kind: AttachmentKind,
  type = mimeType,
): string {
  const given = (name || nameInAddress(url)).replace(/[\p{Cc}/\\]+/gu, ' ').trim() || kind;
  const full =
    extensionOf(given) === '' ? `${given}.${extensionOfType(type) || EXTENSIONS[kind]}` : given;
  return shortName(full);
}

/**
 * When a signed link stops working; undefined where it does not say. S3 writes `Expires`, in seconds since 1970, or
 * `X-Amz-Date` and `X-Amz-Expires` (docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html).
 */
export function linkExpiry(url: string): Date | undefined {
  if (!URL.canParse(url)) return undefined;
  const query = new Map(
    [...new URL(url).searchParams].map(([name, value]) => [name.toLowerCase(), value]),
  );
  const expires = query.get('expires') ?? '';
  if (/^\d{9,11}$/.test(expires)) return new Date(Number(expires) * 1000);
  const [, y, mo, d, h, mi, s] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('x-amz-date') ?? '') ?? [];
  const seconds = query.get('x-amz-expires') ?? '';
  if (y === undefined || !/^\d{1,7}$/.test(seconds)) return undefined;
  const from = Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s));
  return new Date(from + Number(seconds) * 1000);
}
