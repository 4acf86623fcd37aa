import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../src/infrastructure/journal/database.js';
import { SqlJournal } from '../src/infrastructure/journal/journal.js';
import { anInbound, arrivals } from './builders.js';
import { START_MS, type } from './command-line.js';
import { freshDatabase, freshFile } from './fresh-database.js';

/* Commands about the journal as a whole, as an operator types them. They need no more of the settings than where it is. */
describe('the command line', () => {
  let folder: string;
  let settings: Record<string, string>;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bridge-cli-store-'));
    settings = { DATABASE_URL: `file:${await freshFile(folder)}` };
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (name: string) => join(folder, name);
  const ask = (words: string) => type(words, settings, folder);

  async function accept(...ids: string[]): Promise<SqlJournal> {
    const journal = await SqlJournal.open(await openDatabase(settings['DATABASE_URL'] ?? ''));
    await journal.accept(arrivals(...ids.map((id) => anInbound(id))));
    return journal;
  }

  it(
    'saves the journal of a bridge that runs, and brings it back once it is stopped',
    async () => {
      const running = await accept('1');
      const saved = await ask(`backup ${file('saved.db')}`);
      expect(saved).toMatchObject({ code: 0, err: '' });
      expect(saved.out).toMatch(/saved\.db: 1 messages, 1 of them waiting, \d+ bytes\n$/);
      expect(await ask(`backup ${file('saved.db')} --json`)).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringContaining('is there already'),
      });
      expect(await ask(`restore ${file('saved.db')}`)).toMatchObject({
        code: 1,
        err: expect.stringContaining('another process uses this journal'),
      });
      await running.close();
      writeFileSync(file('bridge.db'), 'damaged');
      const { code, out } = await ask(`restore ${file('saved.db')} --json`);
      expect([code, JSON.parse(out)]).toMatchObject([
        0,
        { file: file('bridge.db'), messages: 1, former: expect.stringContaining('.before-') },
      ]);
      await (await accept('2')).close();
    },
    2 * START_MS,
  );

  it(
    'moves the journal to PostgreSQL, twice if told so, and takes that back',
    async () => {
      await (await accept('1')).close();
      const { url, drop } = await freshDatabase();
      const moved = await ask(`move-store --to ${url}`);
      expect(moved).toMatchObject({ code: 0, err: expect.stringContaining('message 1') });
      expect(moved.out).toMatch(/^message\t1$/m);
      expect(moved.out).toMatch(/set DATABASE_URL to it before the next start\n$/);
      const again = await ask(`move-store --to ${url} --json`);
      expect(JSON.parse(again.out)).toMatchObject({ rows: { message: 1 } });
      expect(await ask('move-store')).toMatchObject({ code: 2, out: '' });
      const cancelled = await ask('move-store --cancel --json');
      expect([cancelled.code, JSON.parse(cancelled.out)]).toEqual([0, { cancelled: true }]);
      await (await accept('2')).close();
      await drop();
    },
    2 * START_MS,
  );

  it(
    'leaves PostgreSQL to its own commands, and moves from SQLite to it alone',
    async () => {
      expect(await ask(`move-store --to file:${file('other.db')}`)).toMatchObject({
        code: 2,
        err: expect.stringContaining('--to expects postgres://'),
      });
      settings = { DATABASE_URL: 'postgres://db/bridge' };
      expect(await ask('move-store --to postgres://db/other')).toMatchObject({ code: 2 });
      expect(await ask(`backup ${file('saved.db')}`)).toMatchObject({
        code: 2,
        err: expect.stringContaining('pg_dump'),
      });
    },
    2 * START_MS,
  );
});
