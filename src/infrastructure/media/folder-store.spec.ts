import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aFile, anOpened } from '../../../test/fakes/media.js';
import { MediaFault } from '../../domain/media.js';
import { inboundSourceId } from '../../domain/ids.js';
import { Settings } from '../../domain/settings.js';
import { FolderStore } from './folder-store.js';

let folder: string;
let mediaDir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bridge-store-'));
  mediaDir = join(folder, 'media');
});
afterEach(() => rmSync(folder, { recursive: true }));

const aStore = (free = Infinity) =>
  new FolderStore(new Settings({ mediaDir }), () => Promise.resolve(free));

async function textOf(file = aFile(), range?: string): Promise<string | undefined> {
  const opened = await aStore().open(file, range);
  if (!opened) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of opened.bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('a folder of copies', () => {
  it('gives back what it was given, whole and in part, and nothing for what it was not', async () => {
    expect(await textOf()).toBeUndefined();
    await aStore().keep(aFile(), anOpened('abcdef').bytes);
    expect(await textOf()).toBe('abcdef');
    expect(await textOf(aFile(), 'bytes=1-2')).toBe('bc');
    await aStore().keep(aFile(), anOpened('').bytes);
    expect(await textOf()).toBe('');
  });

  it('does not take a file of another journal for its own, whose row has the same number', async () => {
    await aStore().keep(aFile(), anOpened('ours').bytes);
    expect(await textOf(aFile({ sourceId: inboundSourceId('71844', '2') }))).toBeUndefined();
    expect(await textOf(aFile({ direction: 'outbound' }))).toBeUndefined();
  });

  it('has nothing of a file whose source broke off, and what it had stays', async () => {
    await aStore().keep(aFile(), anOpened('before').bytes);
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new MediaFault('too-slow');
    }
    await expect(aStore().keep(aFile(), breaking())).rejects.toMatchObject({ trouble: 'too-slow' });
    expect(await textOf()).toBe('before');
    expect(readdirSync(mediaDir)).toHaveLength(1);
  });

  it('serves nothing of a file that a crash left behind', async () => {
    await aStore().keep(aFile(), anOpened('whole').bytes);
    const [name = ''] = readdirSync(mediaDir);
    rmSync(join(mediaDir, name));
    const part = `${name}.6f1d3c52-9a0e-5b7d-8c41-2e94d07a5b13.part`;
    writeFileSync(join(mediaDir, part), 'half');
    expect(await textOf()).toBeUndefined();
  });

  it('takes nothing while the disk is nearly full: the journal needs the rest', async () => {
    const full = aStore(1024 ** 3 - 1).keep(aFile(), anOpened('x').bytes);
    await expect(full).rejects.toMatchObject({ trouble: 'no-room' });
    expect(await textOf()).toBeUndefined();
  });

  it('takes nothing where it cannot be written', async () => {
    writeFileSync(mediaDir, 'a file, not a folder');
    const refused = aStore().keep(aFile(), anOpened('x').bytes);
    await expect(refused).rejects.toMatchObject({ trouble: 'no-room' });
  });

  it('forgets copies after their days and what broke off after an hour, and nothing that is not its own', async () => {
    await aStore().prune(30);
    await aStore().keep(aFile(), anOpened('old').bytes);
    await aStore().keep(aFile({ messageId: 8 }), anOpened('young').bytes);
    const old = readdirSync(mediaDir).find((name) => name.startsWith('inbound-7-')) ?? '';
    const part = `${old}.6f1d3c52-9a0e-5b7d-8c41-2e94d07a5b13.part`;
    writeFileSync(join(mediaDir, part), 'half');
    writeFileSync(join(mediaDir, 'notes.txt'), 'somebody’s');
    const daysAgo = (days: number) => Date.now() / 1000 - days * 24 * 60 * 60;
    utimesSync(join(mediaDir, old), daysAgo(31), daysAgo(31));
    utimesSync(join(mediaDir, part), daysAgo(0.1), daysAgo(0.1));
    utimesSync(join(mediaDir, 'notes.txt'), daysAgo(99), daysAgo(99));
    await aStore().prune(30);
    expect(readdirSync(mediaDir)).toEqual([expect.stringMatching(/^inbound-8-/), 'notes.txt']);
  });
});
