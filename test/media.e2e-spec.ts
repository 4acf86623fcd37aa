import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bridge } from './bridge.js';
import { freePort } from './free-port.js';

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
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bridge-media-'));
  bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
  await bridge.pause();
  bridge.url = `http://127.0.0.1:${await freePort()}`;
  await bridge.begin({ PUBLIC_URL: bridge.url, MEDIA_DIR: folder });
  await bridge.sandbox.client(VERA).writes('Здравствуйте');
  await bridge.sandbox.until(() => bridge.sandbox.chat(VERA));
});

afterEach(async () => {
  await bridge.stop();
  rmSync(folder, { recursive: true });
});

const rows = () => bridge.sandbox.chat(VERA).messages;
const phone = () => bridge.sandbox.client(VERA);

describe('a file of a client', () => {
  it('has a link of ours in the chat, and is copied before edna’s own expires', async () => {
    const { sandbox } = bridge;
    const { file } = await phone().writes({ type: 'IMAGE', caption: 'Вот' });
    await sandbox.until(() => rows().at(-1)?.file);
    const row = rows().at(-1);
    expect(row).toMatchObject({ type: 'picture', text: 'Вот', file: { sha1: file?.sha1 } });
    expect(row?.media).toMatch(new RegExp(`^${bridge.url}/media/[\\w-]+/[^/]+\\.\\w+$`));

    // Nothing of the sandbox changes when the copy is made.
    const isCopied = () => readdirSync(folder).some((name) => !name.endsWith('.part'));
    while (!isCopied()) await new Promise((resolve) => setImmediate(resolve));
    await sandbox.edna.server.goDown();
    const got = await fetch(row?.media ?? '', { headers: { Range: 'bytes=0-3' } });
    expect(got.status).toBe(206);
    await got.arrayBuffer();
    await sandbox.edna.server.comeBack();
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });
});

describe('a file of a manager', () => {
  it('whose link is signed reaches the client through a link of ours', async () => {
    const { sandbox } = bridge;
    const sample = await sandbox.manager.writes(VERA, { type: 'file' });
    await sandbox.until(() => sample.tick.state === 'read');
    const media = `${sample.media}?X-Amz-Signature=1`;
    const answer = await sandbox.manager.writes(VERA, { type: 'picture', media, text: 'Прайс' });
    await sandbox.until(() => answer.tick.state === 'read');
    const [, picture, text] = phone().sees;
    expect(picture).toMatchObject({ file: { sha1: sandbox.amojo.hashOf(sample.media) } });
    expect(picture?.content.attachment?.url).toMatch(new RegExp(`^${bridge.url}/media/`));
    expect(text).toMatchObject({ content: { text: 'Прайс' } });
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('on top of a template reaches the client through a link of ours where its own is signed', async () => {
    const { sandbox } = bridge;
    const sample = await sandbox.manager.writes(VERA, { type: 'picture' });
    await sandbox.until(() => sample.tick.state === 'read');
    const sale = await sandbox.manager.writes(VERA, {
      type: 'picture',
      media: `${sample.media}?X-Amz-Signature=1`,
      text: 'До 31 мая на всё скидка 10 %.',
      template: { id: 6122, external_id: '31011', content: '', params: [] },
    });
    await sandbox.until(() => ['read', 'error'].includes(sale.tick.state));
    expect(sale.tick).toEqual({ state: 'read' });
    const [, seen] = phone().sees;
    expect(seen?.content.header?.url).toMatch(new RegExp(`^${bridge.url}/media/`));
    expect(seen).toMatchObject({ file: { sha1: sandbox.amojo.hashOf(sample.media) } });
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('that the channel does not take is refused with the reason, and never sent', async () => {
    const { sandbox } = bridge;
    const bytes = Buffer.alloc(17 * 1024 * 1024);
    const video = await sandbox.manager.writes(VERA, { type: 'video', bytes, text: 'Обзор' });
    await sandbox.until(() => video.tick.state === 'error');
    const error = 'Видео 17 МБ, предел канала 16 МБ. Сожмите или пришлите ссылку.';
    expect(video.tick).toEqual({ state: 'error', code: 905, error });
    expect(sandbox.requests('schedule')).toEqual([]);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('that is a picture no messenger shows goes as a document', async () => {
    const { sandbox } = bridge;
    const large = Buffer.alloc(6 * 1024 * 1024, 'x');
    const answers = [
      await sandbox.manager.writes(VERA, { type: 'picture', fileName: 'IMG_1.heic' }),
      await sandbox.manager.writes(VERA, { type: 'picture', bytes: large, fileName: 'a.png' }),
    ];
    await sandbox.until(() => answers.every(({ tick }) => tick.state === 'read'));
    expect(
      phone().sees.map(({ content: { type, attachment } }) => [type, attachment?.name]),
    ).toEqual([
      ['DOCUMENT', 'IMG_1.heic'],
      ['DOCUMENT', 'a.png'],
    ]);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('among others of a group leaves the caption to the next where it cannot be sent itself', async () => {
    const { sandbox } = bridge;
    const bytes = Buffer.alloc(17 * 1024 * 1024);
    const [video, ...rest] = await sandbox.manager.writesGroup(VERA, [
      { type: 'video', bytes, text: 'Подпишите до пятницы' },
      { type: 'picture', text: 'Подпишите до пятницы' },
      { type: 'file', text: 'Подпишите до пятницы' },
    ]);
    await sandbox.until(() => rest.every(({ tick }) => tick.state === 'read'));
    await sandbox.until(() => video?.tick.state === 'error');
    expect(phone().sees.map(({ content: { type, text } }) => text ?? type)).toEqual([
      'IMAGE',
      'Подпишите до пятницы',
      'DOCUMENT',
    ]);
    // Out of order to the ledger, which takes the words for those of the video.
    expect(sandbox.ledger()).toMatchObject({ violations: 0, doubled: 0, missing: 0 });
  });

  it('among others of a group has the caption once, though every hook repeats it', async () => {
    const { sandbox } = bridge;
    const answers = await sandbox.manager.writesGroup(VERA, [
      { type: 'picture', text: 'Три вида' },
      { type: 'picture', text: 'Три вида' },
      { type: 'file', text: 'Три вида' },
    ]);
    await sandbox.until(() => answers.every(({ tick }) => tick.state === 'read'));
    // Another group may say the same.
    const again = await sandbox.manager.writesGroup(VERA, [{ type: 'file', text: 'И цены' }]);
    await sandbox.until(() => again.every(({ tick }) => tick.state === 'read'));
    expect(phone().sees.map(({ content: { type, text } }) => text ?? type)).toEqual([
      'IMAGE',
      'Три вида',
      'IMAGE',
      'DOCUMENT',
      'DOCUMENT',
      'И цены',
    ]);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });
});
