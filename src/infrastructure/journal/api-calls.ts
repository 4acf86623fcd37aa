import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { ApiCalls, type Begun, type CallAnswer } from '../../domain/api.js';
import type { Database } from './database.js';
import { inTransaction } from './transaction.js';

/** No call is under way for so long: who took the key has died, or could not give it back. */
const ABANDONED_MS = 20 * 60_000;

/** Calls by their keys, in the journal's own store: a key and what was accepted with it survive together. */
export class SqlApiCalls extends ApiCalls {
  /** This process, from its start to its end. */
  private readonly owner = randomUUID();
  /** Keys this process has taken and not given back: what else bears its name could not be given back. */
  private readonly taken = new Set<string>();

  constructor(private readonly database: Database) {
    super();
  }

  override async begin(key: string, fingerprint: string): Promise<Begun> {
    if (this.taken.has(key)) return this.meanwhile(key, fingerprint);
    this.taken.add(key);
    try {
      const begun = await this.take(key, fingerprint);
      if (begun.state !== 'mine') this.taken.delete(key);
      return begun;
    } catch (error) {
      this.taken.delete(key);
      throw error;
    }
  }

  override async remember(key: string, { status, body }: CallAnswer): Promise<void> {
    const { dialect } = this.database;
    await inTransaction(this.database, (trx) =>
      trx
        .updateTable('api_call')
        .set({ owner: null, status, body: JSON.stringify(body), taken_at: dialect.now() })
        .where('key', '=', key)
        .execute(),
    ).finally(() => this.taken.delete(key));
  }

  override async leave(key: string): Promise<void> {
    await inTransaction(this.database, (trx) =>
      trx
        .updateTable('api_call')
        .set({ owner: null })
        .where('key', '=', key)
        // Another process may have taken it for abandoned meanwhile.
        .where('owner', '=', this.owner)
        .execute(),
    ).finally(() => this.taken.delete(key));
  }

  private take(key: string, fingerprint: string): Promise<Begun> {
    const { dialect, clock } = this.database;
    const { owner } = this;
    return inTransaction(this.database, async (trx): Promise<Begun> => {
      const now = dialect.now();
      const { rows: made } = await sql`
        insert into api_call (key, fingerprint, owner, begun_at, taken_at, since_ms)
        select r.key, r.fingerprint, ${owner}, ${now}, ${now}, ${Date.now()}
        from ${dialect.rows('r', { key: 'text', fingerprint: 'text' } as const, [
          { key, fingerprint },
        ])} where true
        on conflict (key) do nothing returning key`.execute(trx);
      const { rows } = await sql<Row>`
        select fingerprint, owner, status, body, since_ms,
          case when taken_at < ${now} - ${sql.lit(ABANDONED_MS)} then 1 else 0 end as abandoned
        from api_call where key = ${key} ${dialect.forUpdate('api_call')}`.execute(trx);
      const [row] = rows;
      const since = new Date(row?.since_ms ?? Date.now());
      if (!row || made.length > 0) return { state: 'mine', again: false, since };
      if (row.fingerprint !== fingerprint) return { state: 'other' };
      if (row.status !== null) return answered(row);
      // SQLite has one process: whoever else had it is gone.
      const isFree =
        row.owner === null || row.owner === owner || clock !== undefined || row.abandoned === 1;
      if (!isFree) return { state: 'running' };
      await sql`update api_call set owner = ${owner}, taken_at = ${now} where key = ${key}`.execute(
        trx,
      );
      return { state: 'mine', again: true, since };
    });
  }

  /** The same process does it right now. */
  private async meanwhile(key: string, fingerprint: string): Promise<Begun> {
    const row = await inTransaction(this.database, (trx) =>
      trx.selectFrom('api_call').select('fingerprint').where('key', '=', key).executeTakeFirst(),
    );
    return { state: row && row.fingerprint !== fingerprint ? 'other' : 'running' };
  }
}

interface Row {
  readonly fingerprint: string;
  readonly owner: string | null;
  readonly status: number | null;
  readonly body: string | null;
  readonly since_ms: number;
  readonly abandoned: number;
}

function answered({ status, body }: Row): Begun {
  return {
    state: 'answered',
    answer: { status: status ?? 200, body: JSON.parse(body ?? 'null') as unknown },
  };
}
