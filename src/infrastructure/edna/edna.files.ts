import { Injectable } from '@nestjs/common';
import { extensionOf, plainType, typeOfName } from '../../domain/file-types.js';
import type { Line } from '../../domain/line.js';
import {
  MEDIA_BYTES,
  MediaLinks,
  MediaSource,
  nameInLink,
  type FileFacts,
} from '../../domain/media.js';
import {
  fileOf,
  nameInAddress,
  withFile,
  type Attachment,
  type AttachmentKind,
} from '../../domain/message.js';
import type { Dispatch } from '../../domain/ports.js';
import { Settings } from '../../domain/settings.js';
import { channelOf, type FileRule } from './edna.channels.js';
import { fileTooLarge } from './edna.refusals.js';

/** The most that asking about a file may take of an attempt's own time; the rest is for the send. */
const ASKING = { mostMs: 2_000, share: 1 / 3 } as const;

/** Files whose repeats are not asked about again. */
const KNOWN_FILES = 1_000;

/**
 * Makes a manager's file fit for its channel before it is sent: edna fetches it after its 200, and what is wrong with
 * it would come back as a code, if at all.
 */
@Injectable()
export class EdnaFiles {
  private readonly known = new Map<string, FileFacts>();

  constructor(
    private readonly source: MediaSource,
    private readonly links: MediaLinks,
    private readonly settings: Settings,
  ) {}

  /**
   * The dispatch as it is to be sent. A file whose source tells nothing in time goes as it is.
   * @param deadline of the attempt, on the clock of `Http.deadline`
   * @throws {DeliveryError} `rejected`, `too-large`
   */
  async fit(dispatch: Dispatch, line: Line, deadline: number): Promise<Dispatch> {
    const { content, route } = dispatch;
    const file = fileOf(content);
    if (!file) return dispatch;
    const { kind, attachment } = file;
    const { carries, files } = channelOf(route.channelType);
    // What the channel has no word for is refused by the mapper, without a request.
    if (!carries[kind]) return dispatch;
    if (!files && isStable(attachment.url)) return dispatch;
    const facts = await this.ask(attachment, deadline);
    const ruleOf = (one: AttachmentKind) => files?.[carries[one] ?? 'TEXT'];
    const isOdd = isMisfit(kind, ruleOf(kind), typeOf(attachment, facts), facts);
    // What stands on top of a template is of the kind that was approved.
    const as = isOdd && carries.file && 'attachment' in content ? 'file' : kind;
    const url = this.linkTo(dispatch, line);
    const { sizeBytes } = facts;
    const own = url === attachment.url ? Infinity : MEDIA_BYTES[kind];
    const limit = Math.min(ruleOf(as)?.bytes ?? Infinity, own);
    if (sizeBytes !== undefined && sizeBytes > limit) {
      throw fileTooLarge(kind, sizeBytes, limit, this.settings.language);
    }
    const sized = { ...attachment, ...(sizeBytes !== undefined && { sizeBytes }), url };
    const fit = withFile(content, sized);
    return { ...dispatch, content: 'attachment' in fit ? { ...fit, kind: as } : fit };
  }

  /** The dispatch as it was sent, as far as the messenger's history knows files: by address and name. */
  asSent(dispatch: Dispatch, line: Line): Dispatch {
    const { content } = dispatch;
    const file = fileOf(content);
    if (!file) return dispatch;
    const url = this.linkTo(dispatch, line);
    return { ...dispatch, content: withFile(content, { ...file.attachment, url }) };
  }

  /**
   * Its own address, or one of ours where edna would not take that: edna wants an extension at the end of the path,
   * and fetches when it likes, so a signature may be dead by then.
   */
  private linkTo({ content, file: filed, messageId: sourceId }: Dispatch, line: Line): string {
    const file = fileOf(content);
    if (!file) return '';
    const { kind, attachment } = file;
    const { url } = attachment;
    if (!filed || isStable(url)) return url;
    const { messageId, writtenAt: since } = filed;
    const name = nameInLink(attachment, kind, this.known.get(url)?.mimeType);
    const whose = { messageId, sourceId, direction: 'outbound', since } as const;
    return this.links.to(whose, name, line) ?? url;
  }

  /** What the source tells, else what amoCRM did. */
  private async ask({ url, sizeBytes }: Attachment, deadline: number): Promise<FileFacts> {
    const told = { ...(sizeBytes !== undefined && { sizeBytes }) };
    const known = this.known.get(url);
    if (known?.sizeBytes !== undefined) return known;
    const leftMs = deadline - performance.now();
    const found = await this.source.facts(url, Math.min(ASKING.mostMs, leftMs * ASKING.share));
    const facts = { ...known, ...found };
    this.known.set(url, facts);
    const [oldest] = this.known.keys();
    if (this.known.size > KNOWN_FILES && oldest !== undefined) this.known.delete(oldest);
    return { ...told, ...facts };
  }
}

/** Whether a file goes as a document. A voice stays a voice; a video that is too large is not made smaller by that. */
function isMisfit(
  kind: AttachmentKind,
  rule: FileRule | undefined,
  type: string | undefined,
  { sizeBytes = 0 }: FileFacts,
): boolean {
  if (!rule || kind === 'voice') return false;
  if (type !== undefined && rule.types && !rule.types.includes(type)) return true;
  return kind === 'picture' && sizeBytes > rule.bytes;
}

function typeOf({ mimeType, name = '', url }: Attachment, facts: FileFacts): string | undefined {
  const told = facts.mimeType ?? plainType(mimeType);
  return told ?? typeOfName(name) ?? typeOfName(nameInAddress(url));
}

function isStable(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { pathname, search } = new URL(url);
  return search === '' && extensionOf(pathname) !== '';
}
