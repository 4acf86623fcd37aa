import { linkSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import BetterSqlite3 from 'better-sqlite3';
import { Checkpoints } from './checkpoints.js';

const LOOK_MS = 5;
const HOUR_MS = 3_600_000;

describe('the log of a SQLite journal that is written to without end', () => {
  let folder: string;
  let file: string;
  let sqlite: BetterSqlite3.Database;
  let checkpoints: Checkpoints | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'checkpoints-'));
    file = join(folder, 'bridge.db');
    sqlite = new BetterSqlite3(file, { timeout: 0 });
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma('synchronous = NORMAL');
    sqlite.pragma('wal_autocheckpoint = 0');
    sqlite.exec('create table kept (id integer primary key, bytes blob)');
  });
  afterEach(async () => {
    await checkpoints?.close();
    checkpoints = undefined;
    sqlite.close();
    rmSync(folder, { recursive: true });
  });

  const write = (megabytes: number) => {
    for (let i = 0; i < megabytes; i++) {
      sqlite.prepare('insert into kept (bytes) values (randomblob(1048576))').run();
    }
  };
  const size = (name: string) => statSync(name, { throwIfNoEntry: false })?.size ?? 0;
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
  };

  it('is put into the file beside it', async () => {
    checkpoints = new Checkpoints(file, () => undefined, LOOK_MS);
    write(6);
    expect(size(file)).toBeLessThan(1024 ** 2);
    await until(() => size(file) > 6 * 1024 ** 2);
    expect(sqlite.pragma('quick_check')).toEqual([{ quick_check: 'ok' }]);
  });

  it('is begun anew once it is long, and grows no longer', async () => {
    const restart = () => void sqlite.pragma('wal_checkpoint(RESTART)');
    let restarts = 0;
    checkpoints = new Checkpoints(file, () => (restart(), (restarts += 1)), LOOK_MS, 2_000);
    for (let round = 1; round <= 4; round++) {
      write(8);
      await until(() => restarts >= round);
    }
    expect(size(`${file}-wal`)).toBeLessThan(4 * 8 * 1024 ** 2);
    expect(sqlite.prepare('select count(*) from kept').pluck().get()).toBe(32);
  });

  it('goes on where the log could not be begun anew: a backup was reading it', async () => {
    let tries = 0;
    const restart = () => {
      tries += 1;
      throw new Error('the log of the journal is in use');
    };
    checkpoints = new Checkpoints(file, restart, LOOK_MS, 1_000);
    write(8);
    await until(() => tries >= 2);
  });

  it('is begun anew without the thread where that cannot open the file', async () => {
    let restarts = 0;
    write(8);
    // The log is there, the file is not.
    const other = join(folder, 'other.db');
    linkSync(`${file}-wal`, `${other}-wal`);
    checkpoints = new Checkpoints(other, () => (restarts += 1), LOOK_MS, 1_000);
    await until(() => restarts > 0);
  });

  it('is left alone while there is little of it: a thread costs memory', async () => {
    checkpoints = new Checkpoints(file, () => undefined, HOUR_MS);
    write(1);
    expect(checkpoints.look()).toBe(false);
    write(6);
    expect(checkpoints.look()).toBe(true);
  });

  it('is not left by a process that has nothing else to do', () => {
    const database = new URL('../../../build/infrastructure/journal/database.js', import.meta.url);
    const script = `
      const { openDatabase } = await import(${JSON.stringify(database.href)});
      const { sql } = await import('kysely');
      const { statSync } = await import('node:fs');
      const database = await openDatabase(${JSON.stringify(`file:${join(folder, 'own.db')}`)});
      for (let i = 0; i < 8; i++)
        await sql\`insert into memory (name, value) values (\${i}, hex(randomblob(524288)))\`.execute(database.db);
      while (statSync(${JSON.stringify(join(folder, 'own.db'))}).size < 4e6) await new Promise((resolve) => setTimeout(resolve, 10));
      await database.close();
      console.log('closed');`;
    const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    });
    expect([ran.status, ran.stdout, ran.stderr]).toEqual([0, 'closed\n', '']);
  });

  it('goes into the file with the end of the process, which waits for the thread', async () => {
    checkpoints = new Checkpoints(file, () => undefined, LOOK_MS);
    write(6);
    await until(() => size(file) > 6 * 1024 ** 2);
    write(1);
    await checkpoints.close();
    sqlite.close();
    expect(size(`${file}-wal`)).toBe(0);
    expect(size(file)).toBeGreaterThan(7 * 1024 ** 2);
  });
});
