import type { NestExpressApplication } from '@nestjs/platform-express';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { APP_FILTER } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { aLine } from '../../../test/builders.js';
import { aFile, anOpened, FakeFiles } from '../../../test/fakes/media.js';
import { FileServer, pour } from '../../../test/file-server.js';
import { inboundSourceId } from '../../domain/ids.js';
import { Lines } from '../../domain/line.js';
import type { FiledFile } from '../../domain/media.js';
import type { AttachmentKind } from '../../domain/message.js';
import { Settings } from '../../domain/settings.js';
import { FolderStore } from '../../infrastructure/media/folder-store.js';
import { GuardedAgents } from '../../infrastructure/media/guarded-agents.js';
import { MediaLimits } from '../../infrastructure/media/media-limits.js';
import { HttpMediaSource } from '../../infrastructure/media/media-source.js';
import { SignedMediaLinks } from '../../infrastructure/media/signed-links.js';
import { OpenFile } from '../../use-cases/open-file.js';
import { ErrorFilter } from '../error.filter.js';
import { MediaController } from './media.controller.js';

const writtenAt = new Date('2026-02-03T09:20:41Z');

let server: FileServer;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let app: NestExpressApplication;
let folder: string;
let files: FakeFiles;
let store: FolderStore;
let links: SignedMediaLinks;
let now: Date;
let limits: MediaLimits;
const line = () => aLine({ baseUrl: server.url });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bridge-media-'));
  server = await FileServer.start((request, response) => answer(request, response));
  const settings = new Settings({ publicUrl: 'https://bridge.example.test', mediaDir: folder });
  const lines = new Lines([line()]);
  now = writtenAt;
  links = new SignedMediaLinks(lines, settings, { now: () => now });
  files = new FakeFiles();
  store = new FolderStore(settings, async () => Infinity);
  limits = new MediaLimits();
  const source = new HttpMediaSource(new GuardedAgents(lines), limits);
  const module = await Test.createTestingModule({
    controllers: [MediaController],
    providers: [
      { provide: OpenFile, useValue: new OpenFile(links, files, store, source) },
      { provide: APP_FILTER, useClass: ErrorFilter },
    ],
  }).compile();
  app = module.createNestApplication<NestExpressApplication>({ logger: false });
  await app.listen(0, '127.0.0.1');
});
afterEach(async () => {
  await app.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Files it with a file of the spec's server. @returns our link to it */
async function link(path: string, of: { kind?: AttachmentKind; name?: string } = {}) {
  const attachment = { url: `${server.url}${path}`, ...(of.name && { name: of.name }) };
  const file = aFile({ content: { kind: of.kind ?? 'file', attachment } });
  files.files.set(file.messageId, file);
  return linkTo(file);
}
async function linkTo(file: FiledFile): Promise<string> {
  const url = links.to({ ...file, since: writtenAt }, 'price.pdf', line()) ?? '';
  return (await app.getUrl()) + new URL(url).pathname;
}
const ends = (body: Buffer | string, headers: Record<string, string | number> = {}) => {
  answer = (_, response) => void response.writeHead(200, headers).end(body);
};

describe('a link to a file', () => {
  it('brings the file, with its type and its name, and nothing that could run', async () => {
    ends('%PDF', { 'Content-Type': 'application/pdf', 'Content-Length': 4 });
    const got = await fetch(await link('/a/1', { name: 'Договор № 5.pdf' }));
    expect(got.status).toBe(200);
    expect(await got.text()).toBe('%PDF');
    expect(Object.fromEntries(got.headers)).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': '4',
      'content-disposition':
        'inline; filename="??????? ? 5.pdf"; filename*=UTF-8\'\'%D0%94%D0%BE%D0%B3%D0%BE%D0%B2%D0%BE%D1%80%20%E2%84%96%205.pdf',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
  });

  it.each([
    ['text/html', 'a.html', 'application/octet-stream', 'attachment'],
    ['image/svg+xml', 'a.svg', 'image/svg+xml', 'attachment'],
    ['application/octet-stream', 'a.png', 'image/png', 'inline'],
    ['image/jpeg', 'photo', 'image/jpeg', 'inline; filename=photo.jpg'],
    ['', 'a"\r\nSet-Cookie: x=1.png', 'image/png', 'inline'],
  ])('to a file of type %s named %s says %s, %s', async (type, name, said, shown) => {
    ends('x', { 'Content-Type': type });
    const { headers } = await fetch(await link('/a', { name }));
    expect(headers.get('content-type')).toBe(said);
    expect(headers.get('content-disposition')).toMatch(new RegExp(`^${shown}`));
    expect(headers.get('set-cookie')).toBeNull();
  });

  it('passes ranges on, and what cannot be satisfied', async () => {
    answer = ({ headers: { range } }, response) => {
      if (range === 'bytes=9-') {
        response.writeHead(416, { 'Content-Range': 'bytes */6' }).end();
      } else {
        const head = { 'Content-Range': 'bytes 1-2/6', 'Content-Length': 2 };
        response.writeHead(206, head).end('bc');
      }
    };
    const url = await link('/a');
    const part = await fetch(url, { headers: { Range: 'bytes=1-2' } });
    expect([part.status, await part.text()]).toEqual([206, 'bc']);
    expect(part.headers.get('content-range')).toBe('bytes 1-2/6');
    const none = await fetch(url, { headers: { Range: 'bytes=9-' } });
    expect([none.status, none.headers.get('content-range')]).toEqual([416, 'bytes */6']);
  });

  it('answers HEAD without fetching the file', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Length': 50_000_000, 'Content-Type': 'video/mp4' });
      pour(response, 50_000_000);
    };
    const got = await fetch(await link('/a.mp4'), { method: 'HEAD' });
    expect(got.status).toBe(200);
    expect(got.headers.get('content-length')).toBe('50000000');
    await server.brokenOff();
  });

  it('brings the copy once there is one, in parts as well, though the source is gone', async () => {
    answer = (_, response) => void response.writeHead(404).end();
    const url = await link('/a/scratch.webp', { kind: 'picture' });
    await store.keep(aFile(), anOpened('abcdef').bytes);
    const whole = await fetch(url);
    expect([whole.status, await whole.text()]).toEqual([200, 'abcdef']);
    expect(whole.headers.get('content-type')).toBe('image/webp');
    expect(whole.headers.get('accept-ranges')).toBe('bytes');
    const part = await fetch(url, { headers: { Range: 'bytes=-2' } });
    expect([part.status, await part.text()]).toEqual([206, 'ef']);
    expect(part.headers.get('content-range')).toBe('bytes 4-5/6');
    const none = await fetch(url, { headers: { Range: 'bytes=6-' } });
    expect([none.status, none.headers.get('content-range')]).toEqual([416, 'bytes */6']);
    expect(server.requests).toEqual([]);
  });
});

describe('a link that leads to no file', () => {
  const refusal = async (url: string) => {
    const got = await fetch(url);
    const { code } = (await got.json()) as { code: string };
    return [got.status, code];
  };

  it('because it is forged is not found, and asks nobody', async () => {
    const url = await link('/a');
    expect(await refusal(url.replace(/\/media\/(.)(.)/, '/media/$1z$2'))).toEqual([
      404,
      'not-found',
    ]);
    expect(await refusal(url.replace('/media/i', '/media/o'))).toEqual([404, 'not-found']);
    expect(await refusal(url.replace(/media\/[^/]+/, 'media/..%2f..%2fetc'))).toEqual([
      404,
      'not-found',
    ]);
    expect(server.requests).toEqual([]);
  });

  it('because it has expired is gone', async () => {
    const url = await link('/a');
    now = new Date('2027-01-01T00:00:00Z');
    expect(await refusal(url)).toEqual([410, 'link-expired']);
  });

  it('because its message is not there, or of another direction, is not found', async () => {
    expect(await refusal(await linkTo(aFile({ messageId: 99 })))).toEqual([404, 'not-found']);
    const outbound = aFile({ direction: 'outbound' });
    files.files.set(outbound.messageId, outbound);
    expect(await refusal(await linkTo(aFile()))).toEqual([404, 'not-found']);
  });

  it('because another message has its place in another journal is not found', async () => {
    const url = await link('/a');
    const other = aFile({ sourceId: inboundSourceId('71844', '2') });
    files.files.set(other.messageId, other);
    expect(await refusal(url)).toEqual([404, 'not-found']);
    expect(server.requests).toEqual([]);
  });

  it('because its message is forgotten is gone, unless there is a copy: its name is in the link', async () => {
    const { content: _, ...forgotten } = aFile();
    files.files.set(forgotten.messageId, forgotten);
    expect(await refusal(await linkTo(forgotten))).toEqual([404, 'file-gone']);
    await store.keep(forgotten, anOpened('%PDF').bytes);
    const { headers } = await fetch(await linkTo(forgotten));
    expect(headers.get('content-type')).toBe('application/pdf');
    expect(headers.get('content-disposition')).toBe('inline; filename=price.pdf');
  });

  it.each([
    ['is gone', 404, [404, 'file-gone']],
    ['is in trouble', 503, [502, 'file-unreachable']],
  ])('because its source %s says so', async (_, status, said) => {
    answer = (_, response) => void response.writeHead(status).end();
    expect(await refusal(await link('/a'))).toEqual(said);
  });

  it('because its source does not answer says so', async () => {
    Object.assign(limits, { headMs: 100 });
    answer = () => undefined;
    expect(await refusal(await link('/a'))).toEqual([504, 'file-too-slow']);
  });

  it('because it leads into our own network says so, without asking', async () => {
    answer = (_, response) =>
      void response.writeHead(302, { Location: 'http://169.254.169.254/' }).end();
    expect(await refusal(await link('/a'))).toEqual([404, 'file-refused']);
  });

  it('because the file is too large says so', async () => {
    answer = (_, response) =>
      void response.writeHead(200, { 'Content-Length': 25 * 1024 ** 2 + 1 }).end();
    expect(await refusal(await link('/a', { kind: 'voice' }))).toEqual([502, 'file-too-large']);
  });

  it.each([
    ['picture', 100],
    ['video', 100],
    ['file', 100],
    ['voice', 25],
    ['audio', 25],
    ['sticker', 5],
  ] as const)(
    'because it is too large for its kind says so: %s, more than %i MB',
    async (kind, mb) => {
      const url = await link('/a', { kind });
      const statusOf = async (size: number) => {
        answer = (_, response) => {
          response.writeHead(200, { 'Content-Length': size });
          response.flushHeaders();
        };
        return (await fetch(url, { method: 'HEAD' })).status;
      };
      expect([await statusOf(mb * 1024 ** 2), await statusOf(mb * 1024 ** 2 + 1)]).toEqual([
        200, 502,
      ]);
    },
  );
});

describe('a file that does not come to its end', () => {
  it('because it is larger than it may be is cut off', async () => {
    answer = (_, response) => pour(response, 30 * 1024 * 1024);
    const got = await fetch(await link('/a', { kind: 'voice' }));
    await expect(got.arrayBuffer()).rejects.toThrow();
    await server.brokenOff();
  });

  it('because its source stops is cut off', async () => {
    Object.assign(limits, { idleMs: 100 });
    answer = (_, response) => void response.write('half');
    const got = await fetch(await link('/a'));
    await expect(got.text()).rejects.toThrow();
  });

  it('because it comes in drops for ever is cut off', async () => {
    Object.assign(limits, { totalMs: 100 });
    answer = (_, response) => {
      const drip = setInterval(() => response.write('a'), 5);
      response.once('close', () => clearInterval(drip));
    };
    const got = await fetch(await link('/a'));
    await expect(got.text()).rejects.toThrow();
    await server.brokenOff();
  });

  it('because nobody wants it any more is not fetched to its end', async () => {
    answer = (_, response) => pour(response, 90 * 1024 * 1024);
    const stop = new AbortController();
    const got = await fetch(await link('/a'), { signal: stop.signal });
    await got.body?.getReader().read();
    stop.abort();
    await server.brokenOff();
  });
});

/**
 * What is held counts, not what is let go: source, bridge and reader share the process of the spec, and whatever ran
 * in it before decides how lazily it collects.
 */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** Bytes that something still refers to, be they on the heap or beside it; as fresh as the latest collection. */
function held(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('a file of 100 MB', () => {
  it('passes without being held in memory', async () => {
    const bytes = 100 * 1024 * 1024;
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Length': bytes });
      pour(response, bytes);
    };
    const url = await link('/a.bin');
    const collect = collector();
    collect();
    const before = held();
    let most = before;
    let got = 0;
    let next = 0;
    const response = await new Promise<IncomingMessage>((resolve) => {
      httpRequest(url, resolve).end();
    });
    for await (const piece of response as AsyncIterable<Buffer>) {
      got += piece.length;
      if (got < next) continue;
      next += 25 * 1024 * 1024;
      collect();
      most = Math.max(most, held());
    }
    expect(got).toBe(bytes);
    expect((most - before) / 1024 / 1024).toBeLessThan(40);
  });
});
