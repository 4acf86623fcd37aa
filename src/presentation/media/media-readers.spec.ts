import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { MediaFault } from '../../domain/media.js';
import { FileDoor } from '../../../test/file-door.js';
import { pour } from '../../../test/file-server.js';

let door: FileDoor;
afterEach(() => door.close());

/** A reader that asks for a file and takes nothing of it. */
function stalled(url: string): { end(): void } {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  socket.pause().write(`GET ${pathname} HTTP/1.1\r\nHost: bridge\r\n\r\n`);
  return { end: () => void socket.destroy() };
}

describe('a reader of a file', () => {
  it('that takes nothing is let go, and the source with it', async () => {
    door = await FileDoor.open({ idleMs: 100 });
    door.answer = (_, response) => pour(response, 90 * 1024 * 1024);
    const reader = stalled(await door.link());
    await door.source.brokenOff();
    reader.end();
  });

  it('that takes it too slowly is let go in the end', async () => {
    door = await FileDoor.open({ totalMs: 100 });
    door.answer = (_, response) => pour(response, 90 * 1024 * 1024);
    const reader = stalled(await door.link());
    await door.source.brokenOff();
    reader.end();
  });

  it('waits where there are too many at once, and has its turn once one has gone', async () => {
    door = await FileDoor.open({ most: 1 });
    door.answer = (_, response) => pour(response, 90 * 1024 * 1024);
    const url = await door.link();
    const stop = new AbortController();
    const first = await fetch(url, { signal: stop.signal });
    const second = await fetch(url);
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await second.json()).toMatchObject({ code: 'too-many-files' });
    expect(door.source.requests).toHaveLength(1);
    expect(first.status).toBe(200);
    stop.abort();
    await door.source.brokenOff();
    const third = await fetch(url, { method: 'HEAD' });
    expect(third.status).toBe(200);
  });

  it('is told the name in a header it can read, however long the name is', async () => {
    door = await FileDoor.open();
    door.answer = (_, response) => void response.end('%PDF');
    const got = await fetch(await door.link({ name: `${'Договор '.repeat(400)}.pdf` }));
    expect(got.status).toBe(200);
    const said = got.headers.get('content-disposition') ?? '';
    expect(said.length).toBeLessThan(2_000);
    expect(said).toMatch(/\.pdf$/);
  });

  it('has the file from its source where the copy cannot be read', async () => {
    door = await FileDoor.open();
    door.answer = (_, response) => void response.end('%PDF');
    const url = await door.link();
    door.copies = new MediaFault('unreachable', 'spec: no disk');
    expect(await (await fetch(url)).text()).toBe('%PDF');
    // That the source has it no more does not mean that nobody has.
    door.answer = (_, response) => void response.writeHead(403).end();
    const got = await fetch(url);
    expect([got.status, await got.json()]).toMatchObject([502, { code: 'file-unreachable' }]);
  });

  it('has what the source has packed as it is: nothing is unpacked here', async () => {
    door = await FileDoor.open();
    const packed = gzipSync(Buffer.alloc(10 * 1024 * 1024));
    door.answer = (_, response) =>
      void response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(packed);
    const url = await door.link({ kind: 'sticker' });
    const got = await new Promise<IncomingMessage>((tell) => void get(url, tell));
    let bytes = 0;
    for await (const piece of got as AsyncIterable<Buffer>) bytes += piece.length;
    expect([got.headers['content-encoding'], bytes]).toEqual(['gzip', packed.length]);
  });

  it.each(['картинка', 'image/png\r\nSet-Cookie: x=1', 'text/html', 'nonsense'])(
    'is told no type that a body made up: %s',
    async (mimeType) => {
      door = await FileDoor.open();
      door.answer = (_, response) => void response.end('x');
      const got = await fetch(await door.link({ mimeType, name: 'a' }));
      expect(got.status).toBe(200);
      expect(got.headers.get('content-type')).toBe('application/octet-stream');
    },
  );
});

describe('a part of a file', () => {
  const part = async (headers: Record<string, string>) => {
    const got = await fetch(await door.link(), { headers });
    return [got.status, await got.text(), door.source.requests.map(({ range }) => range)];
  };
  beforeEach(async () => {
    door = await FileDoor.open();
    door.answer = ({ headers: { range } }, response) => {
      const isParts = range?.includes(',');
      const head = isParts
        ? { 'Content-Type': 'multipart/byteranges; boundary=b' }
        : { 'Content-Range': 'bytes 1-2/6' };
      if (range) response.writeHead(206, head).end(isParts ? '--b' : 'bc');
      else response.end('abcdef');
    };
  });

  it('comes as it was asked for', async () => {
    expect(await part({ Range: 'bytes=1-2' })).toEqual([206, 'bc', ['bytes=1-2']]);
  });

  it('is the whole where several are asked for: what separates them would be lost', async () => {
    expect(await part({ Range: 'bytes=0-1, 4-5' })).toEqual([200, 'abcdef', [undefined]]);
  });

  it('is the whole where the rest is wanted of a file that has not changed: nobody knows', async () => {
    expect(await part({ Range: 'bytes=1-2', 'If-Range': '"v1"' })).toEqual([
      200,
      'abcdef',
      [undefined],
    ]);
  });

  it.each(['bytes', 'bytes=a-b', 'bytes=-', 'lines=1-2', 'bytes=2-1'])(
    'is the whole where nothing sensible is asked for: %s',
    async (range) => {
      expect(await part({ Range: range })).toEqual([200, 'abcdef', [undefined]]);
    },
  );

  it.each([
    ['that nobody asked for', undefined, 'bytes 0-2/6'],
    ['other than was asked for', 'bytes=1-2', 'bytes 3-4/6'],
    ['that does not say which it is', 'bytes=1-2', undefined],
    ['of several pieces', 'bytes=1-2', 'several'],
  ])('%s is none', async (_, range, said) => {
    door.answer = (_request, response) =>
      void response.writeHead(206, said ? { 'Content-Range': said } : {}).end('abc');
    const got = await fetch(await door.link(), { headers: range ? { Range: range } : {} });
    expect([got.status, await got.json()]).toMatchObject([502, { code: 'file-unreachable' }]);
  });
});
