import {
  FiledFiles,
  MediaFault,
  MediaLinks,
  MediaSource,
  MediaStore,
  type CopyWork,
  type FiledFile,
  type FileFacts,
  type OpenedFile,
  type ReadLink,
} from '../../src/domain/media.js';
import { LINE, aMessage } from '../builders.js';

/** A file of a client, as the journal has it. */
export function aFile(file: Partial<FiledFile> = {}): FiledFile {
  const attachment = { url: 'https://files.example.test/a/scratch.webp?Expires=1770715241' };
  return {
    messageId: 7,
    direction: 'inbound',
    line: LINE,
    sourceId: aMessage().sourceId,
    content: { kind: 'picture', attachment },
    ...file,
  };
}

export function anOpened(text: string, of: Partial<OpenedFile> = {}): OpenedFile {
  return {
    status: 200,
    sizeBytes: Buffer.byteLength(text),
    acceptsRanges: true,
    bytes: inPieces(text),
    close: () => undefined,
    ...of,
  };
}

/** All of a file, or of the part that comes. */
export async function bytesOf({ bytes }: OpenedFile): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* inPieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** Sources that have what a spec puts there, and nothing else. */
export class FakeSource extends MediaSource {
  readonly files = new Map<string, OpenedFile | MediaFault>();
  readonly known = new Map<string, FileFacts>();
  readonly asked: string[] = [];

  override open(url: string): Promise<OpenedFile> {
    this.asked.push(url);
    const found = this.files.get(url) ?? new MediaFault('gone');
    return found instanceof MediaFault ? Promise.reject(found) : Promise.resolve(found);
  }

  override facts(url: string): Promise<FileFacts> {
    this.asked.push(url);
    return Promise.resolve(this.known.get(url) ?? {});
  }
}

export class FakeStore extends MediaStore {
  readonly kept = new Map<number, string>();
  /** Set: nothing can be kept. */
  fails?: MediaFault;
  /** Set: nobody can tell what is kept. */
  away?: MediaFault;
  /** How often it was looked for a copy. */
  asked = 0;

  override open({ messageId }: FiledFile): Promise<OpenedFile | undefined> {
    this.asked += 1;
    if (this.away) return Promise.reject(this.away);
    const text = this.kept.get(messageId);
    return Promise.resolve(text === undefined ? undefined : anOpened(text));
  }

  override async keep({ messageId }: FiledFile, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.fails) throw this.fails;
    const pieces: Uint8Array[] = [];
    for await (const piece of bytes) pieces.push(piece);
    this.kept.set(messageId, Buffer.concat(pieces).toString());
  }

  override prune(): Promise<void> {
    return Promise.resolve();
  }
}

/** Links as they would be with PUBLIC_URL set, unsigned. */
export class FakeLinks extends MediaLinks {
  readonly links = new Map<string, ReadLink>();

  /** @param publicUrl empty: it is not set */
  constructor(private readonly publicUrl = 'https://bridge.example.test') {
    super();
  }

  override to(file: { messageId: number; direction: string }, name: string): string | undefined {
    if (this.publicUrl === '') return undefined;
    const token = `${file.direction}-${file.messageId}`;
    return `${this.publicUrl}/media/${token}/${encodeURIComponent(name)}`;
  }

  override read(token: string): ReadLink {
    return this.links.get(token) ?? 'forged';
  }
}

export class FakeFiles extends FiledFiles {
  readonly files = new Map<number, FiledFile>();
  readonly ended: number[] = [];
  readonly putOff: { messageId: number; afterMs: number }[] = [];

  override find(messageId: number): Promise<FiledFile | undefined> {
    return Promise.resolve(this.files.get(messageId));
  }

  override claimCopies(_most: number): Promise<readonly CopyWork[]> {
    return Promise.resolve([]);
  }

  override endCopy(messageId: number): Promise<void> {
    this.ended.push(messageId);
    return Promise.resolve();
  }

  override putOffCopy(messageId: number, afterMs: number): Promise<void> {
    this.putOff.push({ messageId, afterMs });
    return Promise.resolve();
  }
}
