import { Injectable } from '@nestjs/common';
import { extensionOf, plainType, typeOfName } from '../../domain/file-types.js';
import type { Line } from '../../domain/line.js';
import { MediaLinks, MediaSource, nameInLink, type FileFacts } from '../../domain/media.js';
import { nameInAddress, type Attachment, type AttachmentKind } from '../../domain/message.js';
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
    if (!('attachment' in content)) return dispatch;
    const { carries, files } = channelOf(route.channelType);
    // What the channel has no word for is refused by the mapper, without a request.
    if (!carries[content.kind]) return dispatch;
    if (!files && isStable(content.attachment.url)) return dispatch;
    const facts = await this.ask(content.attachment.url, deadline);
    const ruleOf = (kind: AttachmentKind) => files?.[carries[kind] ?? 'TEXT'];
    const asItIs = ruleOf(content.kind);
    const isOdd = isMisfit(content.kind, asItIs, typeOf(content.attachment, facts), facts);
    const kind = isOdd && carries.file ? 'file' : content.kind;
    const { sizeBytes } = facts;
    const rule = ruleOf(kind);
    if (rule && sizeBytes !== undefined && sizeBytes > rule.bytes) {
      throw fileTooLarge(content.kind, sizeBytes, rule.bytes, this.settings.language);
    }
    const sized = { ...content.attachment, ...(sizeBytes !== undefined && { sizeBytes }) };
    const attachment = { ...sized, url: this.linkTo(dispatch, line) };
    return { ...dispatch, content: { ...content, kind, attachment } };
  }

  /** The dispatch as it was sent, as far as the messenger's history knows files: by address and name. */
  asSent(dispatch: Dispatch, line: Line): Dispatch {
    const { content } = dispatch;
    if (!('attachment' in content)) return dispatch;
    const attachment = { ...content.attachment, url: this.linkTo(dispatch, line) };
    return { ...dispatch, content: { ...content, attachment } };
  }

  /**
   * Its own address, or one of ours where edna would not take that: edna wants an extension at the end of the path,
   * and fetches when it likes, so a signature may be dead by then.
   */
  private linkTo({ content, file }: Dispatch, line: Line): string {
    if (!('attachment' in content)) return '';
    const { kind, attachment } = content;
    const { url } = attachment;
    if (!file || isStable(url)) return url;
    const { messageId, writtenAt } = file;
    const name = nameInLink(attachment, kind, this.known.get(url)?.mimeType);
    return this.links.to({ messageId, writtenAt, direction: 'outbound' }, name, line) ?? url;
  }

  private async ask(url: string, deadline: number): Promise<FileFacts> {
    const known = this.known.get(url);
    if (known) return known;
    const leftMs = deadline - performance.now();
    const facts = await this.source.facts(url, Math.min(ASKING.mostMs, leftMs * ASKING.share));
    if (facts.sizeBytes === undefined) return facts;
    this.known.set(url, facts);
    const [oldest] = this.known.keys();
    if (this.known.size > KNOWN_FILES && oldest !== undefined) this.known.delete(oldest);
    return facts;
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
