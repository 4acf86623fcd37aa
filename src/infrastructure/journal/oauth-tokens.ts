import { sql } from 'kysely';
import type { Database } from './database.js';
import { inTransaction, reading } from './transaction.js';

/** Both tokens of a pair, encrypted. */
export interface SealedPair {
  readonly access: string;
  readonly refresh: string;
}

/** How long a pair lasts, and when it is to be changed for the next one. */
export interface PairLife {
  readonly refreshInMs: number;
  readonly expiresInMs: number;
}

export interface KeptAccess extends SealedPair {
  /** The account's `amojo_id`. */
  readonly account: string;
  /** The account's number in REST v4. */
  readonly number: string;
  /** Without a scheme. */
  readonly host: string;
  /** Why it does not open the account any more. */
  readonly fault?: string;
  readonly version: number;
  readonly isExpired: boolean;
  /** Time to change it for a new pair. */
  readonly isDue: boolean;
  /** Changing it failed just now, and is not to be tried yet. */
  readonly isPutOff: boolean;
}

/**
 * Access to amoCRM accounts, one row each. A refresh token works once, so that one process at a time, of however many
 * share the store, may change a pair: whoever has the lease. Every write but a new consent is about one version of the
 * pair, and changes nothing once there is another. All times are the store's.
 */
export class OauthTokens {
  constructor(private readonly database: Database) {}

  async find(account: string): Promise<KeptAccess | undefined> {
    const { db, dialect } = this.database;
    const now = dialect.now();
    const row = await reading(
      db
        .selectFrom('oauth_token')
        .select(['account', 'number', 'host', 'access', 'refresh', 'fault', 'version'])
        .select([
          sql<number>`case when expires_at <= ${now} then 1 else 0 end`.as('expired'),
          sql<number>`case when refresh_at <= ${now} then 1 else 0 end`.as('due'),
          sql<number>`case when retry_at > ${now} then 1 else 0 end`.as('put_off'),
        ])
        .where('account', '=', account)
        .executeTakeFirst(),
    );
    if (!row) return undefined;
    const { fault, expired, due, put_off, ...rest } = row;
    return {
      ...rest,
      ...(fault !== null && { fault }),
      isExpired: expired === 1,
      isDue: due === 1,
      isPutOff: put_off === 1,
    };
  }

  /** Keeps what a new consent gave, whatever was there before. */
  async keep(
    { account, number, host }: Pick<KeptAccess, 'account' | 'number' | 'host'>,
    pair: SealedPair,
    life: PairLife,
  ): Promise<void> {
    const values = { number, host, ...this.paired(pair, life) };
    await inTransaction(this.database, (trx) =>
      trx
        .insertInto('oauth_token')
        .values({ account, ...values })
        .onConflict((conflict) =>
          conflict
            .column('account')
            .doUpdateSet({ ...values, version: sql`oauth_token.version + 1` }),
        )
        .execute(),
    );
  }

  /** Whether the caller, and nobody else for that long, is to change the pair. */
  async lease({ account, version }: KeptAccess, forMs: number): Promise<boolean> {
    const now = this.database.dialect.now();
    return this.change(sql`
      update oauth_token set lease_until = ${now} + ${sql.lit(Math.ceil(forMs))}
      where account = ${account} and version = ${version} and lease_until <= ${now}`);
  }

  /** Puts a new pair in the place of the one it was given for. @returns whether that one was still there */
  async renew(
    { account, version }: KeptAccess,
    { access, refresh }: SealedPair,
    { refreshInMs, expiresInMs }: PairLife,
  ): Promise<boolean> {
    const now = this.database.dialect.now();
    return this.change(sql`
      update oauth_token set access = ${access}, refresh = ${refresh},
        refresh_at = ${now} + ${sql.lit(Math.floor(refreshInMs))},
        expires_at = ${now} + ${sql.lit(Math.floor(expiresInMs))},
        fault = null, version = version + 1, lease_until = 0, retry_at = 0
      where account = ${account} and version = ${version}`);
  }

  /**
   * Says that the pair could not be changed, and gives the lease back.
   * @param fault what an operator is told; nothing where it is likely to pass
   * @returns whether that is news
   */
  async fail(
    { account, version }: KeptAccess,
    fault: string | undefined,
    retryInMs: number,
  ): Promise<boolean> {
    const retryAt = sql`${this.database.dialect.now()} + ${sql.lit(Math.ceil(retryInMs))}`;
    const which = sql`where account = ${account} and version = ${version}`;
    if (fault === undefined) {
      await this.change(
        sql`update oauth_token set lease_until = 0, retry_at = ${retryAt} ${which}`,
      );
      return false;
    }
    const isNews = await this.change(sql`
      update oauth_token set fault = ${fault}, lease_until = 0, retry_at = ${retryAt} ${which}
        and (fault is null or fault <> ${fault})`);
    if (!isNews) {
      await this.change(
        sql`update oauth_token set lease_until = 0, retry_at = ${retryAt} ${which}`,
      );
    }
    return isNews;
  }

  /** Forgets the tokens of an account that has taken its access back. @returns its host, where that is news */
  async takeBack(number: string, fault: string): Promise<string | undefined> {
    return inTransaction(this.database, async (trx) => {
      const { rows } = await sql<{ host: string }>`
        update oauth_token set access = '', refresh = '', fault = ${fault}, version = version + 1,
          lease_until = 0, retry_at = 0
        where number = ${number} and (fault is null or fault <> ${fault})
        returning host`.execute(trx);
      return rows[0]?.host;
    });
  }

  private paired(pair: SealedPair, { refreshInMs, expiresInMs }: PairLife) {
    const now = this.database.dialect.now();
    return {
      ...pair,
      refresh_at: sql<number>`${now} + ${sql.lit(Math.floor(refreshInMs))}`,
      expires_at: sql<number>`${now} + ${sql.lit(Math.floor(expiresInMs))}`,
      fault: null,
      lease_until: 0,
      retry_at: 0,
    };
  }

  private async change(update: ReturnType<typeof sql>): Promise<boolean> {
    return inTransaction(this.database, async (trx) => {
      const { numAffectedRows } = await update.execute(trx);
      return numAffectedRows !== undefined && numAffectedRows > 0n;
    });
  }
}
