import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { openDatabase } from '../../src/infrastructure/journal/database.js';
import { SqlJournal } from '../../src/infrastructure/journal/journal.js';
import { anInbound, anOutbound, arrivals } from '../../test/builders.js';
import { multiply } from './seed.ts';

describe('a journal that was multiplied', () => {
  let folder: string;
  let file: string;

  const open = async () => SqlJournal.open(await openDatabase(`file:${file}`));
  const ask = (sql: string): unknown[] => {
    const db = new BetterSqlite3(file, { readonly: true });
    try {
      return db.prepare(sql).raw().all();
    } finally {
      db.close();
    }
  };
  const indexes = () => ask('select name, sql from sqlite_master order by name');

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bench-seed-'));
    file = join(folder, 'bridge.db');
    const journal = await open();
    await journal.accept(
      arrivals(
        anInbound('1'),
        anInbound('2'),
        anInbound('3', { address: '79995550143' }),
        anOutbound('b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53'),
      ),
    );
    await journal.close();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('holds so many messages, in as many more conversations', () => {
    expect(multiply(file, 1_000)).toBe(1_000);
    expect(ask('select count(*) from conversation')).toEqual([[500]]);
    expect(ask('select count(*) from lane where due_at is not null')).toEqual([[750]]);
    expect(ask('select count(*) from part')).toEqual([[250]]);
  });

  it('is whole: with its indexes, and each row where it belongs', () => {
    const before = indexes();
    multiply(file, 1_000);
    expect(indexes()).toEqual(before);
    expect(ask('pragma integrity_check')).toEqual([['ok']]);
    const strays = [
      'part where message not in (select id from message)',
      'message where conversation not in (select id from conversation)',
      `message where not exists (select 1 from lane
         where lane.conversation = message.conversation and lane.kind = message.direction)`,
    ];
    for (const stray of strays) expect(ask(`select count(*) from ${stray}`)).toEqual([[0]]);
  });

  it('goes on as any other', async () => {
    multiply(file, 1_000);
    const journal = await open();
    const filed = await journal.accept(arrivals(anInbound('1'), anInbound('4')));
    await journal.close();
    expect(filed).toEqual(['repeat', 'new']);
  });
});
