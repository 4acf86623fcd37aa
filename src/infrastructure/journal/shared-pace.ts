import { sql } from 'kysely';
import type { Database } from './database.js';
import { inTransaction } from './transaction.js';

/**
 * A process waits for one turn at a time, so nobody is so many turns ahead, unless the store's clock was set back: then
 * the last turn lies where the clock was.
 */
const MOST_AHEAD = 400;

/** Turns that all processes on one store take in common; SQLite has one process, which keeps its own pace. */
export class SharedPace {
  constructor(private readonly database: Database) {}

  /**
   * Takes the next turn; between any two there is the gap.
   * @returns how long to wait for it, ms
   * @throws {JournalUnavailable}
   */
  async take(name: string, gapMs: number): Promise<number> {
    const { clock, dialect } = this.database;
    if (clock) return 0;
    const now = dialect.now();
    const gap = sql.lit(gapMs);
    const longest = sql.lit(gapMs * MOST_AHEAD);
    const { rows } = await inTransaction(this.database, (trx) =>
      sql<{ wait: number }>`
        insert into memory (name, value) values (${name}, cast(${now} + ${gap} as text))
        on conflict (name) do update set
          value = cast(least(greatest(cast(memory.value as bigint), ${now}), ${now} + ${longest})
            + ${gap} as text)
        returning cast(value as bigint) - ${gap} - ${now} as wait`.execute(trx),
    );
    return Math.max(0, rows[0]?.wait ?? 0);
  }
}
