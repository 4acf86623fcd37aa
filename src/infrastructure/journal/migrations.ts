import { sql, type Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import type { Database } from './database.js';
import type { ColumnTypes } from './dialect.js';
import { tables } from './migrations/0001-tables.js';
import { media } from './migrations/0002-media.js';
import { quotesAndEdits } from './migrations/0003-quotes-and-edits.js';
import { lastInbound } from './migrations/0004-last-inbound.js';
import { writtenAt } from './migrations/0005-written-at.js';
import { oauthTokens } from './migrations/0006-oauth-tokens.js';
import { apiCalls } from './migrations/0007-api-calls.js';
import { quarantineOpened } from './migrations/0008-quarantine-opened.js';
import { idsInLowerCase } from './migrations/0009-ids-in-lower-case.js';
import { inbox } from './migrations/0010-inbox.js';
import type { Schema } from './schema.js';

const MIGRATIONS = {
  '0001-tables': tables,
  '0002-media': media,
  '0003-quotes-and-edits': quotesAndEdits,
  '0004-last-inbound': lastInbound,
  '0005-written-at': writtenAt,
  '0006-oauth-tokens': oauthTokens,
  '0007-api-calls': apiCalls,
  '0008-quarantine-opened': quarantineOpened,
  '0009-ids-in-lower-case': idsInLowerCase,
  '0010-inbox': inbox,
} satisfies Readonly<Record<string, (types: ColumnTypes) => Migration>>;

/** In the order in which they were written. */
export const MIGRATION_NAMES: readonly string[] = Object.keys(MIGRATIONS);

/** Brings the tables of a store up to date; another process may be at it. @throws what the store refused */
export async function migrate({ db, dialect }: Pick<Database, 'db' | 'dialect'>): Promise<void> {
  const migrations = Object.fromEntries(
    Object.entries(MIGRATIONS).map(([name, make]) => [name, make(dialect.types)]),
  );
  const migrator = new Migrator({
    db,
    // None of them builds on what a later one brings, so a store that lacks an earlier one gets it after the later ones.
    allowUnorderedMigrations: true,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** The migrator itself looks through the whole catalogue and takes a lock first, which most starts can do without. */
export async function isUpToDate(db: Kysely<Schema>): Promise<boolean> {
  try {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
    const done = new Set(rows.map(({ name }) => name));
    return done.size === MIGRATION_NAMES.length && MIGRATION_NAMES.every((name) => done.has(name));
  } catch {
    // There is no such table, or no store: the migrator finds out which.
    return false;
  }
}
