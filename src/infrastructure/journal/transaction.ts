import { CompiledQuery, type Kysely } from 'kysely';
import { JournalUnavailable } from '../../domain/errors.js';
import type { Database } from './database.js';
import type { Schema } from './schema.js';

/** How often a transaction that met another one is repeated. */
const CONFLICT_TRIES = 8;

/**
 * Runs `work` in one transaction, which may run more than once, and waits until it is on the disk.
 * @param lasts false for what a loss of power may take back: whose lanes are, which nobody has afterwards, and what was
 * filed, which is in the inbox again then
 * @throws what the store refused, as it came, or `JournalUnavailable`
 */
export async function inTransaction<T>(
  database: Database,
  work: (trx: Kysely<Schema>) => Promise<T>,
  { lasts = true }: { readonly lasts?: boolean } = {},
): Promise<T> {
  const done = await committed(database, work);
  if (lasts) await onDisk(database);
  return done;
}

/** Waits until everything that is committed by now is on the disk. @throws JournalUnavailable where it is not */
export async function onDisk({ wal }: Database): Promise<void> {
  try {
    await wal?.flush();
  } catch (error) {
    throw unavailable(error);
  }
}

async function committed<T>(
  { db, dialect, wal }: Database,
  work: (trx: Kysely<Schema>) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      wal?.ensureSound();
      return await db.connection().execute(async (connection) => {
        try {
          await connection.executeQuery(CompiledQuery.raw(dialect.begin));
          const result = await work(connection);
          await connection.executeQuery(CompiledQuery.raw('commit'));
          return result;
        } catch (error) {
          // A store that lost the transaction by itself (disk full, connection gone) has nothing to roll back.
          await connection.executeQuery(CompiledQuery.raw('rollback')).catch(() => undefined);
          throw error;
        }
      });
    } catch (error) {
      if (dialect.isConflict(error) && tries < CONFLICT_TRIES) continue;
      throw dialect.isRefusal(error) ? error : unavailable(error);
    }
  }
}

/** Runs a read; what fails there means that the store is away. */
export async function reading<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw unavailable(error);
  }
}

export function unavailable(error: unknown): JournalUnavailable {
  return error instanceof JournalUnavailable ? error : new JournalUnavailable(error);
}
