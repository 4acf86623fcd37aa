import { sql, type Kysely } from 'kysely';
import type { Conversation } from '../../domain/conversation.js';
import { conversationId } from '../../domain/ids.js';
import type { Route } from '../../domain/ports.js';
import type { Dialect } from './dialect.js';
import type { Schema } from './schema.js';

/** A part that is about to be sent, and by which way. */
export interface Begin {
  readonly messageId: number;
  readonly partId: number;
  readonly conversation: Conversation;
  readonly route: Route;
}

/** A conversation without a channel takes that of its first send, unless the client has one there already. */
export async function bindChannel(
  trx: Kysely<Schema>,
  { conversation, route }: Begin,
): Promise<void> {
  if (conversation.channel !== '' || route.subjectId === undefined) return;
  const { line, address } = conversation;
  await trx
    .updateTable('conversation')
    .set({
      channel: route.subjectId,
      subject: conversation.subject ?? route.subject ?? null,
      conversation_id: conversation.conversationId ?? conversationId(route.subjectId, address),
    })
    .where('id', '=', conversation.id)
    .where('channel', '=', '')
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('conversation as other')
            .select('other.id')
            .where('other.line', '=', line)
            .where('other.address', '=', address)
            .where('other.channel', '=', route.subjectId as string),
        ),
      ),
    )
    .execute();
}

/** Keeps the ways of parts, and leaves the trace of a send where nothing else would. */
export async function writeBegins(
  trx: Kysely<Schema>,
  dialect: Dialect,
  begins: readonly Begin[],
): Promise<void> {
  if (begins.length === 0) return;
  await sql`
    update part set route = r.route
    from ${dialect.rows(
      'r',
      { id: 'int', route: 'text' } as const,
      begins.map(({ partId, route }) => ({ id: partId, route: JSON.stringify(route) })),
    )} where part.id = r.id`.execute(trx);
  const traced = begins.filter(({ route }) => !route.dropsRepeats);
  if (traced.length === 0) return;
  await trx
    .insertInto('attempt')
    .values(
      traced.map(({ messageId, partId }) => ({
        message: messageId,
        part: partId,
        kind: 'outbound',
        at_ms: Date.now(),
        duration_ms: null,
        outcome: 'open',
        http_status: null,
        error: null,
      })),
    )
    .execute();
}
