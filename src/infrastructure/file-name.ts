import { nameInAddress, type Attachment, type AttachmentKind } from '../domain/message.js';

const BY_KIND: Readonly<Record<AttachmentKind, string>> = {
  picture: 'image.jpg',
  video: 'video.mp4',
  file: 'file',
  voice: 'voice.ogg',
  audio: 'audio.mp3',
  sticker: 'sticker.webp',
};

/** The name a file goes by: its own, else the last piece of its address, else one for its kind. */
export function fileName(attachment: Attachment, kind: AttachmentKind): string {
  return tidy(attachment.name ?? '') || tidy(nameInAddress(attachment.url)) || BY_KIND[kind];
}

/** Shortens a name to a platform's limit, in UTF-16 units, and keeps its extension. */
export function shortenName(name: string, most: number): string {
  if (name.length <= most) return name;
  const extension = /\.[^.\s]{1,10}$/.exec(name)?.[0] ?? '';
  let stem = '';
  // By code points, so that no surrogate pair is cut.
  for (const letter of name.slice(0, name.length - extension.length)) {
    if (stem.length + letter.length + extension.length > most) break;
    stem += letter;
  }
  return stem + extension;
}

/** Control characters and slashes have no place in a name. */
function tidy(name: string): string {
  return name.replace(/[\p{Cc}/\\]+/gu, ' ').trim();
}
