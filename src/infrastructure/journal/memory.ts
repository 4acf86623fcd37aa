import type { Database } from './database.js';
import { inTransaction, reading } from './transaction.js';

/* Single facts that outlive the process and belong to no message. */

export async function remember(database: Database, name: string, value: string): Promise<void> {
  await inTransaction(database, (trx) =>
    trx
      .insertInto('memory')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute(),
  );
}

export async function recall(database: Database, name: string): Promise<string | undefined> {
  const row = await reading(
    database.db.selectFrom('memory').select('value').where('name', '=', name).executeTakeFirst(),
  );
  return row?.value;
}

export async function forget(database: Database, name: string): Promise<void> {
  await inTransaction(database, (trx) =>
    trx.deleteFrom('memory').where('name', '=', name).execute(),
  );
}
