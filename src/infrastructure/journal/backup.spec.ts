import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { anInbound, arrivals } from '../../../test/builders.js';
import { freshFile } from '../../../test/fresh-database.js';
import { backUp } from './backup.js';
import { AlreadyRunning, openDatabase } from './database.js';
import { SqlJournal } from './journal.js';
import { restore } from './restore.js';
import { BackupError } from './saved-journal.js';

const NOW = new Date('2026-11-20T09:00:00.123Z');

let folder: string;
let url: string;
let saved: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bridge-backup-'));
  url = `file:${await freshFile(folder)}`;
  saved = join(folder, 'saved.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function atWork(act: (journal: SqlJournal) => Promise<void>): Promise<void> {
  const journal = await SqlJournal.open(await openDatabase(url));
  try {
    await act(journal);
  } finally {
    await journal.close();
  }
}

const accept = (...ids: string[]) =>
  atWork(async (journal) => {
    await journal.accept(arrivals(...ids.map((id) => anInbound(id))));
  });

function idsIn(file: string): unknown[] {
  const sqlite = new BetterSqlite3(file, { readonly: true });
  const ids = sqlite.prepare('select source_id from message order by id').pluck().all();
  sqlite.close();
  return ids.map((id) => String(id).split(':').at(-1));
}

describe('a journal that is saved', () => {
  it('is what was there at that moment, while the bridge goes on writing', async () => {
    await atWork(async (journal) => {
      await journal.accept(arrivals(anInbound('1')));
      const during = journal.accept(arrivals(anInbound('2')));
      expect(backUp(url, saved)).toMatchObject({ file: saved, messages: 1, waiting: 1 });
      expect(await during).toEqual(['new']);
    });
    expect(idsIn(saved)).toEqual(['1']);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('counts what was received and is not filed yet among what waits', async () => {
    await atWork(async (journal) => {
      await journal.receive(arrivals(anInbound('1'), anInbound('2')), () => undefined);
      expect(backUp(url, saved)).toMatchObject({ messages: 0, waiting: 2 });
    });
  });

  it('is that of a bridge that was killed, with what only its log of writes had', async () => {
    const database = await openDatabase(url);
    const journal = await SqlJournal.open(database);
    await journal.accept(arrivals(anInbound('1')));
    expect(readFileSync(`${url.slice(5)}-wal`).length).toBeGreaterThan(0);
    backUp(url, saved);
    expect(idsIn(saved)).toEqual(['1']);
    await journal.close();
  });

  it('beside another backup to the same file, whose half it leaves alone', async () => {
    await accept('1');
    writeFileSync(`${saved}.part`, 'of another one');
    backUp(url, saved);
    expect(readFileSync(`${saved}.part`, 'utf8')).toBe('of another one');
  });

  it.each([
    ['over a file that is there', () => writeFileSync(saved, 'x'), /is there already/],
    ['from a place without a journal', () => rmSync(url.slice(5)), /no journal at/],
    ['into no folder', () => (saved = join(folder, 'no', 'saved.db')), /there is no folder/],
    [
      'from something else',
      () => writeFileSync(url.slice(5), 'x'.repeat(5_000)),
      /not saved|no journal/,
    ],
  ])('is not made %s', (_, spoil, why) => {
    spoil();
    expect(() => backUp(url, saved)).toThrow(why);
    expect(() => backUp(url, saved)).toThrow(BackupError);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});

describe('a journal that is brought back', () => {
  it('takes the place of the one there is, which stays beside it, whole', async () => {
    await accept('1');
    backUp(url, saved);
    await accept('2');
    const { former = '', ...found } = restore(url, saved, NOW);
    expect(found).toMatchObject({ messages: 1, waiting: 1 });
    expect(former).toMatch(/bridge\.db\.before-20261120T090000Z$/);
    expect(idsIn(former)).toEqual(['1', '2']);
    expect(idsIn(url.slice(5))).toEqual(['1']);
    await atWork(async (journal) => {
      expect(await journal.accept(arrivals(anInbound('1'), anInbound('2')))).toEqual([
        'repeat',
        'new',
      ]);
    });
  });

  it('comes to a place where there was none', async () => {
    await accept('1');
    backUp(url, saved);
    url = `file:${join(folder, 'other.db')}`;
    expect(restore(url, saved, NOW)).not.toHaveProperty('former');
    expect(idsIn(url.slice(5))).toEqual(['1']);
  });

  it('is none that still has writes beside it: those would be lost', async () => {
    const journal = await SqlJournal.open(await openDatabase(url));
    await journal.accept(arrivals(anInbound('1')));
    const other = `file:${join(folder, 'other.db')}`;
    expect(() => restore(other, url.slice(5), NOW)).toThrow(/bridge backup/);
    expect(existsSync(other.slice(5))).toBe(false);
    await journal.close();
    expect(restore(other, url.slice(5), NOW)).toMatchObject({ messages: 1 });
  });

  it('waits for the bridge to end', async () => {
    await accept('1');
    backUp(url, saved);
    await atWork(async (journal) => {
      expect(() => restore(url, saved, NOW)).toThrow(AlreadyRunning);
      expect(await journal.accept(arrivals(anInbound('2')))).toEqual(['new']);
    });
  });

  it.each([
    ['is damaged', (file: string) => spoilPages(file), /damaged|not a database|no journal/],
    ['is none', (file: string) => writeFileSync(file, 'not one'), /no journal of this bridge/],
    [
      'is of a newer bridge',
      (file: string) => {
        const sqlite = new BetterSqlite3(file);
        sqlite.exec(`insert into kysely_migration values ('9999-later', '2027-01-01')`);
        sqlite.close();
      },
      /of a newer bridge: it has 9999-later/,
    ],
  ])('is left alone where the file %s', async (_, spoil, why) => {
    await accept('1');
    backUp(url, saved);
    spoil(saved);
    expect(() => restore(url, saved, NOW)).toThrow(why);
    expect(idsIn(url.slice(5))).toEqual(['1']);
    expect(readdirSync(folder).filter((name) => name.includes('.part'))).toEqual([]);
    await accept('2');
  });
});

describe('a journal that is brought back in the place of one that', () => {
  let file: string;
  beforeEach(async () => {
    file = url.slice(5);
    await accept('1');
    backUp(url, saved);
  });

  const asides = () =>
    readdirSync(folder)
      .filter((name) => name.includes('.before-'))
      .toSorted();

  /** As a bridge leaves it that is killed: what was written last is in the log beside it. */
  async function killedWith(id: string): Promise<void> {
    const journal = await SqlJournal.open(await openDatabase(url));
    await journal.accept(arrivals(anInbound(id)));
    for (const rest of ['', '-wal']) copyFileSync(`${file}${rest}`, join(folder, `killed${rest}`));
    await journal.close();
    for (const rest of ['', '-wal']) renameSync(join(folder, `killed${rest}`), `${file}${rest}`);
  }

  it('is gone, without the log of its writes', async () => {
    await killedWith('2');
    rmSync(file);
    writeFileSync(`${file}-journal`, 'a journal of something');
    const { former = '' } = restore(url, saved, NOW);
    expect(idsIn(file)).toEqual(['1']);
    expect(asides()).toEqual(
      ['-journal', '-wal'].map((rest) => `bridge.db.before-20261120T090000Z${rest}`),
    );
    expect(readFileSync(`${former}-wal`).length).toBeGreaterThan(0);
    await atWork(async (journal) => {
      expect(await journal.accept(arrivals(anInbound('2')))).toEqual(['new']);
    });
  });

  it.each([
    ['is none', (bytes: Buffer) => bytes.fill(0xa5)],
    ['is torn', (bytes: Buffer) => bytes.fill(0xa5, 4_096)],
    ['is empty', (bytes: Buffer) => bytes.subarray(0, 0)],
  ])('%s, which is set aside with all that lies beside it', async (_, spoil) => {
    await killedWith('2');
    const spoilt = spoil(readFileSync(file));
    writeFileSync(file, spoilt);
    // Of another journal, so that nothing can be mended by it.
    writeFileSync(`${file}-wal`, 'the log of something');
    const { former = '' } = restore(url, saved, NOW);
    expect(readFileSync(former).equals(spoilt)).toBe(true);
    expect(idsIn(file)).toEqual(['1']);
    await accept('3');
  });

  it('was brought back in the same second, and keeps both that were there before', async () => {
    await accept('2');
    const first = restore(url, saved, NOW).former ?? '';
    await accept('3');
    const second = restore(url, saved, NOW).former ?? '';
    expect(idsIn(first)).toEqual(['1', '2']);
    expect(idsIn(second)).toEqual(['1', '3']);
  });

  it('was moved to another store only once that is taken back', () => {
    mark(file, 'moved-to', 'PostgreSQL db/bridge');
    expect(() => restore(url, saved, NOW)).toThrow(/moved to PostgreSQL db\/bridge.*--cancel/);
    mark(file, 'moved-to', null);
    mark(file, 'moving-to', 'PostgreSQL db/bridge');
    expect(() => restore(url, saved, NOW)).toThrow(BackupError);
    mark(file, 'moving-to', null);
    expect(restore(url, saved, NOW)).toMatchObject({ messages: 1 });
  });

  it('was not moved, from a copy that was', () => {
    mark(saved, 'moved-to', 'PostgreSQL db/bridge');
    expect(() => restore(url, saved, NOW)).toThrow(/saved after its journal was moved/);
    expect(asides()).toEqual([]);
  });

  it('had a mode and an owner, with both', () => {
    chmodSync(file, 0o640);
    restore(url, saved, NOW);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    chmodSync(saved, 0o400);
    rmSync(file);
    restore(url, saved, NOW);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is reached by a link, where the link leads', async () => {
    const link = join(folder, 'link.db');
    symlinkSync(file, link);
    await accept('2');
    restore(`file:${link}`, saved, NOW);
    expect(idsIn(file)).toEqual(['1']);
  });

  it.each([
    ['a symbolic link', symlinkSync],
    ['a second name', linkSync],
  ])('it is itself, by %s, is refused', (_, link) => {
    const other = join(folder, 'other.db');
    link(file, other);
    expect(() => restore(url, other, NOW)).toThrow(/is the journal itself/);
    expect(idsIn(file)).toEqual(['1']);
  });

  it('is whole, from one that has a journal of writes beside it, is refused', () => {
    writeFileSync(`${saved}-journal`, 'half a transaction');
    expect(() => restore(url, saved, NOW)).toThrow(/bridge backup/);
  });
});

function mark(file: string, name: string, value: string | null): void {
  const sqlite = new BetterSqlite3(file);
  if (value === null) sqlite.prepare('delete from memory where name = ?').run(name);
  else sqlite.prepare('insert into memory values (?, ?)').run(name, value);
  sqlite.close();
}

/** Everything behind the first page, which says how large it is. */
function spoilPages(file: string): void {
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 4_096);
  writeFileSync(file, bytes);
}
