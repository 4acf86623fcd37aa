import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { anInbound, anOutbound, arrivals } from '../../../test/builders.js';
import { CRM, MESSENGER } from '../../../test/contracts/journal.contract.js';
import { freshDatabase, freshFile, type FreshDatabase } from '../../../test/fresh-database.js';
import { Process } from '../../../test/mortal-store.js';
import { SqlApiCalls } from './api-calls.js';
import { AlreadyRunning, openDatabase, openStore } from './database.js';
import { JournalClock } from './clock.js';
import { SqlJournal } from './journal.js';
import { cancelMove, move, moveStore, MoveUnknown, NotMoved } from './move-store.js';
import { BATCH_BYTES } from './move-rows.js';
import { MovedAway, MoveUnfinished } from './moved.js';

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
    await cancelMove(url);
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
});

const TO = 'PostgreSQL db/bridge';

/** A move by a process that may end, or be held up, at any statement. */
async function moveIn(process: Process): Promise<unknown> {
  const [source, target] = [await openStore(url), await openStore(fresh.url)];
  try {
    return await move(process.opens(source), process.opens(target), TO);
  } catch (error) {
    return error;
  } finally {
    await Promise.all([source.close(), target.close()]);
  }
}

const survive = new Process(() => undefined);
const isMark = (statement: string) => statement.startsWith('insert into "memory"');

/** Dies at the `nth` of such statements. */
function dying(
  store: 'sqlite' | 'postgres',
  when: 'before' | 'after',
  isIt: (statement: string) => boolean,
  nth = 1,
): Process {
  let count = 0;
  return new Process((where, moment, statement, die) => {
    if (where === store && moment === when && isIt(statement) && ++count === nth) die();
  });
}

const commit = (statement: string) => statement === 'commit';

async function hasMoved(): Promise<void> {
  await expect(openDatabase(url)).rejects.toThrow(MovedAway);
  const journal = await open(fresh.url);
  expect(await journal.accept(arrivals(FIRST, anOutbound('a'), anInbound('2')))).toEqual(
    Array.from({ length: 3 }, () => 'repeat'),
  );
  await journal.close();
}

describe('a move whose process dies', () => {
  beforeEach(() => fill());

  it.each([
    [
      'while rows are copied',
      dying('postgres', 'after', (text) => /insert into "part"/.test(text)),
    ],
    ['before the file is marked', dying('sqlite', 'before', isMark)],
    ['before the mark is kept', dying('sqlite', 'before', commit)],
  ])('%s has changed nothing, and the journal is used here', async (_, process) => {
    expect(await moveIn(process)).toBeInstanceOf(Error);
    await (await open(url)).close();
    expect(await moveIn(survive)).toMatchObject({ rows: { message: 3 } });
    await hasMoved();
  });

  it.each([
    ['when the file is marked', dying('sqlite', 'after', commit), 'Died', 'message 3'],
    ['before it commits there', dying('postgres', 'before', commit), 'MoveUnknown', 'message 3'],
    ['when it has committed there', dying('postgres', 'after', commit), 'MoveUnknown', undefined],
    ['before the mark is final', dying('sqlite', 'before', commit, 2), 'MoveUnknown', undefined],
  ])('%s is finished by the next call', async (_, process, error, copied) => {
    expect(await moveIn(process)).toMatchObject({ name: error });
    await expect(openDatabase(url)).rejects.toThrow(MoveUnfinished);
    await expect(openDatabase(url)).rejects.toThrow(/to PostgreSQL db\/bridge.*once more/);
    const told: string[] = [];
    const [source, target] = [await openStore(url), await openStore(fresh.url)];
    const { rows } = await move(source, target, TO, (progress) => told.push(progress));
    expect(rows).toMatchObject({ conversation: 1, message: 3, lane: 2, part: 1 });
    expect(told.find((progress) => progress === 'message 3')).toBe(copied);
    await Promise.all([source.close(), target.close()]);
    await hasMoved();
  });

  it('when it has said so may be called once more', async () => {
    expect(await moveIn(dying('sqlite', 'after', commit, 2))).toBeInstanceOf(MoveUnknown);
    await hasMoved();
    expect(await moveIn(survive)).toMatchObject({ rows: { message: 3 } });
  });

  it('is finished also where a bridge has gone to work there', async () => {
    await moveIn(dying('postgres', 'after', commit));
    const there = await open(fresh.url);
    await there.accept(arrivals(anInbound('7')));
    expect(await moveIn(survive)).toMatchObject({ rows: { message: 3 } });
    await there.close();
    await expect(openDatabase(url)).rejects.toThrow(MovedAway);
  });

  it('is finished to the place where it was begun, or taken back', async () => {
    await moveIn(dying('postgres', 'before', commit));
    await expect(moveStore(url, fresh.url)).rejects.toThrow(
      /to PostgreSQL db\/bridge was broken off/,
    );
    await cancelMove(url);
    await (await open(url)).close();
    await moveStore(url, fresh.url);
    await hasMoved();
  });
});

describe('a move', () => {
  beforeEach(() => fill());

  /** Statements of PostgreSQL, which may be answered by something else. */
  const answering = (with_: (statement: string) => unknown) =>
    new Process((store, when, statement) => {
      const error = store === 'postgres' && when === 'before' ? with_(statement) : undefined;
      if (error !== undefined) throw error;
    });

  it('whose commit the server refuses leaves no mark', async () => {
    const full = Object.assign(new Error('disk full'), { code: '53100' });
    const refusing = answering((statement) => (commit(statement) ? full : undefined));
    expect(await moveIn(refusing)).toBe(full);
    await (await open(url)).close();
    await moveStore(url, fresh.url);
    await hasMoved();
  });

  it.each(['57P01', '08006', 'ECONNRESET'])(
    'whose commit ends with %s may be there, and says so',
    async (code) => {
      const gone = Object.assign(new Error('gone'), { code });
      const failing = answering((statement) => (commit(statement) ? gone : undefined));
      expect(await moveIn(failing)).toMatchObject({
        name: 'MoveUnknown',
        message: expect.stringContaining('call the same once more'),
      });
      await expect(openDatabase(url)).rejects.toThrow(MoveUnfinished);
    },
  );

  it('is to one place only', async () => {
    await moveStore(url, fresh.url);
    const other = await freshDatabase();
    await expect(moveStore(url, other.url)).rejects.toThrow(/it was moved to PostgreSQL/);
    await other.drop();
    await fresh.drop();
    await expect(moveStore(url, fresh.url)).rejects.toThrow(/is not there any more.*--cancel/);
    await cancelMove(url);
    await moveStore(url, fresh.url);
    await hasMoved();
  });

  it('turns away a bridge that starts there meanwhile', async () => {
    let refused: unknown;
    const impatient = { connect: 5_000, statement: 50, answer: 5_000, idle: 5_000 };
    const holding = new Process(async (store, when, statement) => {
      if (store !== 'postgres' || when !== 'before' || !commit(statement)) return;
      const database = await openStore(fresh.url, undefined, impatient);
      refused = await SqlJournal.open(database).catch((error: unknown) => error);
      await database.close();
    });
    expect(await moveIn(holding)).toMatchObject({ rows: { worker: 1 } });
    expect(refused).toMatchObject({ name: 'JournalUnavailable' });
    await hasMoved();
  });

  it('leaves calls of programs to whoever repeats them there', async () => {
    await set(`insert into api_call (key, fingerprint, owner, begun_at, taken_at, since_ms)
      values ('k', 'f', 'the process that was killed', 1, ${Date.now()}, 1)`);
    await moveStore(url, fresh.url);
    const database = await openDatabase(fresh.url);
    expect(await new SqlApiCalls(database).begin('k', 'f')).toMatchObject({
      state: 'mine',
      again: true,
    });
    await database.close();
  });

  it('brings no client’s message from a later time than it is there', async () => {
    await set(`update conversation set last_inbound_ms = ${Date.now() + 5 * HOUR_MS}`);
    await moveStore(url, fresh.url);
    const database = await openDatabase(fresh.url);
    const { last_inbound_ms: lastMs } = await database.db
      .selectFrom('conversation')
      .select('last_inbound_ms')
      .executeTakeFirstOrThrow();
    expect(Math.abs(Date.now() - (lastMs ?? 0))).toBeLessThan(HOUR_MS / 60);
    await database.close();
  });

  it('carries large bodies a few at a time', async () => {
    await set(`
      with recursive number (n) as (select 1 union all select n + 1 from number where n < 10)
      insert into quarantine (at_ms, reason, webhook, raw)
      select 1, 'spec', 'edna', randomblob(case n when 5 then 5242880 else 1048576 end) from number`);
    const told: string[] = [];
    await moveStore(url, fresh.url, (progress) => told.push(progress));
    expect(BATCH_BYTES).toBe(4 * 1_048_576);
    expect(told.filter((progress) => progress.startsWith('quarantine'))).toEqual(
      [3, 4, 5, 8, 10].map((count) => `quarantine ${count}`),
    );
  });

  it('names the row that cannot be stored there', async () => {
    const digits = Array.from({ length: 1_500 }, (_, i) =>
      ((i * 7_919 + (i ^ 0x55) * 104_729) % 9_973).toString(36),
    );
    await set(`update part set messenger_id = '${digits.join('')}'`);
    await expect(moveStore(url, fresh.url)).rejects.toThrow(/^part, row 1: index row .*\d{4}/);
    await expect(moveStore(url, fresh.url)).rejects.toThrow(NotMoved);
    await (await open(url)).close();
  });

  async function set(statement: string): Promise<void> {
    const database = await openDatabase(url);
    await sql.raw(statement).execute(database.db);
    await database.close();
  }
});
