import type { OpenedFile } from '../../domain/media.js';

/** Bytes of a file, both ends included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * What a `Range` header asks of a file (RFC 9110 section 14.1.2). Undefined where all of it is to be sent: no header,
 * one of another unit, or several ranges, which a server may answer so. `none`: nothing of it lies within the file.
 */
export function toSpan(header: string | undefined, size: number): Span | 'none' | undefined {
  const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  if (from === '') {
    const last = Math.min(Number(to), size);
    return last === 0 ? 'none' : { start: size - last, end: size - 1 };
  }
  if (to !== '' && Number(to) < Number(from)) return undefined;
  if (Number(from) >= size) return 'none';
  return { start: Number(from), end: to === '' ? size - 1 : Math.min(Number(to), size - 1) };
}

/** Whether a header asks for one range of bytes, of whatever file. */
export function isRange(header: string | undefined): boolean {
  return toSpan(header, Number.MAX_SAFE_INTEGER) !== undefined;
}

/** Of an empty file, and of a part that is none. */
export const NO_BYTES: AsyncIterable<Uint8Array> = {
  async *[Symbol.asyncIterator]() {
    // Nothing comes.
  },
};

/** The answer to a range that lies beyond the file's end. */
export function beyond(size?: number): OpenedFile {
  return {
    status: 416,
    sizeBytes: 0,
    ...(size !== undefined && { range: `bytes */${size}` }),
    acceptsRanges: true,
    bytes: NO_BYTES,
    close: () => undefined,
  };
}

/** Whether `Content-Range` names what a `Range` header of one range asked for: from there, and no further. */
export function isAsked(header: string, contentRange: string | undefined): boolean {
  const [, from, to, of] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(contentRange ?? '') ?? [];
  if (from === undefined || to === undefined) return false;
  const span = toSpan(header, of === '*' ? Number(to) + 1 : Number(of));
  if (span === undefined || span === 'none') return false;
  return Number(from) === span.start && Number(to) >= span.start && Number(to) <= span.end;
}
