import type { FileShelf } from '../file-shelf.ts';
import type { ManagerContent } from './manager-content.ts';

const EXTENSIONS: Record<string, string> = {
  picture: 'png',
  sticker: 'webp',
  video: 'mp4',
  audio: 'mp3',
  voice: 'ogg',
  file: 'pdf',
};

/**
 * The file of what a manager writes: put on the shelf, and made up where no bytes are given; none
 * for a text, and the link itself where there is one.
 * @param url the address of the shelf's twin
 */
export function attached(
  content: Exclude<ManagerContent, string>,
  shelf: FileShelf,
  url: () => string,
) {
  const extension = EXTENSIONS[content.type];
  if (extension === undefined || content.media !== undefined) {
    const { media = '', fileName = '', fileSize = 0 } = content;
    return { media, fileName, fileSize, thumbnail: '' };
  }
  const stored = shelf.put(content.fileName || `${content.type}-1.${extension}`, content.bytes);
  const media = `${url()}${stored.path}`;
  return {
    media,
    fileName: content.fileName ?? stored.name,
    fileSize: content.fileSize ?? stored.bytes.length,
    thumbnail: content.type === 'picture' ? media : '',
  };
}
