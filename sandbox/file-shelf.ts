import { randomBytes } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import type { Answer } from './answer.ts';
import { sha1Of } from './fetched-file.ts';

export interface ShelvedFile {
  /** Path under the shelf, ends with the extension. */
  readonly path: string;
  readonly name: string;
  readonly bytes: Buffer;
  readonly sha1: string;
  readonly contentType: string;
}

const CONTENT_TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  mp4: 'video/mp4',
  ogg: 'audio/ogg',
  mp3: 'audio/mpeg',
  pdf: 'application/pdf',
  txt: 'text/plain; charset=utf-8',
};

/** How a real file of the kind begins; enough for whoever looks at the first bytes. */
const BEGINNINGS: Record<string, Buffer> = {
  jpg: Buffer.from('ffd8ffe000104a46494600', 'hex'),
  webp: Buffer.from('RIFF\x20\0\0\0WEBPVP8 ', 'latin1'),
  mp4: Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1'),
  ogg: Buffer.from('OggS\0\x02', 'latin1'),
  mp3: Buffer.from('ID3\x03\0\0', 'latin1'),
  pdf: Buffer.from('%PDF-1.4\n'),
};

/** Files a twin serves: what a client sent to edna, what a manager attached in amoCRM. */
export class FileShelf {
  readonly #prefix: string;
  readonly #files = new Map<string, ShelvedFile>();

  /** @param prefix path of the shelf, such as `/files` */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Puts a file on the shelf; without bytes a small one of the kind, unlike every other. */
  put(name: string, bytes: Buffer = sampleFile(extensionOf(name))): ShelvedFile {
    const folder = randomBytes(6).toString('hex');
    const path = `${this.#prefix}/${folder}/${encodeURIComponent(name.toWellFormed())}`;
    const contentType = CONTENT_TYPES[extensionOf(name)] ?? 'application/octet-stream';
    const file = { path, name, bytes, sha1: sha1Of(bytes), contentType };
    this.#files.set(file.path, file);
    return file;
  }

  find(sha1: string): ShelvedFile | undefined {
    return [...this.#files.values()].find((file) => file.sha1 === sha1);
  }

  hashOf(path: string): string | undefined {
    return this.#files.get(path)?.sha1;
  }

  answer(path: string): Answer {
    const file = this.#files.get(path);
    if (file === undefined) return { status: 404, reason: `no file at ${path}` };
    return { status: 200, body: file.bytes, headers: { 'Content-Type': file.contentType } };
  }
}

/** The extension in lower case, empty where there is none. */
export function extensionOf(nameOrPath: string): string {
  return /\.([A-Za-z0-9]{1,8})$/.exec(nameOrPath)?.[1]?.toLowerCase() ?? '';
}

function sampleFile(extension: string): Buffer {
  const unique = randomBytes(8);
  if (extension === 'png') return samplePng(unique);
  return Buffer.concat([
    BEGINNINGS[extension] ?? Buffer.alloc(0),
    Buffer.from(`sandbox ${unique.toString('hex')}\n`),
  ]);
}

/** A picture of 32 × 32 points in one colour, with a text block that makes it unlike all others. */
function samplePng(unique: Buffer): Buffer {
  const side = 32;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  // Eight bits a colour, three colours a point.
  header.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), ...Array(side).fill(unique.subarray(0, 3))]);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', header),
    pngChunk('tEXt', Buffer.from(`Comment\0${unique.toString('hex')}`)),
    pngChunk('IDAT', deflateSync(Buffer.concat(Array(side).fill(row)))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
