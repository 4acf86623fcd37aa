import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalUnavailable } from '../../domain/errors.js';
import { openDatabase, type Database } from './database.js';
import { remember } from './memory.js';
import { inTransaction } from './transaction.js';
import { Wal, type Disk } from './wal.js';

/** A disk that takes as long as a spec wants, or fails. */
class HandDisk implements Disk {
  /** Beside the event loop, and while it waits. */
  syncs = 0;
  onTheSpot = 0;
  /** How long it holds the event loop up. */
  takesMs = 0;
  isBroken = false;
  private nowMs = 0;
  private readonly waiting: { done: () => void; fail: (error: Error) => void }[] = [];

  readonly sync = () =>
    new Promise<void>((done, fail) => {
      this.syncs += 1;
      this.waiting.push({ done, fail });
    });

  readonly syncNow = () => {
    this.onTheSpot += 1;
    this.nowMs += this.takesMs;
    if (this.isBroken) throw new Error('EIO');
  };

  readonly now = () => this.nowMs;

  pass(ms: number): void {
    this.nowMs += ms;
  }

  async ends(error?: Error): Promise<void> {
    while (this.waiting.length === 0) await new Promise(setImmediate);
    const sync = this.waiting.shift();
    if (error) sync?.fail(error);
    else sync?.done();
    await new Promise(setImmediate);
  }
}

describe('the log of a SQLite journal', () => {
  let folder: string;
  let database: Database;
  let disk: HandDisk;
  let emptied: 'not' | 'done' | 'cannot' = 'not';
  let wal: Wal;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'wal-'));
    const file = join(folder, 'bridge.db');
    database = await openDatabase(`file:${file}`);
    disk = new HandDisk();
    emptied = 'not';
    const empty = () => {
      if (emptied === 'cannot') throw new Error('the disk is still broken');
      emptied = 'done';
    };
    wal = new Wal(`${file}-wal`, empty, disk);
    // Of a disk that is slow, as it has found out.
    await takes(30);
    disk.onTheSpot = 0;
  });
  afterEach(async () => {
    await wal.close();
    await database.close();
    rmSync(folder, { recursive: true });
  });

  /** @returns how it was brought there */
  async function takes(ms: number): Promise<'on the spot' | 'beside'> {
    const before = { onTheSpot: disk.onTheSpot, syncs: disk.syncs };
    disk.takesMs = ms;
    const flushed = wal.flush();
    while (disk.onTheSpot === before.onTheSpot && disk.syncs === before.syncs)
      await new Promise(setImmediate);
    if (disk.onTheSpot > before.onTheSpot) return flushed.then(() => 'on the spot');
    await disk.ends();
    return flushed.then(() => 'beside');
  }

  const write = () =>
    inTransaction({ ...database, wal }, async (trx) => {
      await trx
        .insertInto('memory')
        .values({ name: `${disk.syncs}`, value: 'x' })
        .execute();
    });
  const rows = async () => (await database.db.selectFrom('memory').selectAll().execute()).length;

  it('answers no transaction before it is on the disk', async () => {
    let isAnswered = false;
    const written = write().then(() => (isAnswered = true));
    while (disk.syncs === 0) await new Promise(setImmediate);
    expect(await rows()).toBe(1);
    expect(isAnswered).toBe(false);
    await disk.ends();
    await written;
    expect(isAnswered).toBe(true);
  });

  it('is not waited for where a loss of power may take it back', async () => {
    await inTransaction(
      { ...database, wal },
      (trx) => trx.selectFrom('lane').selectAll().execute(),
      {
        lasts: false,
      },
    );
    expect(disk.syncs).toBe(0);
  });

  it('is synced once for all that was committed while it was being synced', async () => {
    const first = wal.flush();
    const later = [wal.flush(), wal.flush(), wal.flush()];
    await disk.ends();
    await first;
    await disk.ends();
    await Promise.all(later);
    expect(disk.syncs).toBe(2);
  });

  it('does not take a sync that began before a commit for one of it', async () => {
    let isOnDisk = false;
    const first = wal.flush();
    const second = wal.flush().then(() => (isOnDisk = true));
    await disk.ends();
    await first;
    expect(isOnDisk).toBe(false);
    await disk.ends();
    await second;
  });

  it('is not synced twice at a time, whenever somebody asks', async () => {
    const first = wal.flush();
    const second = wal.flush();
    await disk.ends();
    await first;
    for (let i = 0; i < 8; i++) {
      void wal.flush();
      await Promise.resolve();
    }
    expect(disk.syncs).toBe(2);
    await disk.ends();
    await second;
    await disk.ends();
    expect(disk.syncs).toBe(3);
  });

  it('that could not be synced is the end of adding to it, until all of it is in the file', async () => {
    const written = write();
    const refused = expect(written).rejects.toThrow(JournalUnavailable);
    await disk.ends(new Error('EIO'));
    await refused;
    emptied = 'cannot';
    await expect(write()).rejects.toThrow(JournalUnavailable);
    expect(disk.syncs).toBe(1);
    emptied = 'not';
    const again = write();
    await disk.ends();
    await again;
    expect(emptied).toBe('done');
  });

  it('that could not be synced is not on the disk for those who wait for the next sync either', async () => {
    const first = expect(wal.flush()).rejects.toThrow('EIO');
    const second = expect(wal.flush()).rejects.toThrow('before');
    await disk.ends(new Error('EIO'));
    await first;
    await second;
    expect(disk.syncs).toBe(1);
  });

  it('of an open journal is brought into the file and begun anew after a sync that failed', async () => {
    const log = join(folder, 'bridge.db-wal');
    await remember(database, 'a', 'b');
    const own = database.wal as unknown as { disk: Disk };
    const { disk: working } = own;
    const broken = new Error('EIO');
    own.disk = {
      ...working,
      sync: () => Promise.reject(broken),
      syncNow: () => {
        throw broken;
      },
    };
    await expect(remember(database, 'c', 'd')).rejects.toThrow(JournalUnavailable);
    own.disk = working;
    const before = statSync(log).size;
    await remember(database, 'e', 'f');
    expect(statSync(log).size).toBeLessThan(before);
    expect(await rows()).toBe(3);
  });

  it('is waited for on the spot while the disk is fast, and a slow sync now and then', async () => {
    disk.pass(60_000);
    for (let i = 0; i < 100; i += 1) {
      expect(await takes(0.5)).toBe('on the spot');
      expect(await takes(5)).toBe('on the spot');
      disk.pass(150);
    }
    expect(disk.syncs).toBe(0);
  });

  it('leaves everybody else a turn, however many wait for it one after the other', async () => {
    disk.pass(60_000);
    disk.takesMs = 0.2;
    let turns = 0;
    const isOver = (async () => {
      for (let i = 0; i < 40; i += 1) await wal.flush();
      return true;
    })();
    while (!(await Promise.race([isOver, new Promise((turn) => setImmediate(turn))]))) turns += 1;
    expect(disk.onTheSpot).toBe(40);
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  it('holds nothing up once it was slow for twenty milliseconds in all', async () => {
    disk.pass(60_000);
    for (let i = 0; i < 5; i += 1) expect(await takes(5.5)).toBe('on the spot');
    expect(await takes(0.2)).toBe('beside');
  });

  it('makes up for what a disk that hung has held up, before it is waited for again', async () => {
    disk.pass(60_000);
    // A hundred seconds make up for three; three of them are over when it ends.
    expect(await takes(3_000.5)).toBe('on the spot');
    disk.pass(96_990);
    expect(await takes(0.2)).toBe('beside');
    disk.pass(20);
    expect(await takes(0.2)).toBe('on the spot');
  });

  it.each([
    ['always slow', [5]],
    ['fast every third time', [19, 19, 0.2]],
    ['slow every third time', [0.2, 0.2, 15]],
    ['hanging now and then', [...Array.from({ length: 99 }, () => 0.2), 200]],
  ])(
    'holds the event loop up for 3 %% of the time and one sync more, on a disk that is %s',
    async (_, of) => {
      const [startMs, endMs] = [disk.now(), disk.now() + 60_000];
      let heldUpMs = 0;
      for (let i = 0; disk.now() < endMs; i += 1) {
        const ms = of[i % of.length] ?? 0;
        if ((await takes(ms)) === 'on the spot') heldUpMs += Math.max(0, ms - 0.5);
        disk.pass(5);
      }
      const oneMore = 20 + Math.max(...of);
      expect(heldUpMs).toBeLessThan(0.03 * (disk.now() - startMs) + oneMore);
      expect(Math.min(disk.syncs, disk.onTheSpot)).toBeGreaterThan(0);
    },
  );

  it('that could not be synced on the spot is the end of adding to it just as well', async () => {
    disk.pass(60_000);
    disk.isBroken = true;
    disk.takesMs = 30;
    await expect(write()).rejects.toThrow(JournalUnavailable);
    emptied = 'cannot';
    await expect(write()).rejects.toThrow(JournalUnavailable);
    expect(disk.onTheSpot).toBe(1);
    // It took long to fail: the next try holds nothing up.
    emptied = 'not';
    disk.isBroken = false;
    wal.ensureSound();
    expect(await takes(0.2)).toBe('beside');
  });
});
