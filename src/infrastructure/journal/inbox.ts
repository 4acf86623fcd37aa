import { deserialize, serialize } from 'node:v8';
import { Logger } from '@nestjs/common';
import { sql, type Kysely } from 'kysely';
import { JournalUnavailable } from '../../domain/errors.js';
import type { Arrival, FiledSome } from '../../domain/journal.js';
import { placesIn } from '../../domain/places.js';
import { file, fileEach, refusalOf, type Arrived } from './accept.js';
import type { Database } from './database.js';
import type { Dialect } from './dialect.js';
import type { Settled } from './group-commit.js';
import type { Schema } from './schema.js';
import { inTransaction, onDisk, unavailable } from './transaction.js';
import { storable } from './well-formed.js';

/** An arrival on its way in, and who is told once it is kept. */
export interface Incoming {
  readonly arrival: Arrival;
  readonly kept: () => void;
}

/**
 * The most that is received together. An arrival costs some 20 µs, so a group holds up the event loop for a millisecond
 * and a half, and costs no more for each than one of 256 does.
 */
export const RECEIVED_AT_ONCE = 64;

/** What one row holds besides its last arrival, which may be a body of 1 MiB: so much is in memory twice. */
const ROW_BYTES = 256 * 1024;

/**
 * So many are filed in one transaction, or one row's more. On SQLite that is some 10 ms, in which no webhook is answered; on
 * PostgreSQL a dozen statements, each of which is waited for, however many there are.
 */
const FILED_AT_ONCE = { sqlite: 64, postgres: 256 };

/**
 * So many, or one row's more, where one of them cannot be filed and each is tried alone. That is a dozen statements for
 * every one of them, and whoever settles a lane that one of them is for waits until all are over: two seconds at most on
 * PostgreSQL, which 256 have needed.
 */
const FILED_ALONE = 16;

/** And no more than that, for it is all in memory. */
const FILED_BYTES = 2 * 1024 * 1024;

/**
 * Arrivals as they came, in the order in which they came. To receive some is to write one row for all that come together,
 * at the end of the table; what filing looks up and writes in a dozen others is done when they have been answered, and for
 * many at once.
 */
export class Inbox {
  private readonly logger = new Logger(Inbox.name);
  /** Rows that this version of Node or of the bridge cannot read. They stay for one that can, and are in nobody's way. */
  private readonly unreadable = new Set<number>();
  /** So many are tried alone before they are filed together again. */
  private alone = 0;

  constructor(private readonly database: Database) {}

  /** Keeps a group, and says so before it is on the disk: it can be filed meanwhile. */
  async receive(incoming: readonly Incoming[]): Promise<Settled<void>[]> {
    try {
      const rows = inRows(incoming.map(({ arrival }) => arrival));
      await inTransaction(this.database, (trx) => insert(trx, this.database.dialect, rows), {
        lasts: false,
      });
    } catch (error) {
      throw unavailable(error);
    }
    for (const kept of new Set(incoming.map((one) => one.kept))) kept();
    await onDisk(this.database);
    return incoming.map(() => ({ value: undefined }));
  }

  /**
   * Files the oldest, in one transaction with their leaving: a process that dies has done both or neither. That it is not
   * on the disk yet loses nothing: what has not left is filed again.
   */
  async file(): Promise<FiledSome> {
    const together = FILED_AT_ONCE[this.database.dialect.name];
    try {
      if (this.alone <= 0) return await this.fileOldest(file, together);
    } catch (error) {
      if (this.whyNot(error) === undefined) throw error;
      this.alone = together;
    }
    const each: Way = (trx, dialect, arrivals) =>
      fileEach(trx, dialect, arrivals, (error) => this.refused(error));
    const some = await this.fileOldest(each, FILED_ALONE);
    this.alone = some.isMore ? this.alone - some.filed.length : 0;
    return some;
  }

  private fileOldest(way: Way, atOnce: number): Promise<FiledSome> {
    const work = (trx: Kysely<Schema>) => this.move(trx, way, atOnce);
    return inTransaction(this.database, work, { lasts: false });
  }

  private async move(trx: Kysely<Schema>, way: Way, atOnce: number): Promise<FiledSome> {
    const { dialect } = this.database;
    const oldest = await this.oldest(trx, atOnce);
    const rows = await locked(trx, dialect, oldest.ids);
    const read = rows.flatMap((row) => this.read(row));
    const arrivals = read.flatMap((row) => row.arrivals);
    const became = arrivals.length === 0 ? [] : await way(trx, dialect, arrivals);
    await leave(
      trx,
      dialect,
      read.map(({ id }) => id),
    );
    return {
      filed: arrivals.map((arrival, i) => ({ arrival, filed: became[i] ?? 'unknown' })),
      isMore: oldest.isMore,
      waitedMs: rows.at(-1)?.waitedMs ?? Infinity,
    };
  }

  /** The store refuses it for its own sake, or our own code fails at it: trying again would fail again. */
  private whyNot(error: unknown): string | undefined {
    const cause = causeOf(error);
    const isFault = FAULTS.some((type) => cause instanceof type);
    return isFault ? FAULT : refusalOf(this.database.dialect, cause);
  }

  /** What was tried alone. */
  private refused(error: unknown): string | undefined {
    const reason = this.whyNot(error);
    if (reason === FAULT)
      this.logger.error({ msg: 'an arrival could not be filed', at: placesIn(causeOf(error)) });
    return reason;
  }

  /** What is to be filed next, without looking at it. */
  private async oldest(
    trx: Kysely<Schema>,
    atOnce: number,
  ): Promise<{ ids: readonly number[]; isMore: boolean }> {
    // Where few come, each has a row of its own.
    const looked = atOnce + this.unreadable.size;
    const { rows } = await sql<{ id: number; size: number; size_bytes: number }>`
      select id, size, size_bytes from inbox order by id limit ${looked}`.execute(trx);
    const known = rows.filter(({ id }) => !this.unreadable.has(id));
    const ids: number[] = [];
    let [left, bytesLeft] = [atOnce, FILED_BYTES];
    for (const { id, size, size_bytes } of known) {
      if (left <= 0 || bytesLeft <= 0) break;
      left -= size;
      bytesLeft -= size_bytes;
      ids.push(id);
    }
    return { ids, isMore: ids.length < known.length || rows.length === looked };
  }

  private read({ id, waitedMs, bytes }: Row): { id: number; arrivals: readonly Arrived[] }[] {
    try {
      const arrivals = (deserialize(bytes) as Arrival[]).map(storable);
      return [{ id, arrivals: arrivals.map((one) => ({ ...one, waitedMs })) }];
    } catch (error) {
      this.unreadable.add(id);
      this.logger.error({ msg: 'what was received cannot be read', id, at: placesIn(error) });
      return [];
    }
  }
}

/** What our own code throws by mistake. A connection that breaks throws a plain error. */
const FAULTS = [TypeError, ReferenceError, RangeError, SyntaxError, URIError];

/** The reason that the quarantine gives for it. */
const FAULT = 'fault';

function causeOf(error: unknown): unknown {
  return error instanceof JournalUnavailable ? error.cause : error;
}

/** How arrivals are filed: together, or one by one. */
type Way = typeof file;

interface Row {
  readonly id: number;
  readonly waitedMs: number;
  readonly bytes: Buffer;
}

/**
 * In order, and none that another process has filed meanwhile: who files waits for those before it, or a message could
 * overtake the one before it.
 */
async function locked(
  trx: Kysely<Schema>,
  dialect: Dialect,
  ids: readonly number[],
): Promise<readonly Row[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ id: number; waited_ms: number; arrivals: Buffer }>`
    select id, ${dialect.now()} - received_at as waited_ms, arrivals from inbox
    where ${dialect.oneOf('id', 'int', ids)} order by id ${dialect.forUpdate('inbox')}`.execute(
    trx,
  );
  return rows.map(({ id, waited_ms, arrivals }) => ({
    id,
    waitedMs: Math.max(0, waited_ms),
    bytes: arrivals,
  }));
}

async function insert(trx: Kysely<Schema>, dialect: Dialect, rows: readonly NewRow[]) {
  for (const { size, bytes } of rows) {
    await sql`insert into inbox (received_at, size, size_bytes, arrivals)
      values (${dialect.now()}, ${size}, ${bytes.length}, ${bytes})`.execute(trx);
  }
}

/** By their ids: a row with a lower one may have been committed meanwhile, and is not filed yet. */
async function leave(trx: Kysely<Schema>, dialect: Dialect, ids: readonly number[]) {
  if (ids.length === 0) return;
  await sql`delete from inbox where ${dialect.oneOf('id', 'int', ids)}`.execute(trx);
}

interface NewRow {
  readonly size: number;
  readonly bytes: Buffer;
}

/** As few rows as they fit into. */
function inRows(arrivals: readonly Arrival[]): readonly NewRow[] {
  const rows: Arrival[][] = [];
  let bytes = Infinity;
  for (const arrival of arrivals) {
    if (bytes > ROW_BYTES) {
      rows.push([]);
      bytes = 0;
    }
    rows.at(-1)?.push(arrival);
    bytes += arrival.raw.length;
  }
  return rows.map((some) => ({ size: some.length, bytes: serialize(some) }));
}
