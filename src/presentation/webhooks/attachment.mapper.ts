import { nameInAddress, type Attachment, type AttachmentKind } from '../../domain/message.js';
import { toNumber, toUrl, toWord } from './wire-values.js';

/** A file as a body describes it; absent where the body names no address it could be fetched from. */
export function toAttachment(file: {
  readonly url?: unknown;
  readonly name?: unknown;
  readonly size?: unknown;
  readonly mimeType?: unknown;
}): Attachment | undefined {
  const url = toUrl(file.url);
  if (url === undefined) return undefined;
  const name = toWord(file.name) ?? (nameInAddress(url) || undefined);
  const sizeBytes = toNumber(file.size);
  const mimeType = toWord(file.mimeType);
  return {
    url,
    ...(name !== undefined && { name }),
    // amoCRM writes 0 where it does not know.
    ...(sizeBytes !== undefined && sizeBytes > 0 && { sizeBytes: Math.trunc(sizeBytes) }),
    ...(mimeType !== undefined && { mimeType }),
  };
}

const EXTENSIONS = {
  picture: ['jpg', 'jpeg', 'png', 'webp', 'gif', 'bmp', 'heic'],
  video: ['mp4', 'm4v', '3gp', 'mov', 'avi', 'mkv', 'webm'],
  voice: ['ogg', 'oga', 'opus'],
  audio: ['mp3', 'm4a', 'aac', 'amr', 'wav', 'flac', 'wma'],
} as const satisfies Partial<Record<AttachmentKind, readonly string[]>>;

const KIND_OF = new Map<string, AttachmentKind>(
  Object.entries(EXTENSIONS).flatMap(([kind, extensions]) =>
    extensions.map((extension) => [extension, kind as keyof typeof EXTENSIONS] as const),
  ),
);

/** What a file is, by its MIME type or the extension of its name, where nobody says it. */
export function kindOf(attachment: Attachment): AttachmentKind {
  const [group, subtype = ''] = (attachment.mimeType ?? '').toLowerCase().split('/');
  if (group === 'image') return 'picture';
  if (group === 'video') return 'video';
  if (group === 'audio') return /ogg|opus/.test(subtype) ? 'voice' : 'audio';
  const extension = /\.(\w+)$/.exec(attachment.name ?? '')?.[1] ?? extensionIn(attachment.url);
  return KIND_OF.get(extension.toLowerCase()) ?? 'file';
}

function extensionIn(url: string): string {
  return /\.(\w+)$/.exec(new URL(url).pathname)?.[1] ?? '';
}
