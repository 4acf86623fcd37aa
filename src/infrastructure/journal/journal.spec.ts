import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { sql } from 'kysely';
import pg from 'pg';
import { anInbound, anOutbound, aReceipt, arrivals } from '../../../test/builders.js';
import {
  describeJournal,
  MESSENGER,
  type JournalHarness,
} from '../../../test/contracts/journal.contract.js';
import { describeApi } from '../../../test/contracts/journal-api.contract.js';
import { describeInbox } from '../../../test/contracts/journal-inbox.contract.js';
import { describeQuotes } from '../../../test/contracts/journal-quotes.contract.js';
import type { OutboundWork } from '../../domain/journal.js';
import { freshDatabase, freshFile } from '../../../test/fresh-database.js';
import { StallingProxy } from '../../../test/stalling-proxy.js';
import { JournalUnavailable } from '../../domain/errors.js';
import { AlreadyRunning, openDatabase } from './database.js';
import { SqlJournal } from './journal.js';

async function sqliteHarness(): Promise<JournalHarness> {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-journal-'));
  const file = await freshFile(folder);
  const url = `file:${file}`;
  let database = await openDatabase(url);
  let journal = await SqlJournal.open(database);
  let dead = false;
  let blocker: BetterSqlite3.Database | undefined;
  return {
    get journal() {
      return journal;
    },
    get database() {
      return database;
    },
    reopen: async () => {
      if (!dead) await journal.close();
      dead = false;
      database = await openDatabase(url);
      journal = await SqlJournal.open(database);
      return journal;
    },
    kill: async () => {
      dead = true;
      await database.close();
    },
    // Somebody else holds the write lock and does not let go: SQLite cannot commit.
    breakStore: async () => {
      blocker = new BetterSqlite3(file);
      blocker.exec('begin immediate');
    },
    mend: async () => {
      blocker?.close();
    },
    close: async () => {
      blocker?.close();
      if (!dead) await journal.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function postgresHarness(): Promise<JournalHarness> {
  const { url, drop } = await freshDatabase();
  const database = await openDatabase(url);
  let journal = await SqlJournal.open(database);
  const opened = [journal];
  const name = new URL(url).pathname.slice(1);
  const asAdmin = async (...texts: string[]) => {
    const client = new pg.Client({ connectionString: process.env['TEST_DATABASE_URL'] });
    await client.connect();
    for (const text of texts) await client.query(text);
    await client.end();
  };
  const another = async () => {
    const next = await SqlJournal.open(await openDatabase(url));
    opened.push(next);
    return next;
  };
  return {
    get journal() {
      return journal;
    },
    database,
    another,
    reopen: async () => {
      await journal.renew();
      journal = await another();
      await journal.renew();
      return journal;
    },
    kill: async () => {
      await sql`update worker set heartbeat_at = heartbeat_at - 20000`.execute(database.db);
    },
    breakStore: () =>
      asAdmin(
        `alter database ${name} with allow_connections false`,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
      ),
    mend: () => asAdmin(`alter database ${name} with allow_connections true`),
    close: async () => {
      await Promise.all(opened.map((each) => each.close()));
      await drop();
    },
  };
}

describeJournal('SQLite', sqliteHarness);
describeJournal('PostgreSQL', postgresHarness);
describeApi('SQLite', sqliteHarness);
describeApi('PostgreSQL', postgresHarness);
describeInbox('SQLite', sqliteHarness);
describeInbox('PostgreSQL', postgresHarness);
describeQuotes('SQLite', sqliteHarness);
describeQuotes('PostgreSQL', postgresHarness);

describe('a commit reaches the disk', () => {
  it('on SQLite: WAL, whole and in order, and waited for (`wal.spec.ts`)', async () => {
    const harness = await sqliteHarness();
    const read = async (name: string) =>
      Object.values((await sql.raw(`pragma ${name}`).execute(harness.database.db)).rows[0] ?? {});
    expect(await read('journal_mode')).toEqual(['wal']);
    expect(await read('synchronous')).toEqual([1]);
    expect(harness.database.wal).toBeDefined();
    await harness.close();
  });

  it('on PostgreSQL: synchronous_commit on, whatever the server’s default', async () => {
    const harness = await postgresHarness();
    const name = new URL(
      (await sql<{ url: string }>`select current_database() as url`.execute(harness.database.db))
        .rows[0]?.url ?? '',
      'http://x/',
    ).pathname.slice(1);
    await sql
      .raw(`alter database ${name} set synchronous_commit = off`)
      .execute(harness.database.db);
    const second = await harness.another?.();
    await second?.accept(arrivals(anInbound('1')));
    const { rows } = await sql<{ synchronous_commit: string }>`show synchronous_commit`.execute(
      harness.database.db,
    );
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
    await harness.close();
  });
});

describe('a SQLite file', () => {
  it('takes one process', async () => {
    const harness = await sqliteHarness();
    const file = (await sql<{ file: string }>`pragma database_list`.execute(harness.database.db))
      .rows[0]?.file;
    await expect(openDatabase(`file:${file}`)).rejects.toThrow(AlreadyRunning);
    await harness.close();
  });

  it('is for webhooks first, whoever else wants it in the same turn', async () => {
    const harness = await sqliteHarness();
    const { journal } = harness;
    await journal.accept(arrivals(anOutbound('a')));
    const [lane] = await journal.claim([MESSENGER], 1);
    if (!lane) throw new Error('nothing was due');
    for (const call of [
      () => journal.file(),
      () => journal.claim([MESSENGER], 1),
      () => journal.read([lane], 1),
    ]) {
      const order: string[] = [];
      const received = journal.receive(arrivals(anInbound('1')), () => order.push('kept'));
      await call().then(() => order.push('done'));
      await received;
      expect(order).toEqual(['kept', 'done']);
    }
    const order: string[] = [];
    const settled = journal.settle(lane, [], { afterMs: 0 }).then(() => order.push('settled'));
    const received = journal.receive(arrivals(anInbound('2')), () => order.push('kept'));
    await Promise.all([settled, received]);
    expect(order).toEqual(['kept', 'settled']);
    await harness.close();
  });

  it('is a clock that goes on where it stopped, whatever the wall clock did meanwhile', async () => {
    const { JournalClock } = await import('./clock.js');
    let wall = 10_000;
    let monotonic = 0;
    const clock = new JournalClock(
      () => wall,
      () => monotonic,
    );
    monotonic += 500;
    wall -= 3_600_000;
    expect(clock.now()).toBe(10_500);
    clock.resume({ journalMs: 20_000, wallMs: wall + 60_000 });
    expect(clock.now()).toBe(20_500);
    clock.resume({ journalMs: 20_000, wallMs: wall - 60_000 });
    expect(clock.now()).toBe(80_500);
  });
});

describe('the state of a journal that is away', () => {
  it('is one error, and none that nobody hears of', async () => {
    const harness = await postgresHarness();
    const stray: unknown[] = [];
    const hear = (reason: unknown) => stray.push(reason);
    process.on('unhandledRejection', hear);
    await harness.breakStore();
    await expect(harness.journal.state()).rejects.toThrow(JournalUnavailable);
    await new Promise(setImmediate);
    await harness.mend();
    await harness.journal.check();
    process.off('unhandledRejection', hear);
    expect(stray).toEqual([]);
    await harness.close();
  });
});

describe('a receipt of a channel that names messages by ids of its own', () => {
  it('meets the answer that gives the message that id, whichever is first', async () => {
    const harness = await postgresHarness();
    const other = await harness.another?.();
    if (!other) throw new Error('PostgreSQL takes a second process');
    for (let round = 0; round < 20; round++) {
      const id = `m-${round}`;
      const of = { conversationId: `edna:7:${round}`, chatId: `c-${round}`, phone: undefined };
      await harness.journal.accept(arrivals(anOutbound(id, of)));
      const [lane] = await harness.journal.claim([MESSENGER], 1);
      if (!lane) throw new Error('nothing is due');
      const [[work]] = (await harness.journal.read([lane], 1)) as [[OutboundWork]];
      const part = { messageId: work.messageId, partId: work.parts[0]?.id ?? 0 };
      const receipt = aReceipt(id, 'read', { requestId: undefined, messengerId: `9${round}` });
      await Promise.all([
        harness.journal.settle(
          lane,
          [{ type: 'part-handed-over', ...part, messengerId: `9${round}` }],
          { until: 'next-accept' },
        ),
        other.accept(arrivals(receipt)),
      ]);
    }
    const statuses = await harness.database.db.selectFrom('message').select('status').execute();
    expect(statuses).toEqual(Array.from({ length: 20 }, () => ({ status: 'read' })));
    await harness.close();
  });
});

describe('a connection to PostgreSQL that does not answer', () => {
  it('is not used again: nobody knows in which transaction it is', async () => {
    const { url, drop } = await freshDatabase();
    const proxy = await StallingProxy.to(new URL(url));
    const database = await openDatabase(proxy.url.href);
    const journal = await SqlJournal.open(database);
    const backend = async () =>
      (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(database.db)).rows[0]
        ?.pid;
    const before = await backend();
    proxy.stall();
    const beganAt = performance.now();
    await expect(journal.accept(arrivals(anInbound('1')))).rejects.toThrow(JournalUnavailable);
    expect(performance.now() - beganAt).toBeLessThan(4_000);
    proxy.flow();
    expect(await backend()).not.toBe(before);
    for (const id of ['2', '3', '4']) {
      expect(await journal.accept(arrivals(anInbound(id)))).toEqual(['new']);
    }
    await journal.close();
    await proxy.close();
    await drop();
  }, 15_000);
});
