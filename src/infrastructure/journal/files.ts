import { sql, type Kysely } from 'kysely';
import type { LineKey, SourceId } from '../../domain/ids.js';
import { FiledFiles, linkExpiry, type CopyWork, type FiledFile } from '../../domain/media.js';
import { fileOf, type Message } from '../../domain/message.js';
import type { Database } from './database.js';
import type { Dialect } from './dialect.js';
import { toMessage } from './rows.js';
import type { Schema } from './schema.js';
import { inTransaction, reading } from './transaction.js';

/** The files that the journal's messages name. */
export class SqlFiles extends FiledFiles {
  constructor(private readonly database: Database) {
    super();
  }

  override async find(messageId: number): Promise<FiledFile | undefined> {
    return (await reading(filesOf(this.database.db, [messageId]))).get(messageId);
  }

  override async claimCopies(most: number, forMs: number): Promise<readonly CopyWork[]> {
    const { dialect } = this.database;
    return inTransaction(this.database, async (trx) => {
      const { rows } = await sql<{ message: number; tries: number; until_ms: number }>`
        with due as materialized (
          select message from media_copy where due_at <= ${dialect.now()}
          order by due_at limit ${sql.lit(most)} ${dialect.skipLocked})
        update media_copy set tries = tries + 1, due_at = ${dialect.now()} + ${sql.lit(forMs)}
        where message in (select message from due)
        returning message, tries, until_ms`.execute(trx);
      const files = await filesOf(
        trx,
        rows.map(({ message }) => message),
      );
      const lost = rows.filter(({ message }) => files.get(message)?.content === undefined);
      await endCopies(
        trx,
        lost.map(({ message }) => message),
      );
      return rows.flatMap(({ message, tries, until_ms }) => {
        const file = files.get(message);
        return file?.content ? [{ file, tries, expiresAt: new Date(until_ms) }] : [];
      });
    });
  }

  override async endCopy(messageId: number): Promise<void> {
    await inTransaction(this.database, (trx) => endCopies(trx, [messageId]));
  }

  override async putOffCopy(messageId: number, afterMs: number): Promise<void> {
    const { dialect } = this.database;
    await inTransaction(this.database, (trx) =>
      sql`update media_copy set due_at = ${dialect.now()} + ${sql.lit(Math.ceil(afterMs))}
        where message = ${messageId}`.execute(trx),
    );
  }
}

/** Notes clients' files whose links expire, in the transaction that files their messages. */
export async function noteCopies(
  trx: Kysely<Schema>,
  dialect: Dialect,
  filed: readonly { readonly id: number; readonly message: Pick<Message, 'content'> }[],
): Promise<void> {
  const rows = filed.flatMap(({ id, message: { content } }) => {
    const expiresAt = 'attachment' in content && linkExpiry(content.attachment.url);
    return expiresAt ? [{ message: id, until_ms: expiresAt.getTime() }] : [];
  });
  if (rows.length === 0) return;
  await sql`
    insert into media_copy (message, until_ms, due_at)
    select message, until_ms, ${dialect.now()}
    from ${dialect.rows('r', { message: 'int', until_ms: 'int' } as const, rows)} where true
    on conflict (message) do nothing`.execute(trx);
}

async function endCopies(trx: Kysely<Schema>, messages: readonly number[]): Promise<void> {
  if (messages.length === 0) return;
  await trx.deleteFrom('media_copy').where('message', 'in', messages).execute();
}

async function filesOf(
  db: Kysely<Schema>,
  ids: readonly number[],
): Promise<Map<number, FiledFile>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('message')
    .select(['id', 'line', 'direction', 'source_id', 'content', 'source_ms'])
    .where('id', 'in', ids)
    .execute();
  return new Map(
    rows.flatMap((row) => {
      const file = {
        messageId: row.id,
        direction: row.direction as FiledFile['direction'],
        line: row.line as LineKey,
        sourceId: row.source_id as SourceId,
      };
      // Whether it had a file nobody can tell once it is forgotten; whoever has a link to it had one.
      if (row.content === null) return [[row.id, file] as const];
      const found = fileOf(toMessage(row).content);
      if (!found) return [];
      const { kind, attachment } = found;
      return [[row.id, { ...file, content: { kind, attachment } }] as const];
    }),
  );
}
