import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Test } from '@nestjs/testing';
import { Settings } from '../domain/settings.js';
import { Upstream } from '../../test/upstream.js';
import { Clock } from './clock.js';
import { Http, HttpLimits } from './http.js';

const NOW = new Date('2026-03-03T09:15:00Z');

class StoppedClock extends Clock {
  override now(): Date {
    return NOW;
  }
}

function anHttp(limits: Partial<HttpLimits> = {}, concurrency = 8): Http {
  return new Http(new Settings({ concurrency }), new StoppedClock(), new HttpLimits(limits));
}

describe('Http', () => {
  let upstream: Upstream;
  const to = (path = '/') =>
    ({ upstream: 'edna', method: 'POST', url: upstream.url + path, headers: {} }) as const;

  beforeEach(async () => {
    upstream = await Upstream.start();
  });
  afterEach(() => upstream.stop());

  it('sends the very bytes and the very content type it is given', async () => {
    const body = '{"text":"Привет 👋",  "n":1}\n';
    const headers = { 'Content-Type': 'application/json', 'X-API-KEY': 'k' };
    await anHttp().send({ ...to('/api?a=1'), headers, body });
    expect(upstream.last).toMatchObject({ method: 'POST', path: '/api?a=1', body });
    expect(upstream.last.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'x-api-key': 'k',
      'user-agent': 'edna-amocrm-bridge',
    });
  });

  it('adds nothing to a request but what every one has', async () => {
    await anHttp().send({ ...to(), headers: { 'X-API-KEY': 'k' }, body: '{}' });
    expect(upstream.last.headers).toEqual({
      accept: 'application/json, text/plain, */*',
      'accept-encoding': expect.any(String),
      connection: 'keep-alive',
      'content-length': '2',
      host: new URL(upstream.url).host,
      'user-agent': 'edna-amocrm-bridge',
      'x-api-key': 'k',
    });
  });

  it('keeps the content type of a request without a body', async () => {
    const headers = { 'Content-Type': 'application/json' };
    await anHttp().send({ ...to(), method: 'GET', headers });
    expect(upstream.last.headers['content-type']).toBe('application/json');
    expect(upstream.last.body).toBe('');
  });

  it('answers with the body as it came, whatever the status', async () => {
    upstream.next({ status: 500, body: '<html>Привет</html>' }, { status: 204 });
    const http = anHttp();
    expect(await http.send(to())).toMatchObject({ status: 500, body: '<html>Привет</html>' });
    expect(await http.send(to())).toMatchObject({ status: 204, body: '' });
  });

  it('follows no redirect', async () => {
    upstream.next({ status: 302, headers: { Location: '/elsewhere' } });
    expect(await anHttp().send(to())).toMatchObject({ status: 302 });
    expect(upstream.got).toHaveLength(1);
  });

  it('passes by a proxy the environment names', async () => {
    const before = process.env['HTTP_PROXY'];
    process.env['HTTP_PROXY'] = 'http://127.0.0.1:9';
    try {
      expect(await anHttp().send(to())).toMatchObject({ status: 200 });
    } finally {
      if (before === undefined) delete process.env['HTTP_PROXY'];
      else process.env['HTTP_PROXY'] = before;
    }
  });

  it('keeps a connection for the next request', async () => {
    const http = anHttp();
    await http.send(to());
    await http.send(to());
    expect(upstream.got[1]?.socket).toBe(upstream.got[0]?.socket);
  });

  it('closes a connection that is idle before the other side would', async () => {
    await anHttp({ idleMs: 20 }).send(to());
    const { socket } = upstream.last;
    await new Promise((resolve) => socket.once('close', resolve));
    expect(socket.destroyed).toBe(true);
  });

  it.each([
    ['7', 7_000],
    ['0', 0],
    ['1.5', 1_500],
    ['86400', 900_000],
    ['Tue, 03 Mar 2026 09:15:30 GMT', 30_000],
    ['Tue, 03 Mar 2026 09:14:00 GMT', 0],
    ['soon', undefined],
  ])('reads Retry-After: %s', async (value, retryAfterMs) => {
    const headers = { 'Retry-After': value, Date: NOW.toUTCString() };
    upstream.next({ status: 429, headers });
    expect(await anHttp().send(to())).toMatchObject({ status: 429, retryAfterMs, date: NOW });
  });

  it('counts an answer that breaks off by its status', async () => {
    upstream.next({ cut: 200 });
    expect(await anHttp().send(to())).toMatchObject({ status: 200, body: '' });
  });

  it('counts an answer that is too long by its status', async () => {
    upstream.next({ status: 400, body: 'x'.repeat(1_000) });
    expect(await anHttp({ answerBytes: 100 }).send(to())).toMatchObject({ status: 400, body: '' });
  });

  /** On a connection that is open, so that only the answer can be late. */
  async function warm(limits: Partial<HttpLimits>, concurrency?: number): Promise<Http> {
    const http = anHttp(limits, concurrency);
    await http.send(to(), performance.now() + 5_000);
    upstream.got.length = 0;
    return http;
  }

  it('does not know of a request that got no answer', async () => {
    upstream.next('reset');
    await expect(anHttp().send(to())).rejects.toMatchObject({
      outcome: 'unknown',
      message: 'edna: ECONNRESET',
    });
    const http = await warm({ timeoutMs: 200 });
    upstream.next('hang');
    await expect(http.send(to())).rejects.toMatchObject({
      outcome: 'unknown',
      message: 'edna: timeout',
    });
  });

  it('does not know of a request whose kept connection was cut', async () => {
    upstream.next({ status: 200 }, 'reset');
    const http = anHttp();
    await http.send(to());
    await expect(http.send(to())).rejects.toMatchObject({ outcome: 'unknown' });
  });

  it('knows that nothing was sent where nobody listens', async () => {
    const request = to();
    await upstream.stop();
    await expect(anHttp().send(request)).rejects.toMatchObject({
      outcome: 'not-sent',
      message: 'edna: ECONNREFUSED',
    });
    upstream = await Upstream.start();
  });

  it('knows that nothing was sent where the name is unknown', async () => {
    const url = 'http://bridge.invalid/';
    await expect(anHttp().send({ ...to(), url })).rejects.toMatchObject({ outcome: 'not-sent' });
  });

  it('knows that nothing was sent while it waited for a connection', async () => {
    const http = await warm({ timeoutMs: 200 }, 1);
    upstream.next('hang');
    const first = http.send(to());
    const second = http.send(to(), performance.now() + 20);
    const ends = await Promise.allSettled([first, second]);
    expect(ends).toMatchObject([
      { reason: { outcome: 'unknown', message: 'edna: timeout' } },
      { reason: { outcome: 'not-sent', message: 'edna: connect-timeout' } },
    ]);
    expect(upstream.got).toHaveLength(1);
  });

  it('gives all requests of an attempt one time limit', async () => {
    const http = await warm({ timeoutMs: 200 });
    const deadline = http.deadline();
    upstream.next('hang');
    await expect(http.send(to(), deadline)).rejects.toMatchObject({ outcome: 'unknown' });
    await expect(http.send(to(), deadline)).rejects.toMatchObject({ outcome: 'not-sent' });
    expect(upstream.got).toHaveLength(1);
  });

  it('tells nothing of a request that failed but codes', async () => {
    upstream.next('reset');
    const request = { ...to('/secret-path'), headers: { 'X-API-KEY': 'secret-key' } };
    const error = await anHttp()
      .send({ ...request, body: 'secret text' })
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ outcome: 'unknown' });
    expect(JSON.stringify([error, (error as Error).message, (error as Error).cause])).not.toMatch(
      /secret/,
    );
  });

  it('can be made by Nest, with and without limits of its own', async () => {
    const providers = [Http, Clock, { provide: Settings, useValue: new Settings() }];
    const module = await Test.createTestingModule({ providers }).compile();
    expect(await module.get(Http).send(to())).toMatchObject({ status: 200 });
    const limits = { provide: HttpLimits, useValue: new HttpLimits({ timeoutMs: 0 }) };
    const strict = await Test.createTestingModule({ providers: [...providers, limits] }).compile();
    await expect(strict.get(Http).send(to())).rejects.toMatchObject({ outcome: 'not-sent' });
  });
});

describe('Http over TLS', () => {
  let server: Server;
  const sockets = new Set<Socket>();

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  async function listen(onConnection: (socket: Socket) => void): Promise<string> {
    server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      onConnection(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  it('knows that nothing was sent where the handshake fails', async () => {
    const url = await listen((socket) => socket.end('this is no TLS'));
    const request = { upstream: 'amojo', method: 'POST', url, headers: {}, body: '{}' } as const;
    await expect(anHttp().send(request)).rejects.toMatchObject({ outcome: 'not-sent' });
  });

  it('knows that nothing was sent where the handshake does not end', async () => {
    const url = await listen(() => undefined);
    const request = { upstream: 'amojo', method: 'POST', url, headers: {}, body: '{}' } as const;
    await expect(anHttp({ timeoutMs: 60 }).send(request)).rejects.toMatchObject({
      outcome: 'not-sent',
      message: 'amojo: connect-timeout',
    });
  });
});
