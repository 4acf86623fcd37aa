import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { UsedTokens } from '../../domain/ports.js';
import type { Database } from './database.js';
import { inTransaction } from './transaction.js';

const NAME = 'used_token ';

/** As facts of `memory`: the hash of the token's id, and until when it is kept. */
export class SqlUsedTokens extends UsedTokens {
  constructor(private readonly database: Database) {
    super();
  }

  override use(
    id: string,
    { now, until, most }: { readonly now: Date; readonly until: Date; readonly most: number },
  ): Promise<'first' | 'again' | 'too-many'> {
    const name = NAME + createHash('sha256').update(id).digest('base64url');
    const isUsed = sql<boolean>`substr(name, 1, ${sql.lit(NAME.length)}) = ${NAME}`;
    return inTransaction(this.database, async (trx) => {
      await trx
        .deleteFrom('memory')
        // Other facts are no numbers, and a store looks at conditions in any order.
        .where(
          sql<boolean>`case when ${isUsed} then cast(value as bigint) < ${now.getTime()} else false end`,
        )
        .execute();
      const { count, again } = await trx
        .selectFrom('memory')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .select(
          sql<number>`coalesce(sum(case when name = ${name} then 1 else 0 end), 0)`.as('again'),
        )
        .where(isUsed)
        .executeTakeFirstOrThrow();
      if (Number(again) > 0) return 'again';
      // Rather nobody than somebody twice.
      if (count >= most) return 'too-many';
      const kept = await trx
        .insertInto('memory')
        .values({ name, value: String(until.getTime()) })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .executeTakeFirst();
      return kept.numInsertedOrUpdatedRows === 0n ? 'again' : 'first';
    });
  }
}
