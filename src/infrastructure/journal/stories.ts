import type { Kysely, Selectable } from 'kysely';
import { Stories, type Story } from '../../domain/api.js';
import type { Conversation } from '../../domain/conversation.js';
import type { DeliveryStatus } from '../../domain/delivery-status.js';
import type { LineKey, SourceId } from '../../domain/ids.js';
import type { Database } from './database.js';
import { reading } from './transaction.js';
import { toConversation, toMessage, toReason } from './rows.js';
import type { MessageTable, Schema } from './schema.js';
import { wellFormed } from './well-formed.js';

/** A client's message may stand in a handful of lines; an id that many have is nobody's. */
const MOST = 20;

/** Latest messages of a client among which one is looked for that still has his name. */
const NAMES = 20;

const CONVERSATION_COLUMNS = {
  chatId: 'chat_id',
  conversationId: 'conversation_id',
  address: 'address',
} as const;

/** What the journal's tables tell of messages and conversations. */
export class SqlStories extends Stories {
  constructor(private readonly database: Database) {
    super();
  }

  override messages(ids: readonly string[]): Promise<readonly Story[]> {
    return reading(this.read(wellFormed(ids)));
  }

  override async conversations(
    by: 'chatId' | 'conversationId' | 'address',
    value: string,
    lines: readonly LineKey[],
  ): Promise<readonly Conversation[]> {
    if (lines.length === 0) return [];
    const query = this.database.db
      .selectFrom('conversation')
      .selectAll()
      // What the conversations are found by stands in their indexes behind the line.
      .where('line', 'in', lines)
      .where(CONVERSATION_COLUMNS[by], '=', wellFormed(value))
      .orderBy('id')
      .limit(MOST);
    return (await reading(query.execute())).map(toConversation);
  }

  override async clientName(conversation: number): Promise<string | undefined> {
    const query = this.database.db
      .selectFrom('message')
      .select(['source_id', 'content', 'source_ms'])
      .where('conversation', '=', conversation)
      .where('direction', '=', 'inbound')
      .where('imported', '=', 0)
      .where('content', 'is not', null)
      .orderBy('seq', 'desc')
      .limit(NAMES);
    const rows = await reading(query.execute());
    return rows.map((row) => toMessage(row).sender.name).find((name) => name !== '');
  }

  private async read(ids: readonly string[]): Promise<Story[]> {
    const { db } = this.database;
    const rows = await db
      .selectFrom('message')
      .selectAll()
      .where((eb) => eb.or([eb('source_id', 'in', ids), eb('peer_id', 'in', ids)]))
      .orderBy('id', 'desc')
      .limit(MOST)
      .execute();
    return Promise.all(rows.map((row) => this.toStory(db, row)));
  }

  private async toStory(db: Kysely<Schema>, row: Selectable<MessageTable>): Promise<Story> {
    const [conversation, parts, attempts] = await Promise.all([
      db
        .selectFrom('conversation')
        .selectAll()
        .where('id', '=', row.conversation)
        .executeTakeFirstOrThrow(),
      db.selectFrom('part').selectAll().where('message', '=', row.id).orderBy('number').execute(),
      db.selectFrom('attempt').selectAll().where('message', '=', row.id).orderBy('id').execute(),
    ]);
    const numbers = new Map(parts.map((part) => [part.id, part.number]));
    return {
      id: row.id,
      line: row.line as LineKey,
      direction: row.direction as Story['direction'],
      sourceId: row.source_id as SourceId,
      ...(row.peer_id && { crmMessageId: row.peer_id }),
      conversation: toConversation(conversation),
      ...(row.content !== null && { message: toMessage(row) }),
      sentAt: new Date(row.source_ms),
      isImport: row.imported === 1,
      state: row.state as Story['state'],
      // On a message that waits it only says what the next look is to find out.
      ...(row.state !== 'waiting' && { reason: toReason(row.told ?? row.reason) }),
      ...(row.status !== null && { status: row.status as DeliveryStatus }),
      ...(row.reported_status !== null && {
        reportedStatus: row.reported_status as DeliveryStatus,
      }),
      parts: parts.map((part) => ({
        number: part.number,
        requestId: part.request_id,
        ...(part.messenger_id !== null && { messengerId: part.messenger_id }),
        state: part.state,
        ...(part.status !== null && { status: part.status }),
        ...(part.reason !== null && { reason: toReason(part.reason) }),
      })),
      attempts: attempts.map((one) => ({
        at: new Date(one.at_ms),
        ...(one.part !== null && { part: numbers.get(one.part) }),
        kind: one.kind,
        outcome: one.outcome,
        ...(one.duration_ms !== null && { durationMs: one.duration_ms }),
        ...(one.http_status !== null && { httpStatus: one.http_status }),
        ...(one.error !== null && { error: one.error }),
      })),
    };
  }
}
