import { sql, type Kysely } from 'kysely';
import type { Database } from './database.js';
import { inTransaction } from './transaction.js';
import type { Schema } from './schema.js';

const DAY_MS = 24 * 60 * 60_000;

/** How long a repeat is recognised as one. */
const KNOWN_DAYS = 365;

/** How long a receipt waits for the answer that names its message. */
const PARKED_MS = 60 * 60_000;

/**
 * How long the answer to a call of another program is given again. One that is under way is not forgotten; none goes on
 * for so long, so that whoever took one then has died.
 */
const CALLS_MS = DAY_MS;

/** amoCRM sends the hooks of a group within seconds. */
const CAPTION_DAYS = 7;

/** What the quarantine may hold in all; the oldest entries give way. */
const QUARANTINE_BYTES = 512 * 1024 * 1024;

/** Rows a transaction: short enough for webhooks to get in between. */
const BATCH = 500;

/** Forgets contents, then ids. What waits, and what failed on its way to the CRM, stays as it is. */
export async function prune(database: Database, retentionDays: number): Promise<void> {
  const { dialect } = database;
  const batches = (step: (trx: Kysely<Schema>) => Promise<number>) =>
    repeat(() => inTransaction(database, step));

  await batches(async (trx) => {
    const ids = await idsOf(
      sql<{ id: number }>`
        select id from message
        where content is not null and state <> 'waiting'
          and accepted_at < ${dialect.now()} - ${sql.lit(retentionDays * DAY_MS)}
          and not (direction = 'inbound' and state = 'failed')
        order by accepted_at limit ${sql.lit(BATCH)}`.execute(trx),
    );
    if (ids.length === 0) return 0;
    await trx.updateTable('message').set({ content: null }).where('id', 'in', ids).execute();
    await trx.deleteFrom('attempt').where('message', 'in', ids).execute();
    return ids.length;
  });

  await batches(async (trx) => {
    const ids = await idsOf(
      sql<{ id: number }>`
        select id from message
        where content is null and accepted_at < ${dialect.now()} - ${sql.lit(KNOWN_DAYS * DAY_MS)}
        order by accepted_at limit ${sql.lit(BATCH)}`.execute(trx),
    );
    if (ids.length === 0) return 0;
    await trx.deleteFrom('part').where('message', 'in', ids).execute();
    await trx.deleteFrom('message').where('id', 'in', ids).execute();
    return ids.length;
  });

  await inTransaction(database, async (trx) => {
    await sql`
      delete from quarantine where id in (
        select id from (
          select id, sum(length(raw)) over (order by id desc) as bytes from quarantine) as entries
        where bytes > ${sql.lit(QUARANTINE_BYTES)})`.execute(trx);
    await sql`
      delete from parked_receipt where parked_at < ${dialect.now()} - ${sql.lit(PARKED_MS)}`.execute(
      trx,
    );
    await sql`
      delete from media_caption
      where kept_at < ${dialect.now()} - ${sql.lit(CAPTION_DAYS * DAY_MS)}`.execute(trx);
    await sql`
      delete from api_call where begun_at < ${dialect.now()} - ${sql.lit(CALLS_MS)}
        and (owner is null or taken_at < ${dialect.now()} - ${sql.lit(CALLS_MS)})`.execute(trx);
    // Links that have expired, where nobody copies: PUBLIC_URL is not set.
    await sql`delete from media_copy where until_ms < ${Date.now() - DAY_MS}`.execute(trx);
  });
}

async function idsOf(query: Promise<{ rows: { id: number }[] }>): Promise<number[]> {
  return (await query).rows.map(({ id }) => id);
}

async function repeat(step: () => Promise<number>): Promise<void> {
  // On SQLite a commit need not wait for anything.
  while ((await step()) === BATCH) await new Promise(setImmediate);
}
