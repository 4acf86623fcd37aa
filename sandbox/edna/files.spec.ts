import { ManualClock } from '../clock.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let bridge: StandInBridge;
let url: URL;

const BYTES = Buffer.from('0123456789');

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
  url = await sentFile('a file (1).pdf');
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

async function sentFile(name: string): Promise<URL> {
  const file = { name, bytes: BYTES };
  const { content } = await sandbox.client('79995550142').writes({ type: 'DOCUMENT' }, { file });
  return new URL((content.attachment as { url: string }).url);
}

const get = (address: URL, headers: Record<string, string> = {}, method = 'GET') =>
  sandbox.post(address.href, { method, headers });

describe('the link to a file', () => {
  it('opens also where half a character is in its name', async () => {
    expect((await get(await sentFile('half \ud800.pdf'))).body).toEqual(BYTES);
  });

  it('is signed for exactly seven days', async () => {
    const expires = Number(url.searchParams.get('Expires'));
    expect(expires).toBe(Math.floor(clock.now() / 1000) + 604_800);
    clock.advance(expires * 1000 - clock.now());
    expect((await get(url)).status).toBe(200);
    clock.advance(1);
    expect((await get(url)).status).toBe(403);
    expect(sandbox.ledger().violations).toBe(0);
  });

  it.each([
    ['another signature', (one: URL) => one.searchParams.set('Signature', 'A'.repeat(27))],
    ['a later end', (one: URL) => one.searchParams.set('Expires', '9999999999')],
    ['another key', (one: URL) => one.searchParams.set('AWSAccessKeyId', 'acme_viber')],
    ['no signature', (one: URL) => one.searchParams.delete('Signature')],
    ['no query', (one: URL) => void (one.search = '')],
  ])('opens nothing with %s', async (_name, spoil) => {
    spoil(url);
    expect((await get(url)).status).toBe(403);
    expect(sandbox.ledger().violations).toBe(1);
  });

  it('opens no other file', async () => {
    const other = await sentFile('other.pdf');
    other.search = url.search;
    expect((await get(other)).status).toBe(403);
  });

  it('tells the length to a HEAD', async () => {
    const { status, headers, body } = await get(url, {}, 'HEAD');
    expect({ status, length: headers?.['content-length'] }).toEqual({ status: 200, length: '10' });
    expect(headers?.['content-type']).toBe('application/pdf');
    expect(body).toHaveLength(0);
  });

  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ])('gives the part %s', async (range, part, contentRange) => {
    const { status, body, headers } = await get(url, { Range: range });
    expect({ status, body: body.toString() }).toEqual({ status: 206, body: part });
    expect(headers?.['content-range']).toBe(contentRange);
    expect(headers?.['content-length']).toBe(String(part.length));
  });

  it('gives all where it cannot read the range, and nothing beyond the end', async () => {
    expect((await get(url, { Range: 'lines=1-2' })).status).toBe(200);
    expect(await get(url, { Range: 'bytes=10-' })).toMatchObject({
      status: 416,
      headers: { 'content-range': 'bytes */10' },
    });
  });
});
