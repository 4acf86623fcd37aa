import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Bridge } from './bridge.js';
import { freePort } from './free-port.js';
import { S3Server } from './s3/s3-server.js';

const VERA = '79995550142';
const KEPT = {
  violations: 0,
  doubled: 0,
  outOfOrder: 0,
  statusBackwards: 0,
  cancelled: 0,
  ignoredTexts: 0,
  missing: 0,
};

let bridge: Bridge;
let s3: S3Server;

async function start(): Promise<void> {
  s3 = await S3Server.start();
  bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
  await bridge.pause();
  bridge.url = `http://127.0.0.1:${await freePort()}`;
  const { name, region, accessKeyId, secretAccessKey } = s3.bucket();
  await bridge.begin({
    PUBLIC_URL: bridge.url,
    MEDIA_S3_BUCKET: name,
    MEDIA_S3_ENDPOINT: s3.url,
    MEDIA_S3_REGION: region,
    MEDIA_S3_ACCESS_KEY_ID: accessKeyId,
    MEDIA_S3_SECRET_ACCESS_KEY: secretAccessKey,
    MEDIA_S3_PREFIX: 'bridge',
  });
  await bridge.sandbox.client(VERA).writes('Здравствуйте');
  await bridge.sandbox.until(() => bridge.sandbox.chat(VERA));
}

async function stop(): Promise<void> {
  await bridge.stop();
  await s3.stop();
  expect(s3.refused).toEqual([]);
}

/** The client sends a picture. @returns its link in the chat, and what the client's phone knows of it */
async function picture(): Promise<{ link: string; sha1?: string }> {
  const { sandbox } = bridge;
  const { file } = await sandbox.client(VERA).writes({ type: 'IMAGE', caption: 'Вот' });
  const row = () => sandbox.chat(VERA).messages.at(-1);
  await sandbox.until(() => row()?.file);
  expect(row()).toMatchObject({ type: 'picture', text: 'Вот', file: { sha1: file?.sha1 } });
  const { media = '' } = row() ?? {};
  expect(media).toMatch(new RegExp(`^${bridge.url}/media/[\\w-]+/[^/]+\\.\\w+$`));
  return { link: media, sha1: file?.sha1 };
}

async function isCopied(): Promise<void> {
  while (s3.keys().length === 0) await new Promise((resolve) => setImmediate(resolve));
}

/** What a link brings once edna has nothing any more. */
async function withoutEdna(link: string, headers: Record<string, string> = {}) {
  const { edna } = bridge.sandbox;
  await edna.server.goDown();
  const got = await fetch(link, { headers });
  const bytes = await got.arrayBuffer();
  await edna.server.comeBack();
  return { status: got.status, size: bytes.byteLength, range: got.headers.get('content-range') };
}

describe('a file of a client, where copies lie in a bucket', () => {
  beforeEach(start);
  afterEach(stop);

  it('is copied, and served when edna’s link is dead', async () => {
    const { link } = await picture();
    await isCopied();
    expect(s3.keys()).toEqual([expect.stringMatching(/^bridge\/inbound-\d+-\w{32}$/)]);
    const { sizeBytes } = [...s3.kept.objects.values()][0] ?? {};
    expect(await withoutEdna(link)).toEqual({ status: 200, size: sizeBytes, range: null });
    expect(await withoutEdna(link, { Range: 'bytes=1-2' })).toEqual({
      status: 206,
      size: 2,
      range: `bytes 1-2/${sizeBytes}`,
    });
    expect(bridge.sandbox.ledger()).toMatchObject(KEPT);
  });

  it.each([
    ['is not there', () => s3.goAway(), () => s3.comeBack()],
    ['does not answer', () => void (s3.trouble = { how: 'stall' }), () => delete s3.trouble],
    [
      'refuses us',
      () => void (s3.trouble = { how: { status: 403, code: 'AccessDenied' } }),
      () => delete s3.trouble,
    ],
  ])(
    'reaches the chat from edna’s own link while the bucket %s, and is copied later',
    async (_, goAway, comeBack) => {
      await goAway();
      const { link } = await picture();
      expect(s3.keys()).toEqual([]);
      expect((await withoutEdna(link)).status).toBeGreaterThanOrEqual(502);
      await comeBack();
      await isCopied();
      expect(await withoutEdna(link)).toMatchObject({ status: 200 });
      expect(bridge.sandbox.ledger()).toMatchObject(KEPT);
    },
  );
});

// `npm test` builds before it runs the specs.
const built = existsSync(new URL('../build/serve.js', import.meta.url)) ? describe : describe.skip;

built('what a bucket needs', () => {
  /** How many modules of the SDK a process has loaded once it has loaded this one of the build. */
  function loadedBy(path: string): number {
    const url = new URL(`../build/${path}`, import.meta.url).href;
    const script = `import { createRequire } from 'node:module';
      await import(${JSON.stringify(url)});
      const { cache } = createRequire(import.meta.url);
      console.log(Object.keys(cache).filter((name) => name.includes('@aws-sdk')).length);`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: fileURLToPath(new URL('../', import.meta.url)),
    });
    return Number(said);
  }

  it('is loaded with the bucket, and not before', () => {
    expect(loadedBy('serve.js')).toBe(0);
    expect(loadedBy('infrastructure/media/s3-store.js')).toBeGreaterThan(0);
  });
});
