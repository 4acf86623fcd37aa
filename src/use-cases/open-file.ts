import { Injectable } from '@nestjs/common';
import { extensionOf, extensionOfType, plainType, typeOfName } from '../domain/file-types.js';
import {
  FiledFiles,
  MEDIA_BYTES,
  MediaFault,
  MediaLinks,
  MediaSource,
  MediaStore,
  shortName,
  type FiledFile,
  type OpenedFile,
} from '../domain/media.js';
import { markOf } from '../domain/ids.js';
import { nameInAddress } from '../domain/message.js';

/** A link of ours that has stopped working. */
export class LinkExpired extends Error {
  override readonly name = 'LinkExpired';
}

/** No link of ours, or one to a message that is not there. */
export class NoSuchLink extends Error {
  override readonly name = 'NoSuchLink';
}

export interface ServedFile extends OpenedFile {
  readonly fileName: string;
  readonly mimeType: string;
}

interface Ask {
  readonly range?: string;
  readonly signal?: AbortSignal;
}

/** What a link of ours leads to: the copy, where there is one, else the file itself. */
@Injectable()
export class OpenFile {
  constructor(
    private readonly links: MediaLinks,
    private readonly files: FiledFiles,
    private readonly store: MediaStore,
    private readonly source: MediaSource,
  ) {}

  /**
   * @param name in the link, which is not signed: for a file of which nothing else is known any more
   * @throws {LinkExpired | NoSuchLink | MediaFault}
   */
  async execute(token: string, name: string, ask: Ask): Promise<ServedFile> {
    const link = this.links.read(token);
    if (link === 'forged') throw new NoSuchLink();
    if (link === 'expired') throw new LinkExpired();
    const file = await this.files.find(link.messageId);
    const isSame = file?.line === link.line.key && file.direction === link.direction;
    if (!isSame || markOf(file.sourceId) !== link.mark) throw new NoSuchLink();
    const opened = await this.opened(file, ask);
    return { ...opened, ...named(file, opened, name) };
  }

  /** A store that is away keeps nobody from a file that its source still has. Copies are of clients' files only. */
  private async opened(file: FiledFile, ask: Ask): Promise<OpenedFile> {
    if (file.direction === 'outbound') return this.fromSource(file, ask);
    try {
      const copy = await this.store.open(file, ask.range);
      if (copy) return copy;
    } catch (away) {
      // Whatever the source says then, there may be a copy: the file is not gone.
      return this.fromSource(file, ask).catch(() => Promise.reject(away));
    }
    return this.fromSource(file, ask);
  }

  private async fromSource({ content }: FiledFile, ask: Ask): Promise<OpenedFile> {
    if (!content) throw new MediaFault('gone', 'the message is forgotten');
    return this.source.open(content.attachment.url, {
      ...ask,
      mostBytes: MEDIA_BYTES[content.kind],
    });
  }
}

function named({ content }: FiledFile, opened: OpenedFile, nameInLink: string) {
  const { url = '', name, mimeType } = content?.attachment ?? {};
  const given = name || nameInAddress(url) || nameInLink;
  const byName = typeOfName(given) ?? typeOfName(nameInAddress(url));
  const type = opened.mimeType ?? byName ?? plainType(mimeType);
  const extension = extensionOf(given) === '' ? extensionOfType(type) : '';
  return {
    fileName: shortName(extension ? `${given}.${extension}` : given),
    mimeType: type ?? 'application/octet-stream',
  };
}
