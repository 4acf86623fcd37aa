import { randomUUID } from 'node:crypto';
import BetterSqlite3 from 'better-sqlite3';

/*
 * A journal with many rows, made of one with few: what the bridge itself wrote is copied under new ids. As many
 * webhooks would write the same, and take half an hour for it.
 */

/** Tables that grow with messages: each column that may not be the same in a copy, as SQL over the row `t` and the number `k` of the copy. */
const TABLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  conversation: {
    id: 't.id + k * of_conversation',
    address: 'copied_address(t.address, k)',
    conversation_id: 'replace(t.conversation_id, t.address, copied_address(t.address, k))',
    chat_id: 'scattered(t.chat_id)',
    participant_id: 'scattered(t.participant_id)',
  },
  lane: { conversation: 't.conversation + k * of_conversation' },
  message: {
    id: 't.id + k * of_message',
    conversation: 't.conversation + k * of_conversation',
    source_id: 'copied_source(t.source_id, k)',
    peer_id: 'scattered(t.peer_id)',
  },
  part: {
    id: 't.id + k * of_part',
    message: 't.message + k * of_message',
    request_id: 'scattered(t.request_id)',
  },
  attempt: {
    id: 't.id + k * of_attempt',
    message: 't.message + k * of_message',
    part: 't.part + k * of_part',
  },
};

/** Copies of one transaction. */
const BATCH = 100;

/**
 * Makes the journal hold so many messages. Nobody may have it open.
 * @param file of a bridge that has ended in good order
 * @returns how many messages it holds now
 */
export function multiply(file: string, messages: number): number {
  const db = new BetterSqlite3(file);
  try {
    for (const setting of ['synchronous = off', 'cache_size = -500000', 'temp_store = memory']) {
      db.pragma(setting);
    }
    addFunctions(db);
    const indexes = db
      .prepare<[], { name: string; sql: string }>(
        `select name, sql from sqlite_master where type = 'index' and sql is not null
         and tbl_name in (${Object.keys(TABLES)
           .map((name) => `'${name}'`)
           .join(', ')})`,
      )
      .all();
    // Sorted and written once, an index costs a tenth of what it does row by row.
    for (const { name } of indexes) db.exec(`drop index ${name}`);
    const copies = Math.ceil(messages / count(db)) - 1;
    const inserts = insertsOf(db);
    for (let from = 1; from <= copies; from += BATCH) {
      const to = Math.min(copies, from + BATCH - 1);
      db.transaction(() => inserts.forEach((insert) => insert.run({ from, to })))();
    }
    for (const { sql } of indexes) db.exec(sql);
    db.pragma('wal_checkpoint(truncate)');
    return count(db);
  } finally {
    db.close();
  }
}

function addFunctions(db: BetterSqlite3.Database): void {
  const asked = { varargs: false } as const;
  db.function('scattered', asked, (id: unknown) => (id === null ? null : randomUUID()));
  db.function(
    'copied_address',
    { deterministic: true },
    (address: unknown, k: unknown) => `7${String(k).padStart(6, '0')}${String(address).slice(-4)}`,
  );
  // amoCRM's ids are scattered, edna's are numbers.
  db.function('copied_source', asked, (id: unknown, k: unknown) =>
    String(id).startsWith('amo:')
      ? String(id).replace(/[^:]+$/, randomUUID())
      : `${String(id)}${String(k).padStart(7, '0')}`,
  );
}

function count(db: BetterSqlite3.Database): number {
  return db.prepare<[], number>('select count(*) from message').pluck().get() ?? 0;
}

/** One for each table, of the rows that are there now. */
function insertsOf(db: BetterSqlite3.Database): BetterSqlite3.Statement[] {
  const of = Object.keys(TABLES)
    .filter((table) => 'id' in (TABLES[table] ?? {}))
    .map((table) => {
      const most = db.prepare<[], number>(`select max(id) from ${table}`).pluck().get() ?? 0;
      return { table, most };
    });
  return Object.entries(TABLES).map(([table, changed]) => {
    const columns = db
      .prepare<[], { name: string }>(`select name from pragma_table_info('${table}')`)
      .all()
      .map(({ name }) => name);
    db.exec(`create temp table seed_${table} as select * from ${table}`);
    const values = columns.map((name) => changed[name] ?? `t.${name}`).join(', ');
    const sql = of.reduce(
      (text, one) => text.replaceAll(`of_${one.table}`, String(one.most)),
      values,
    );
    return db.prepare(`
      with recursive copies (k) as (select $from union all select k + 1 from copies where k < $to)
      insert into ${table} (${columns.join(', ')}) select ${sql} from copies, seed_${table} as t`);
  });
}
