import type { Kysely } from 'kysely';
import type { Database } from './database.js';
import type { Schema } from './schema.js';
import { inTransaction, reading } from './transaction.js';

/* Single facts that outlive the process and belong to no message. */

export async function remember(database: Database, name: string, value: string): Promise<void> {
  await inTransaction(database, (trx) => keepFact(trx, name, value));
}

export function recall(database: Database, name: string): Promise<string | undefined> {
  return reading(factOf(database.db, name));
}

export async function forget(database: Database, ...names: readonly string[]): Promise<void> {
  await inTransaction(database, (trx) => dropFacts(trx, ...names));
}

export async function keepFact(trx: Kysely<Schema>, name: string, value: string): Promise<void> {
  await trx
    .insertInto('memory')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

export async function factOf(db: Kysely<Schema>, name: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('memory')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.value;
}

export async function dropFacts(trx: Kysely<Schema>, ...names: readonly string[]): Promise<void> {
  await trx.deleteFrom('memory').where('name', 'in', names).execute();
}
