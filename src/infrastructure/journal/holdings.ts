import { sql, type Kysely } from 'kysely';
import type { Lane, Released } from '../../domain/journal.js';
import type { Database } from './database.js';
import type { Dialect } from './dialect.js';
import { inTransaction } from './transaction.js';
import { freeLanes, keyOf } from './lanes.js';
import type { Schema } from './schema.js';

/** For so long after a claim without an answer its commit may still happen; no statement takes longer. */
const DOUBT_MS = 15_000;

/**
 * The lanes this process knows to be its own. A claim may be committed and its answer lost on the way: such lanes
 * would belong to a living process that does not know of them, and nobody would ever work them.
 */
export class Holdings {
  private readonly held = new Map<string, Lane>();
  private last: Promise<unknown> = Promise.resolve();
  /** When a claim last ended without an answer, until one that began long enough after it has succeeded. */
  private lostAt: number | undefined;

  constructor(
    private readonly database: Database,
    private readonly owner: string,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Claims, one at a time: what is owned and not held is then nobody's claim under way. */
  claim(work: (trx: Kysely<Schema>) => Promise<Lane[]>): Promise<Lane[]> {
    const claimed = this.last.then(() => this.claimNow(work));
    this.last = claimed.catch(() => undefined);
    return claimed;
  }

  /** A lane was given back, or is another's. */
  ended(lane: Lane, end: Released | undefined): void {
    if (end !== 'released' && end !== 'lost') return;
    // It may have been claimed anew before this was heard of.
    if (this.held.get(keyOf(lane))?.token === lane.token) this.held.delete(keyOf(lane));
  }

  private async claimNow(work: (trx: Kysely<Schema>) => Promise<Lane[]>): Promise<Lane[]> {
    const beganAt = this.now();
    try {
      const isInDoubt = this.lostAt !== undefined;
      const claim = async (trx: Kysely<Schema>) => {
        if (isInDoubt) await this.freeUnknown(trx, this.database.dialect);
        return work(trx);
      };
      const lanes = await inTransaction(this.database, claim, { lasts: false });
      for (const lane of lanes) this.held.set(keyOf(lane), lane);
      if (this.lostAt !== undefined && beganAt - this.lostAt >= DOUBT_MS) this.lostAt = undefined;
      return lanes;
    } catch (error) {
      this.lostAt = this.now();
      throw error;
    }
  }

  private async freeUnknown(trx: Kysely<Schema>, dialect: Dialect): Promise<void> {
    const known = dialect.rows(
      'r',
      { conversation: 'int', kind: 'text' } as const,
      [...this.held.values()].map(({ conversation, kind }) => ({ conversation, kind })),
    );
    await freeLanes(
      trx,
      sql`owner = ${this.owner} and not exists (
        select 1 from ${known} where r.conversation = lane.conversation and r.kind = lane.kind)`,
    );
  }
}
