import { sql, type Kysely } from 'kysely';
import type { Conversation } from '../../domain/conversation.js';
import { JournalUnavailable } from '../../domain/errors.js';
import type { LineKey } from '../../domain/ids.js';
import {
  Journal,
  type Arrival,
  type Change,
  type Filed,
  type FiledSome,
  type JournalState,
  type Lane,
  type OpenGate,
  type Quarantined,
  type Release,
  type Released,
  type Work,
} from '../../domain/journal.js';
import type { Content } from '../../domain/message.js';
import type { Route } from '../../domain/ports.js';
import { acceptGroup } from './accept.js';
import { bindChannel, writeBegins, type Begin } from './begins.js';
import type { Database } from './database.js';
import { inTransaction, reading } from './transaction.js';
import { Holdings } from './holdings.js';
import { GroupCommit, type Settled } from './group-commit.js';
import { Inbox, RECEIVED_AT_ONCE, type Incoming } from './inbox.js';
import { claimDue, claimOverdue } from './claims.js';
import { prune } from './prune.js';
import { listQuarantined, oneQuarantined } from './quarantine.js';
import { countUnnamed, readWorks } from './read.js';
import type { Schema } from './schema.js';
import { settleGroup } from './settle.js';
import type { Settlement } from './settlement.js';
import { storable, wellFormed } from './well-formed.js';
import { Worker } from './worker.js';

/** The journal in SQL, on SQLite or PostgreSQL. */
export class SqlJournal extends Journal {
  private readonly accepts: GroupCommit<Arrival, Filed>;
  private readonly inbox: Inbox;
  private readonly receives: GroupCommit<Incoming, void>;
  private readonly settles: GroupCommit<Settlement | Begin, Released | undefined>;
  private readonly worker: Worker;
  private readonly holdings: Holdings;

  private constructor(private readonly database: Database) {
    super();
    this.worker = new Worker(database);
    this.holdings = new Holdings(database, this.worker.id);
    this.accepts = new GroupCommit(async (arrivals) =>
      (await acceptGroup(database, arrivals)).map((value) => ({ value })),
    );
    this.inbox = new Inbox(database);
    this.receives = new GroupCommit((incoming) => this.inbox.receive(incoming), RECEIVED_AT_ONCE);
    this.settles = new GroupCommit((items) => this.write(items));
  }

  static async open(database: Database): Promise<SqlJournal> {
    const journal = new SqlJournal(database);
    await journal.worker.join();
    return journal;
  }

  override accept(arrivals: readonly Arrival[]): Promise<readonly Filed[]> {
    return Promise.all(arrivals.map((arrival) => this.accepts.add(storable(arrival))));
  }

  override async receive(arrivals: readonly Arrival[], kept: () => void): Promise<void> {
    await Promise.all(arrivals.map((arrival) => this.receives.add({ arrival, kept })));
  }

  override file(): Promise<FiledSome> {
    this.webhooksFirst();
    return this.inbox.file();
  }

  override claim(gates: readonly OpenGate[], most: number): Promise<readonly Lane[]> {
    this.webhooksFirst();
    return this.holdings.claim((trx) =>
      claimDue(trx, this.database.dialect, gates, this.worker.id, most),
    );
  }

  override claimOverdue(line: LineKey, waitedMs: number, most: number): Promise<readonly Lane[]> {
    return this.holdings.claim((trx) =>
      claimOverdue(trx, this.database.dialect, line, waitedMs, this.worker.id, most),
    );
  }

  override read(lanes: readonly Lane[], most: number): Promise<readonly (readonly Work[])[]> {
    this.webhooksFirst();
    return reading(readWorks(this.database.db, this.database.dialect, lanes, most));
  }

  override async begin(
    part: {
      readonly messageId: number;
      readonly partId: number;
      readonly conversation: Conversation;
    },
    route: Route,
  ): Promise<void> {
    await this.settles.add({ ...part, route });
  }

  override async settle(
    lane: Lane,
    changes: readonly Change[],
    release?: Release,
  ): Promise<Released | undefined> {
    const end = await this.settles.add({ lane, changes: wellFormed(changes), release });
    this.holdings.ended(lane, end);
    return end;
  }

  override async owned(
    line: LineKey,
    messengerIds: readonly string[],
  ): Promise<ReadonlySet<string>> {
    if (messengerIds.length === 0) return new Set();
    const rows = await reading(
      this.database.db
        .selectFrom('part')
        .innerJoin('message', 'message.id', 'part.message')
        .select('part.messenger_id')
        .where('message.line', '=', line)
        .where('part.messenger_id', 'in', messengerIds)
        .execute(),
    );
    return new Set(rows.map((row) => row.messenger_id ?? ''));
  }

  override takenUnnamed(
    part: { readonly partId: number; readonly conversation: number; readonly content: Content },
    withinMs: number,
  ): Promise<number> {
    return reading(countUnnamed(this.database.db, this.database.dialect, part, withinMs));
  }

  override renew(): Promise<void> {
    return this.worker.renew();
  }

  override check(): Promise<void> {
    return this.worker.renew();
  }

  override async state(): Promise<JournalState> {
    const { db, dialect } = this.database;
    const oldest = async (direction: 'inbound' | 'outbound') => {
      const { rows } = await sql<{ ms: number | null }>`
        select ${dialect.now()} - min(accepted_at) as ms from message
        where direction = ${direction} and state = 'waiting'`.execute(db);
      return Math.max(0, rows[0]?.ms ?? 0);
    };
    const received = async () => {
      const { rows } = await sql<{ ms: number | null }>`
        select ${dialect.now()} - min(received_at) as ms from inbox`.execute(db);
      return Math.max(0, rows[0]?.ms ?? 0);
    };
    const failed = async () => {
      const row = await db
        .selectFrom('message')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('direction', '=', 'inbound')
        .where('state', '=', 'failed')
        .executeTakeFirstOrThrow();
      return row.count;
    };
    const quarantined = async () => {
      const row = await db
        .selectFrom('quarantine')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return row.count;
    };
    const [inbound, outbound, unfiled, failedInbound, inQuarantine] = await reading(
      Promise.all([oldest('inbound'), oldest('outbound'), received(), failed(), quarantined()]),
    );
    return {
      // What is not filed yet may go either way.
      oldestWaitingMs: {
        inbound: Math.max(inbound, unfiled),
        outbound: Math.max(outbound, unfiled),
      },
      failedInbound,
      quarantined: inQuarantine,
    };
  }

  override async stranded(known: readonly LineKey[]): Promise<readonly LineKey[]> {
    const query = this.database.db
      .selectFrom('lane')
      .innerJoin('conversation', 'conversation.id', 'lane.conversation')
      .select('conversation.line')
      .distinct()
      .where('lane.due_at', 'is not', null)
      .$if(known.length > 0, (some) => some.where('conversation.line', 'not in', known));
    return (await reading(query.execute())).map(({ line }) => line as LineKey);
  }

  override quarantined(most: number, before?: number): Promise<readonly Quarantined[]> {
    return reading(listQuarantined(this.database.db, most, before));
  }

  override quarantinedOne(id: number): Promise<Quarantined | undefined> {
    return reading(oneQuarantined(this.database.db, id));
  }

  override async discharge(id: number): Promise<void> {
    await inTransaction(this.database, (trx) =>
      trx.deleteFrom('quarantine').where('id', '=', id).execute(),
    );
  }

  override prune(retentionDays: number): Promise<void> {
    return prune(this.database, retentionDays);
  }

  /** Nest's last word, after the listener is closed. */
  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  override async close(): Promise<void> {
    try {
      await this.worker.leave();
    } finally {
      await this.database.close();
    }
  }

  /** Webhooks that wait are kept before what is about to want SQLite's one connection: their platforms wait for us. */
  private webhooksFirst(): void {
    if (this.database.dialect.name === 'sqlite') this.receives.hurry();
  }

  /** A group that the store refuses is written one by one, so that one bad row does not hold up the others. */
  private async write(
    items: readonly (Settlement | Begin)[],
  ): Promise<Settled<Released | undefined>[]> {
    this.webhooksFirst();
    try {
      // What a loss of power takes back of a begin is done anew, and the other side knows it by its id, unless edna's list
      // of cascades has changed meanwhile to one that goes another way; the trace of a send it does not know has to be there.
      const lasts = items.some((item) => 'lane' in item || !item.route.dropsRepeats);
      const write = (trx: Kysely<Schema>) => this.writeAll(trx, items);
      const results = await inTransaction(this.database, write, { lasts });
      return results.map((value) => ({ value }));
    } catch (error) {
      if (error instanceof JournalUnavailable || items.length === 1) {
        return items.map(() => ({ error }));
      }
      const results: Settled<Released | undefined>[] = [];
      for (const item of items) results.push(...(await this.write([item])));
      return results;
    }
  }

  private async writeAll(
    trx: Kysely<Schema>,
    items: readonly (Settlement | Begin)[],
  ): Promise<(Released | undefined)[]> {
    const begins = items.filter((item) => 'route' in item);
    const settlements = items.filter((item) => 'lane' in item);
    for (const begin of begins) await bindChannel(trx, begin);
    const released = await settleGroup(
      trx,
      this.database.dialect,
      this.worker.id,
      settlements,
      begins.map(({ conversation }) => ({ conversation: conversation.id, kind: 'outbound' })),
    );
    await writeBegins(trx, this.database.dialect, begins);
    return items.map((item) => ('lane' in item ? released[settlements.indexOf(item)] : undefined));
  }
}
