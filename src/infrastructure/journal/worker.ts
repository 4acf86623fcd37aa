import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { LEASE_MS } from '../../domain/journal.js';
import { GAP_MS } from '../../domain/filed-messages.js';
import type { Database } from './database.js';
import { noteGap, stillAlive } from './gap.js';
import { inTransaction } from './transaction.js';
import { noteUptime, skipJump } from './uptime.js';
import { freeKilledLanes, freeLanes, hurryLanes } from './lanes.js';
import type { Schema } from './schema.js';

/** Rows of dead processes are of no use to anybody after that. */
const FORGET_WORKER_MS = 24 * 60 * 60_000;

/**
 * This process among those that share the store. Its one row is its lease: every lane it owns is its own as long
 * as the row is young.
 */
export class Worker {
  readonly id = randomUUID();
  /** The wall clock at the last heartbeat that was kept. */
  private lastMs = 0;

  constructor(private readonly database: Database) {}

  /** Joins, and frees what a former process on this host left behind when it died. */
  async join(): Promise<void> {
    const { clock, dialect } = this.database;
    await inTransaction(this.database, async (trx) => {
      const others = await trx.selectFrom('worker').selectAll().execute();
      if (!(await this.isAnotherAlive(trx))) {
        await noteGap(
          trx,
          others.map(({ wall_ms }) => wall_ms),
        );
      }
      if (clock) {
        // SQLite has one process: whoever was here before is gone.
        for (const { heartbeat_at: journalMs, wall_ms: wallMs } of others) {
          clock.resume({ journalMs, wallMs });
        }
        await skipJump(trx, clock);
        await trx.deleteFrom('worker').execute();
        await hurryLanes(trx, dialect);
        await freeKilledLanes(trx, dialect, sql`true`);
      } else {
        const gone = others.filter(({ host, pid }) => host === thisHost() && !isAlive(pid));
        for (const { id } of gone) {
          await freeKilledLanes(trx, dialect, sql`owner = ${id}`);
          await trx.deleteFrom('worker').where('id', '=', id).execute();
        }
      }
      await this.heartbeat(trx);
    });
  }

  /** Renews the lease and frees the lanes of processes whose lease has run out. */
  async renew(): Promise<void> {
    const beganMs = Date.now();
    await inTransaction(this.database, async (trx) => {
      // A store that was away, or a machine that slept: what came meanwhile was not taken either.
      if (this.lastMs > 0 && Date.now() - this.lastMs > GAP_MS) await noteGap(trx, [this.lastMs]);
      await this.heartbeat(trx);
      if (this.database.clock) return;
      const now = this.database.dialect.now();
      await freeLanes(
        trx,
        sql`not exists (select 1 from worker
          where worker.id = lane.owner and worker.heartbeat_at > ${now} - ${sql.lit(LEASE_MS)})`,
      );
      await sql`delete from worker where heartbeat_at < ${now} - ${sql.lit(FORGET_WORKER_MS)}`.execute(
        trx,
      );
    });
    this.lastMs = beganMs;
  }

  async leave(): Promise<void> {
    await inTransaction(this.database, async (trx) => {
      await freeLanes(trx, sql`owner = ${this.id}`);
      // On SQLite the row stays: it tells the next process how late it was here.
      if (this.database.clock) await this.heartbeat(trx);
      else {
        await trx.deleteFrom('worker').where('id', '=', this.id).execute();
        await stillAlive(trx);
      }
    });
  }

  /** By the clock that replicas share: their own ones may be far apart. On SQLite whoever was here is gone. */
  private async isAnotherAlive(trx: Kysely<Schema>): Promise<boolean> {
    if (this.database.clock) return false;
    const { rows } = await sql`
      select 1 from worker
      where heartbeat_at > ${this.database.dialect.now()} - ${sql.lit(GAP_MS)} limit 1`.execute(
      trx,
    );
    return rows.length > 0;
  }

  private async heartbeat(trx: Kysely<Schema>): Promise<void> {
    const { clock } = this.database;
    if (clock) await noteUptime(trx, clock);
    const now = this.database.dialect.now();
    await trx
      .insertInto('worker')
      .values({
        id: this.id,
        host: thisHost(),
        pid: process.pid,
        heartbeat_at: now,
        wall_ms: Date.now(),
      })
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet({ heartbeat_at: now, wall_ms: Date.now() }),
      )
      .execute();
  }
}

/** Two machines or containers may share a name, and then a process id of one says nothing about the other. */
function thisHost(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${hostname()}/${boot}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** Our own id seen on an older row belongs to a predecessor, as in a container where it is always 1. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
