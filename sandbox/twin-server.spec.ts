import { connect } from 'node:net';
import { serveApi } from './api/http-api.ts';
import { parseJson } from './json.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startSandbox({ edna: { statuses: 'manual' } });
});

afterEach(() => sandbox.close());

/** What is answered to a request that no client library would make. */
function raw(target: string, headers: readonly string[] = [], body = '', method = 'POST') {
  const { hostname, port } = new URL(sandbox.edna.server.url);
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: twin',
    'Connection: close',
    `X-API-KEY: ${sandbox.edna.settings.apiKey}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return new Promise<{ status: number; head: string; json: unknown }>((resolve, reject) => {
    let text = '';
    const finish = (): void => {
      const [head = '', answer = ''] = text.split('\r\n\r\n');
      resolve({ status: Number(head.slice(9, 12)), head, json: parseJson(answer) });
    };
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
    });
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    // What is too long is answered before it is read to its end.
    socket.on('error', (error) => (text === '' ? reject(error) : finish()));
    socket.on('close', finish);
  });
}

const SCHEDULE = '/api/cascade/schedule';

describe('a request that cannot be read', () => {
  it.each([
    [400, 'a path that is no text', '/files/%zz/a', [], ''],
    [400, 'a body that is no gzip', SCHEDULE, ['Content-Encoding: gzip'], '{}'],
    [415, 'an encoding nobody knows', SCHEDULE, ['Content-Encoding: foo'], '{}'],
    [413, 'a body over the limit', SCHEDULE, [], 'a'.repeat(6_000_000)],
  ])('is answered %i in the platform’s shape and written down: %s', async (...request) => {
    const [status, , target, headers, body] = request;
    const answer = await raw(target, headers, body, body === '' ? 'GET' : 'POST');
    expect(answer).toMatchObject({ status, json: { title: expect.any(String), status } });
    expect(answer.head).toContain('application/json');
    expect(JSON.stringify(answer.json)).not.toContain('node_modules');
    expect(sandbox.requests()).toMatchObject([{ path: target, answer: { status } }]);
    expect(sandbox.violations).toMatchObject([{ status }]);
  });

  it('is struck by faults like any other', async () => {
    sandbox.edna.faults.add({ kind: 'answer', status: 503 });
    expect((await raw(SCHEDULE, ['Content-Encoding: gzip'], '{}')).status).toBe(503);
    expect(sandbox.violations).toEqual([]);
  });
});

describe('an odd address', () => {
  it.each(['//', '//[', '//x:99999999/api', '/nope/%zz'])('%s is 404', async (target) => {
    expect((await raw(target)).status).toBe(404);
    expect(sandbox.requests()).toMatchObject([{ path: target, answer: { status: 404 } }]);
  });

  it.each([
    ['*', 'OPTIONS'],
    ['http://elsewhere/nope', 'GET'],
  ])('%s is 404', async (target, method) => {
    expect((await raw(target, [], '', method)).status).toBe(404);
  });

  it('with a host of its own is a path all the same', async () => {
    const { status } = await raw('http://elsewhere/api/channel-profile?types=SMS', [], '', 'GET');
    expect(status).toBe(200);
    expect(sandbox.requests()).toMatchObject([{ path: '/api/channel-profile' }]);
  });
});

describe('a fault of the twin itself', () => {
  it('is answered 500 in the platform’s shape, and blames nobody', async () => {
    const told: string[] = [];
    const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = (text: string | Uint8Array) => told.push(String(text)) > 0;
    sandbox.edna.settings.channels = undefined as never;
    const answer = await raw('/api/channel-profile', [], '', 'GET');
    process.stderr.write = write;
    expect(answer).toMatchObject({ status: 500, json: { status: 500 } });
    expect(told).toEqual([expect.stringContaining('TypeError')]);
    expect(sandbox.requests()).toMatchObject([{ answer: { status: 500 } }]);
    expect(sandbox.violations).toEqual([]);
  });
});

/** Tens of megabytes pass in a second, and on a machine with other work in many. */
const MANY_BYTES_MS = 30_000;

describe('the requests a twin remembers', () => {
  it(
    'are the latest 64 MiB',
    async () => {
      const body = 'a'.repeat(4_900_000);
      for (let count = 0; count < 16; count += 1) {
        await sandbox.post(`${sandbox.edna.server.url}/nope/${count}`, { body });
      }
      const kept = sandbox.edna.server.requests;
      expect(kept).toHaveLength(13);
      expect(kept.at(-1)?.path).toBe('/nope/15');
    },
    MANY_BYTES_MS,
  );
});

describe('a sandbox on IPv6', () => {
  it('has addresses that can be called', async () => {
    const other = await startSandbox({ host: '::1' });
    const api = await serveApi(other, 0, '::1');
    const urls = [other.edna.server.url, other.amojo.server.url, api.url];
    const answers = await Promise.all(urls.map((url) => other.post(url, { method: 'GET' })));
    await api.close();
    await other.close();
    expect(urls).toEqual(Array(3).fill(expect.stringMatching(/^http:\/\/\[::1\]:\d+$/)));
    expect(answers.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
  });
});
