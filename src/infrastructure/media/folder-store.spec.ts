import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeMediaStore } from '../../../test/contracts/media-store.contract.js';
import { aFile, anOpened } from '../../../test/fakes/media.js';
import { Settings } from '../../domain/settings.js';
import { FolderStore } from './folder-store.js';

let folder: string;
let mediaDir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bridge-store-'));
  mediaDir = join(folder, 'media');
});
afterEach(() => rmSync(folder, { recursive: true }));

const aStore = (free = () => Infinity) =>
  new FolderStore(new Settings({ mediaDir }), () => Promise.resolve(free()));

const names = () => (statSync(mediaDir, { throwIfNoEntry: false }) ? readdirSync(mediaDir) : []);
const write = (name: string) => {
  writeFileSync(join(mediaDir, name), 'half');
  return name;
};

describeMediaStore('a folder', async () => {
  let free = Infinity;
  return {
    store: aStore(() => free),
    names,
    age: (name, days) => {
      const at = Date.now() / 1000 - days * 24 * 60 * 60;
      utimesSync(join(mediaDir, name), at, at);
    },
    leaveHalf: (name) => write(`${name}.6f1d3c52-9a0e-5b7d-8c41-2e94d07a5b13.part`),
    leaveForeign: () => write('notes.txt'),
    refuse: () => {
      free = 0;
    },
    close: async () => undefined,
  };
});

describe('a folder of copies', () => {
  it('takes nothing while the disk is nearly full: the journal needs the rest', async () => {
    const full = aStore(() => 1024 ** 3 - 1).keep(aFile(), anOpened('x').bytes);
    await expect(full).rejects.toMatchObject({ trouble: 'no-room' });
    expect(names()).toEqual([]);
  });

  it('takes nothing where it cannot be written', async () => {
    writeFileSync(mediaDir, 'a file, not a folder');
    const refused = aStore().keep(aFile(), anOpened('x').bytes);
    await expect(refused).rejects.toMatchObject({ trouble: 'no-room' });
  });
});
