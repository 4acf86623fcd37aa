import type { IncomingMessage, ServerResponse } from 'node:http';
import type { lookup } from 'node:dns';
import { Lines } from '../../domain/line.js';
import type { OpenedFile } from '../../domain/media.js';
import { aLine } from '../../../test/builders.js';
import { FileServer, pour } from '../../../test/file-server.js';
import { GuardedAgents } from './guarded-agents.js';
import { MediaLimits } from './media-limits.js';
import { HttpMediaSource } from './media-source.js';

let server: FileServer;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  server = await FileServer.start((request, response) => answer(request, response));
});
afterEach(() => server.stop());

/** Trusts the server of the spec, as edna's is trusted. */
function source(limits: Partial<MediaLimits> = {}, baseUrl = server.url): HttpMediaSource {
  const lines = new Lines([aLine({ baseUrl }, { baseUrl: 'https://amojo.example.test' })]);
  return new HttpMediaSource(new GuardedAgents(lines), new MediaLimits(limits));
}
const get = (url: string, of = source(), mostBytes = 1_000) => of.open(url, { mostBytes });
const path = (name: string) => `${server.url}/${name}`;

async function read({ bytes }: OpenedFile): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** Names that lead where the spec says, one answer after the other, as a rebinding server gives them. */
function names(...answers: string[][]): { lookup: typeof lookup; asked: () => number } {
  let asked = 0;
  const resolve = (_: string, options: { all?: boolean }, tell: (...found: unknown[]) => void) => {
    const all = (answers[Math.min(asked, answers.length - 1)] ?? []).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    asked += 1;
    if (options.all) tell(null, all);
    else tell(null, all[0]?.address, all[0]?.family);
  };
  return { lookup: resolve as unknown as typeof lookup, asked: () => asked };
}

describe('a file', () => {
  it('comes with what its source says of it, in the part that was asked for', async () => {
    answer = (request, response) => {
      const isPart = request.headers.range === 'bytes=2-3';
      response.writeHead(isPart ? 206 : 200, {
        'Content-Type': 'image/jpg; charset=binary',
        ...(isPart && { 'Content-Range': 'bytes 2-3/6', 'Content-Length': 2 }),
      });
      response.end(isPart ? 'cd' : 'abcdef');
    };
    const whole = await get(path('a.jpg'));
    expect(whole).toMatchObject({ status: 200, mimeType: 'image/jpeg' });
    expect(await read(whole)).toBe('abcdef');
    const part = await source().open(path('a.jpg'), { range: 'bytes=2-3', mostBytes: 1_000 });
    expect(part).toMatchObject({ status: 206, range: 'bytes 2-3/6', sizeBytes: 2 });
    expect(await read(part)).toBe('cd');
  });

  it('is found behind three redirects, and not behind four', async () => {
    answer = ({ url = '' }, response) => {
      const hops = Number(url.slice(1));
      if (hops === 0) response.end('here');
      else response.writeHead(302, { Location: `/${hops - 1}` }).end();
    };
    expect(await read(await get(path('3')))).toBe('here');
    await expect(get(path('4'))).rejects.toMatchObject({ trouble: 'refused' });
  });

  it.each([
    [404, 'gone'],
    [410, 'gone'],
    [403, 'gone'],
    [500, 'unreachable'],
  ])('that is answered with %i is %s', async (status, trouble) => {
    answer = (_, response) => void response.writeHead(status).end();
    await expect(get(path('a'))).rejects.toMatchObject({ trouble });
  });

  it('of a source that is not there is unreachable', async () => {
    await server.stop();
    await expect(get(path('a'))).rejects.toMatchObject({ trouble: 'unreachable' });
  });
});

describe('a file that is too large', () => {
  it('is not begun where its source says so', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Length': 2_000 });
      pour(response, 2_000);
    };
    await expect(get(path('a'))).rejects.toMatchObject({ trouble: 'too-large' });
  });

  it('is not begun where a part of it says so', async () => {
    answer = (_, response) =>
      void response.writeHead(206, { 'Content-Range': 'bytes 0-0/2000' }).end('a');
    const begun = source().open(path('a'), { range: 'bytes=0-0', mostBytes: 1_000 });
    await expect(begun).rejects.toMatchObject({ trouble: 'too-large' });
  });

  it('is cut off where its source said nothing, and its source is let go', async () => {
    answer = (_, response) => pour(response, 1_000_000_000);
    const opened = await get(path('a'));
    await expect(read(opened)).rejects.toMatchObject({ trouble: 'too-large' });
    await server.brokenOff();
  });
});

describe('a source that is too slow', () => {
  it('to begin is left', async () => {
    answer = () => undefined;
    const slow = get(path('a'), source({ headMs: 30 }));
    await expect(slow).rejects.toMatchObject({ trouble: 'too-slow' });
    await server.brokenOff();
  });

  it('to go on is left', async () => {
    answer = (_, response) => void response.write('a');
    const opened = await get(path('a'), source({ idleMs: 30 }));
    await expect(read(opened)).rejects.toMatchObject({ trouble: 'too-slow' });
    await server.brokenOff();
  });

  it('to end is left, though it drips', async () => {
    answer = (_, response) => {
      const drip = setInterval(() => response.write('a'), 5);
      response.once('close', () => clearInterval(drip));
    };
    const opened = await get(path('a'), source({ totalMs: 60 }));
    await expect(read(opened)).rejects.toMatchObject({ trouble: 'too-slow' });
    await server.brokenOff();
  });

  it('and breaks off is told from the end of the file', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Length': 10 });
      response.write('half', () => void response.destroy());
    };
    await expect(read(await get(path('a')))).rejects.toMatchObject({ trouble: 'unreachable' });
  });

  it('is let go when nobody wants the file any more', async () => {
    answer = (_, response) => pour(response, 1_000_000_000);
    const stop = new AbortController();
    const opened = await source().open(path('a'), { mostBytes: 2e9, signal: stop.signal });
    stop.abort();
    await server.brokenOff();
    opened.close();
  });
});

describe('an address that leads to us or our neighbours', () => {
  beforeEach(() => {
    answer = (_, response) => void response.end('secret');
  });

  const guarded = (limits: Partial<MediaLimits> = {}) => source(limits, 'http://127.0.0.1:1');
  const port = () => new URL(server.url).port;

  it.each([
    ['loopback', (p: string) => `http://127.0.0.1:${p}/`],
    ['loopback by another number', (p: string) => `http://2130706433:${p}/`],
    ['loopback by its name', (p: string) => `http://localhost:${p}/`],
    ['loopback of IPv6', (p: string) => `http://[::1]:${p}/`],
    ['loopback within IPv6', (p: string) => `http://[::ffff:127.0.0.1]:${p}/`],
    ['any address', (p: string) => `http://0.0.0.0:${p}/`],
    ['a private network', () => 'http://10.1.2.3/'],
    ['another private network', () => 'https://192.168.0.1/'],
    ['a third private network', () => 'http://172.16.0.1/'],
    ['a carrier’s network', () => 'http://100.64.0.1/'],
    ['a link-local address', () => 'http://169.254.1.1/'],
    ['a link-local address of IPv6', () => 'http://[fe80::1]/'],
    ['a private network of IPv6', () => 'http://[fd00::1]/'],
    ['loopback in an old form of IPv6', (p: string) => `http://[::127.0.0.1]:${p}/`],
    ['loopback behind a translator', (p: string) => `http://[64:ff9b::7f00:1]:${p}/`],
    ['the metadata of another cloud', () => 'http://168.63.129.16/machine'],
    ['the metadata of a cloud', () => 'http://169.254.169.254/latest/meta-data/'],
    ['a file', () => 'file:///etc/passwd'],
    ['another protocol', () => 'ftp://example.test/a'],
    ['a password', (p: string) => `http://edna:key@127.0.0.1:${p}/`],
    ['nothing', () => 'no address'],
  ])('%s is refused', async (_, url) => {
    await expect(get(url(port()), guarded())).rejects.toMatchObject({ trouble: 'refused' });
    expect(await guarded().facts(url(port()), 500)).toEqual({});
    expect(server.requests).toEqual([]);
  });

  it('by a redirect is refused', async () => {
    const inner = await FileServer.start((_, response) => void response.end('secret'));
    answer = (_, response) => void response.writeHead(302, { Location: inner.url }).end();
    await expect(get(path('a'))).rejects.toMatchObject({ trouble: 'refused' });
    answer = (_, response) => void response.writeHead(302, { Location: 'file:///etc/hosts' }).end();
    await expect(get(path('a'))).rejects.toMatchObject({ trouble: 'refused' });
    expect(inner.requests).toEqual([]);
    await inner.stop();
  });

  it('by a name is refused, and the look-up that is checked is the one that is used', async () => {
    const one = names(['10.0.0.7'], ['93.184.215.14']);
    const url = 'http://files.example.test/a';
    await expect(get(url, guarded({ lookup: one.lookup }))).rejects.toMatchObject({
      trouble: 'refused',
    });
    // A name that changes its mind between a check and a connection would need a second look-up.
    expect(one.asked()).toBe(1);
    const both = names(['93.184.215.14', '169.254.169.254']);
    await expect(get(url, guarded({ lookup: both.lookup }))).rejects.toMatchObject({
      trouble: 'refused',
    });
    for (const hidden of ['::7f00:1', '168.63.129.16']) {
      const old = guarded({ lookup: names([hidden]).lookup });
      await expect(get(url, old)).rejects.toMatchObject({ trouble: 'refused' });
    }
    const changing = names(['10.0.0.7'], ['127.0.0.1']);
    const rebinding = guarded({ lookup: changing.lookup });
    const again = `http://files.example.test:${port()}/a`;
    for (let i = 0; i < 2; i += 1) {
      await expect(get(again, rebinding)).rejects.toMatchObject({ trouble: 'refused' });
    }
    expect(changing.asked()).toBe(2);
    expect(server.requests).toEqual([]);
  });

  it('is reached only where the operator named that very origin', async () => {
    expect(await read(await get(path('a')))).toBe('secret');
    const neighbour = await FileServer.start((_, response) => void response.end('secret'));
    await expect(get(`${neighbour.url}/a`)).rejects.toMatchObject({ trouble: 'refused' });
    await neighbour.stop();
  });
});

describe('size and type of a file', () => {
  it('are told by HEAD', async () => {
    answer = (_, response) =>
      void response.writeHead(200, { 'Content-Length': 1234, 'Content-Type': 'image/png' }).end();
    expect(await source().facts(path('a'), 500)).toEqual({
      sizeBytes: 1234,
      mimeType: 'image/png',
    });
    expect(server.requests.map(({ method }) => method)).toEqual(['HEAD']);
  });

  it('are told by one byte where HEAD is refused, as a signed link of S3 does', async () => {
    answer = ({ method }, response) => {
      const head = { 'Content-Range': 'bytes 0-0/9999', 'Content-Type': 'video/mp4' };
      if (method === 'HEAD') response.writeHead(403).end();
      else response.writeHead(206, head).end('a');
    };
    expect(await source().facts(path('a'), 500)).toEqual({
      sizeBytes: 9999,
      mimeType: 'video/mp4',
    });
    expect(server.requests.at(-1)).toMatchObject({ method: 'GET', range: 'bytes=0-0' });
  });

  it('are told by one byte where HEAD says that there is nothing', async () => {
    answer = ({ method }, response) => {
      if (method === 'HEAD') response.writeHead(200, { 'Content-Length': 0 }).end();
      else response.writeHead(206, { 'Content-Range': 'bytes 0-0/9999' }).end('a');
    };
    expect(await source().facts(path('a'), 500)).toEqual({ sizeBytes: 9999 });
  });

  it('are not known where both are refused, or nobody answers in time', async () => {
    answer = (_, response) => void response.writeHead(405).end();
    expect(await source().facts(path('a'), 500)).toEqual({});
    answer = () => undefined;
    expect(await source().facts(path('a'), 30)).toEqual({});
  });
});
