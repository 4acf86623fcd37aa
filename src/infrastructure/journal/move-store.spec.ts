import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { anInbound, anOutbound, arrivals } from '../../../test/builders.js';
import { CRM, MESSENGER } from '../../../test/contracts/journal.contract.js';
import { freshDatabase, freshFile, type FreshDatabase } from '../../../test/fresh-database.js';
import { AlreadyRunning, MovedAway, openDatabase } from './database.js';
import { JournalClock } from './clock.js';
import { SqlJournal } from './journal.js';
import { moveStore, NotMoved, stayHere } from './move-store.js';

const HOUR_MS = 3_600_000;
const ODD = { kind: 'text', text: 'Ёж 🦔 \u2028' } as const;
const FIRST = anInbound('1', { message: { content: ODD } });

let folder: string;
let url: string;
let fresh: FreshDatabase;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bridge-move-'));
  url = `file:${await freshFile(folder)}`;
  fresh = await freshDatabase();
});
afterEach(async () => {
  await fresh.drop();
  rmSync(folder, { recursive: true });
});

const open = async (where: string, clock?: JournalClock) =>
  SqlJournal.open(await openDatabase(where, clock));

/** As a bridge leaves it that is killed with a lane in its hands. */
async function fill(clock?: JournalClock): Promise<void> {
  const database = await openDatabase(url, clock);
  const journal = await SqlJournal.open(database);
  await journal.accept(arrivals(FIRST, anOutbound('a')));
  await journal.accept(arrivals(anInbound('2')));
  expect(await journal.claim([CRM], 10)).toHaveLength(1);
  await database.close();
}

const texts = async (journal: SqlJournal) => {
  const lanes = await journal.claim([CRM], 10);
  const [works = []] = await journal.read(lanes, 10);
  return works.map((work) => 'message' in work && work.message.content);
};

describe('a journal that is moved to PostgreSQL', () => {
  it('is there whole, and goes on where it was', async () => {
    await fill();
    const told: string[] = [];
    const { rows } = await moveStore(url, fresh.url, (progress) => told.push(progress));
    expect(rows).toMatchObject({ conversation: 1, message: 3, lane: 2, part: 1 });
    expect(told).toContain('message 3');
    const journal = await open(fresh.url);
    expect(await journal.accept(arrivals(FIRST, anOutbound('a')))).toEqual(['repeat', 'repeat']);
    expect(await texts(journal)).toEqual([ODD, expect.objectContaining({ kind: 'text' })]);
    expect(await journal.claim([MESSENGER], 10)).toHaveLength(1);
    expect(await journal.accept(arrivals(anInbound('3'), anOutbound('b')))).toEqual(['new', 'new']);
    await journal.close();
  });

  it('counts what waits by the clock there', async () => {
    await fill(new JournalClock(() => Date.now() + 5 * HOUR_MS));
    await moveStore(url, fresh.url);
    const journal = await open(fresh.url);
    const { oldestWaitingMs } = await journal.state();
    expect(oldestWaitingMs.inbound).toBeLessThan(HOUR_MS / 60);
    await journal.close();
    const database = await openDatabase(fresh.url);
    const { rows } = await sql<{ ms: number }>`
      select max(accepted_at) - extract(epoch from clock_timestamp()) * 1000 as ms
      from message`.execute(database.db);
    await database.close();
    expect(Math.abs(Number(rows[0]?.ms))).toBeLessThan(HOUR_MS / 60);
  });

  it('gives no id a second time', async () => {
    await fill();
    const before = await openDatabase(url);
    await sql`update sqlite_sequence set seq = 500 where name = 'message'`.execute(before.db);
    await before.close();
    await moveStore(url, fresh.url);
    const journal = await open(fresh.url);
    await journal.accept(arrivals(anInbound('9')));
    const after = await openDatabase(fresh.url);
    const { id } = await after.db
      .selectFrom('message')
      .select('id')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(id).toBe(501);
    await after.close();
    await journal.close();
  });

  it('is not used here any more, until that is taken back', async () => {
    await fill();
    await moveStore(url, fresh.url);
    await expect(openDatabase(url)).rejects.toThrow(MovedAway);
    await expect(openDatabase(url)).rejects.toThrow(/PostgreSQL 127\.0\.0\.1:\d+\/spec_/);
    await stayHere(url);
    await (await openDatabase(url)).close();
  });

  it('is not moved from a bridge that runs, nor to one', async () => {
    await fill();
    const here = await open(url);
    await expect(moveStore(url, fresh.url)).rejects.toThrow(AlreadyRunning);
    await here.close();
    const there = await open(fresh.url);
    await expect(moveStore(url, fresh.url)).rejects.toThrow(/a bridge is at work there/);
    await there.close();
    await (await openDatabase(url)).close();
  });

  it('is not put into one that has something', async () => {
    await fill();
    const there = await open(fresh.url);
    await there.accept(arrivals(anInbound('7')));
    await there.close();
    await expect(moveStore(url, fresh.url)).rejects.toThrow(/not empty: it has rows in \w+/);
    await (await openDatabase(url)).close();
  });

  it('is moved once more where the first try died before it was there', async () => {
    await fill();
    const marked = await openDatabase(url);
    await marked.db.insertInto('memory').values({ name: 'moved-to', value: 'x' }).execute();
    await marked.close();
    await expect(openDatabase(url)).rejects.toThrow(MovedAway);
    expect((await moveStore(url, fresh.url)).rows).toMatchObject({ message: 3 });
    await (await open(fresh.url)).close();
  });

  it.each([
    ['file:a.db', 'file:b.db'],
    ['postgres://db/a', 'postgres://db/b'],
  ])('is moved from %s to %s by nobody', async (from, to) => {
    await expect(moveStore(from, to)).rejects.toThrow(NotMoved);
  });
});
