import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchFile } from './fetched-file.ts';
import { post } from './post.ts';

let server: Server;
let url: string;
let written: number;

const MIB = Buffer.alloc(1 << 20);

/** Answers with 60 MiB, unless the caller has enough earlier. */
beforeEach(async () => {
  written = 0;
  server = createServer((_request, response) => {
    const more = (): void => {
      while (written < 60) {
        written += 1;
        if (!response.write(MIB)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.png`;
});

afterEach(async () => {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
});

/** Tens of megabytes pass in a second, and on a machine with other work in many. */
const MANY_BYTES_MS = 30_000;

describe('post', () => {
  it.each([
    ['another scheme', 'localhost:8000/webhooks', {}],
    ['a scheme without hosts', 'mailto:a@example.test', {}],
    ['no address', 'bridge', {}],
    ['a header beyond ASCII', 'http://127.0.0.1:1/', { Authorization: 'Token секрет' }],
    ['a header with a line break', 'http://127.0.0.1:1/', { 'X-A': 'a\nb' }],
  ])('never throws, and says why nothing was sent: %s', async (_what, address, headers) => {
    expect(await post(address, { headers })).toMatchObject({
      error: expect.any(String),
      durationMs: expect.any(Number),
    });
  });

  it('stops reading an answer that is longer than it may be, and keeps its status', async () => {
    const answer = await post(url, { maxBytes: 1000 });
    expect(answer).toMatchObject({ status: 200, error: 'larger than 1000 bytes' });
    expect(answer.body).toHaveLength(0);
    expect(written).toBeLessThan(60);
  });

  it(
    'reads an answer of just the length that is allowed',
    async () => {
      const answer = await post(url, { maxBytes: 60 << 20 });
      expect([answer.status, answer.error]).toEqual([200, undefined]);
      expect(answer.body).toHaveLength(60 << 20);
    },
    MANY_BYTES_MS,
  );
});

describe('fetchFile', () => {
  it('stops at 20 MiB', async () => {
    await expect(fetchFile(url, 'loopback')).rejects.toThrow('larger than 20971520 bytes');
    expect(written).toBeLessThan(60);
  });
});
