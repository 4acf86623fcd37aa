import type { Readable } from 'node:stream';
import { MediaFault } from '../../domain/media.js';
import type { MediaLimits } from './media-limits.js';

/**
 * The bytes of an answer as they are asked for: cut off where they are too many, do not go on, or never end.
 * The time of whoever reads them counts for the whole, and not for the pauses of the source.
 */
export async function* metered(
  answer: Readable,
  mostBytes: number,
  { idleMs, totalMs }: Pick<MediaLimits, 'idleMs' | 'totalMs'>,
): AsyncGenerator<Uint8Array> {
  const cut = (why: string) => answer.destroy(new MediaFault('too-slow', why));
  const end = setTimeout(() => cut('the file did not end in time'), totalMs);
  const pieces = (answer as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let left = mostBytes;
  try {
    for (;;) {
      const idle = setTimeout(() => cut('the source stopped'), idleMs);
      const piece = await pieces.next().finally(() => clearTimeout(idle));
      if (piece.done === true) return;
      left -= piece.value.length;
      if (left < 0) throw new MediaFault('too-large', `more than ${mostBytes} bytes`);
      yield piece.value;
    }
  } catch (error) {
    throw error instanceof MediaFault
      ? error
      : new MediaFault('unreachable', 'the source broke off', error);
  } finally {
    clearTimeout(end);
    answer.destroy();
  }
}
