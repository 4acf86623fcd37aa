import { sql } from 'kysely';
import type { Conversation } from '../../domain/conversation.js';
import type { DeliveryStatus } from '../../domain/delivery-status.js';
import {
  FiledMessages,
  type Client,
  type HandedOver,
  type Known,
  type KnownPart,
  type Probe,
  type Talk,
} from '../../domain/filed-messages.js';
import {
  conversationId,
  type ConversationId,
  type LineKey,
  type RequestId,
  type SourceId,
} from '../../domain/ids.js';
import { inQuote } from '../../domain/message.js';
import type { Database } from './database.js';
import { closeGap, openGap } from './gap.js';
import { MOVED_FROM, secondOf, toConversation, toMessage, writtenSecondOf } from './rows.js';
import { inTransaction, reading } from './transaction.js';

const SECOND_MS = 1_000;

/** How far a repeat of edna's, the last after 4 + 128 + 2048 s, may have to stand behind what came before it. */
const MOST_MOVED_MS = 60 * 60_000;

/** What the journal says of its messages. */
export class SqlFiledMessages extends FiledMessages {
  constructor(private readonly database: Database) {
    super();
  }

  override async isEmpty(line?: LineKey): Promise<boolean> {
    const { db } = this.database;
    const all = db.selectFrom('conversation as c').select('c.id').limit(1);
    const ofLine = line === undefined ? all : all.where('c.line', '=', line);
    const filled = ofLine.where((eb) =>
      eb.exists(
        eb.selectFrom('message as m').select('m.id').whereRef('m.conversation', '=', 'c.id'),
      ),
    );
    return !(await reading(filled.executeTakeFirst()));
  }

  override async known(
    line: LineKey,
    direction: 'inbound' | 'outbound',
    ids: readonly SourceId[],
  ): Promise<ReadonlyMap<SourceId, Known>> {
    if (ids.length === 0) return new Map();
    const { db, dialect } = this.database;
    const { rows } = await reading(
      sql<{ source_id: string; status: string | null; request_id: string | null }>`
        select message.source_id, part.status, part.request_id
        from ${dialect.rows(
          'r',
          { id: 'text' } as const,
          [...new Set(ids)].map((id) => ({ id })),
        )}
        join message on message.source_id = r.id and message.direction = ${direction}
          and message.line = ${line}
        left join part on part.message = message.id
        order by message.id, part.number`.execute(db),
    );
    const known = new Map<SourceId, Known>();
    for (const { source_id, status, request_id } of rows) {
      const parts = known.get(source_id as SourceId)?.parts ?? [];
      known.set(source_id as SourceId, {
        parts: request_id === null ? parts : [...parts, toPart({ request_id, status })],
      });
    }
    return known;
  }

  override async ofMessenger(line: LineKey, messengerIds: readonly string[]) {
    if (messengerIds.length === 0) return new Map();
    const rows = await reading(
      this.database.db
        .selectFrom('part')
        .innerJoin('message', 'message.id', 'part.message')
        .select(['part.messenger_id', 'part.request_id', 'part.status', 'message.source_id'])
        .where('part.messenger_id', 'in', [...new Set(messengerIds)])
        .where('message.line', '=', line)
        .execute(),
    );
    return new Map(
      rows.map(({ messenger_id, source_id, ...part }) => [
        messenger_id ?? '',
        { id: source_id as SourceId, part: toPart(part) },
      ]),
    );
  }

  override async alike(
    line: LineKey,
    direction: 'inbound' | 'outbound',
    probes: readonly Probe[],
  ): Promise<readonly (readonly SourceId[])[]> {
    if (probes.length === 0) return [];
    const { db, dialect } = this.database;
    const { rows } = await reading(
      sql<{ n: number; ms: number; source_id: string; content: string | null; source_ms: number }>`
        select r.n, r.ms, m.source_id, m.content, m.source_ms
        from ${dialect.rows(
          'r',
          { n: 'int', address: 'text', ms: 'int' } as const,
          probes.map(({ address, writtenAt }, n) => ({
            n,
            address,
            ms: secondOf(writtenAt.getTime()),
          })),
        )}
        join conversation as c on c.line = ${line} and c.address = r.address
        join message as m on m.conversation = c.id and m.direction = ${direction}
          and m.source_ms >= r.ms and m.source_ms < r.ms + ${sql.lit(MOST_MOVED_MS)}
          and (m.source_ms < r.ms + ${sql.lit(SECOND_MS)} or m.content like ${`%"${MOVED_FROM}":%`})
        order by m.id`.execute(db),
    );
    const found: SourceId[][] = probes.map(() => []);
    for (const row of rows) {
      // What was forgotten may have said anything.
      const isSame =
        row.content === null ||
        (writtenSecondOf(row) === row.ms &&
          inQuote(toMessage(row).content) === probes[row.n]?.text);
      if (isSame) found[row.n]?.push(row.source_id as SourceId);
    }
    return found;
  }

  override async given(crmMessageIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (crmMessageIds.length === 0) return new Set();
    const { db } = this.database;
    const rows = await reading(
      db
        .selectFrom('message')
        .select('peer_id')
        .where('peer_id', 'in', [...new Set(crmMessageIds)])
        .execute(),
    );
    return new Set(rows.map(({ peer_id }) => peer_id ?? ''));
  }

  override async conversation(line: LineKey, { address, channels }: Client) {
    const [channel = ''] = channels;
    const his = await reading(
      this.database.db
        .selectFrom('conversation')
        .select(['id', 'channel', 'conversation_id'])
        .where('line', '=', line)
        .where('address', '=', address)
        .orderBy('id')
        .execute(),
    );
    return find(his, channel, channels, conversationId(channel, address));
  }

  override async talk(conversation: number, outboundTtlMs: number): Promise<Talk | undefined> {
    const { db, dialect } = this.database;
    // A manager's message that is too late by now is going to fail, whether or not anybody has said so yet.
    const isRead = sql`(m.direction = 'inbound' or (m.state <> 'failed'
      and (m.status is null or m.status <> 'failed')
      and (m.state <> 'waiting' or m.accepted_at > ${dialect.now()} - ${sql.lit(Math.floor(outboundTtlMs))})))`;
    const of = sql`from message as m where m.conversation = ${conversation}`;
    const { rows: last } = await reading(
      sql<{ ms: number | null }>`select max(m.source_ms) as ms ${of} and ${isRead}`.execute(db),
    );
    const { rows: said } = await reading(
      sql<{ source_id: string; content: string; source_ms: number }>`
        select m.source_id, m.content, m.source_ms ${of}
          and m.direction = 'inbound' and m.imported = 0 and m.content is not null
        order by m.source_ms desc limit 1`.execute(db),
    );
    const ms = last[0]?.ms ?? undefined;
    if (ms === undefined) return undefined;
    const name = said[0] && toMessage(said[0]).sender.name;
    return { lastAt: new Date(ms), ...(name && { name }) };
  }

  override async chats(line: LineKey, since: Date, most: number): Promise<readonly Conversation[]> {
    const { db } = this.database;
    const rows = await reading(
      db
        .selectFrom('conversation')
        .innerJoin('lane', 'lane.conversation', 'conversation.id')
        .selectAll('conversation')
        .where('conversation.line', '=', line)
        .where('conversation.chat_id', 'is not', null)
        .where('lane.kind', 'in', ['inbound', 'outbound'])
        .where('lane.last_ms', '>=', since.getTime())
        .groupBy('conversation.id')
        .orderBy((eb) => eb.fn.max('lane.last_ms'), 'desc')
        .limit(most)
        .execute(),
    );
    return rows.map(toConversation);
  }

  override async delivered(
    conversation: number,
    since: Date,
    until: Date,
    most: number,
  ): Promise<readonly HandedOver[]> {
    const rows = await reading(
      this.database.db
        .selectFrom('message')
        .select(['id', 'source_id', 'source_ms', 'content'])
        .where('conversation', '=', conversation)
        .where('direction', '=', 'inbound')
        .where('source_ms', '>=', since.getTime())
        .where('source_ms', '<=', until.getTime())
        .where('state', '=', 'handed-over')
        .where('content', 'is not', null)
        .orderBy('source_ms', 'desc')
        .limit(most)
        .execute(),
    );
    return rows.flatMap((row) => {
      const { content, edits } = toMessage(row);
      // These stand at a message of their own kind of place, not in the history.
      return edits !== undefined || content.kind === 'reaction' ? [] : [toHandedOver(row)];
    });
  }

  override async sent(
    line: LineKey,
    since: Date,
    until: Date,
    after: number,
    most: number,
  ): Promise<readonly HandedOver[]> {
    const { db } = this.database;
    const { rows } = await reading(
      sql<{ id: number; source_id: string; source_ms: number }>`
        select m.id, m.source_id, m.source_ms from conversation as c
        join message as m on m.conversation = c.id and m.direction = 'outbound'
          and m.source_ms >= ${since.getTime()} and m.source_ms <= ${until.getTime()}
        where c.line = ${line} and m.state = 'handed-over' and m.id > ${after}
          and not exists (select 1 from part where part.message = m.id
            and (part.route is null or (part.route not like '%"dialect":"cascade"%'
              and part.route not like '%"dialect":"legacy"%')))
        order by m.id limit ${sql.lit(most)}`.execute(db),
    );
    return rows.map(toHandedOver);
  }

  override gap(): Promise<Date | undefined> {
    return reading(openGap(this.database.db));
  }

  override async closeGap(since: Date, until: Date): Promise<void> {
    await inTransaction(this.database, (trx) => closeGap(trx, since, until));
  }
}

function toPart(row: { request_id: string; status: string | null }): KnownPart {
  return {
    requestId: row.request_id as RequestId,
    ...(row.status !== null && { status: row.status as DeliveryStatus }),
  };
}

/** As `Conversations.ofInbound` finds it. */
function find<Row extends { channel: string; conversation_id: string | null }>(
  his: readonly Row[],
  channel: string,
  channels: readonly string[],
  born: ConversationId,
): Row | undefined {
  return (
    his.find((row) => row.channel === channel) ??
    his.find((row) => row.conversation_id === born) ??
    his.find((row) => channels.includes(row.channel)) ??
    his.find((row) => row.channel === '')
  );
}

function toHandedOver(row: { id: number; source_id: string; source_ms: number }): HandedOver {
  return {
    id: row.id,
    sourceId: row.source_id as SourceId,
    writtenAt: new Date(row.source_ms),
  };
}
