import { sql, type Kysely, type Selectable } from 'kysely';
import { conversationId, parseConversationId } from '../../domain/ids.js';
import type { ChatEvent, InboundEvent, OutboundEvent } from '../../domain/journal.js';
import type { Dialect } from './dialect.js';
import { menuOf } from './menu.js';
import type { ConversationTable, Schema } from './schema.js';

type Row = Selectable<ConversationTable>;
type Draft = Omit<Row, 'id' | 'last_inbound_ms'> & { id?: number };

/**
 * The conversations that a group of messages belongs to, found or made.
 * Known ones are read in one go; what a group needs more than once is made once.
 */
export class Conversations {
  private readonly drafts: Draft[] = [];
  private readonly changed = new Map<Draft, Partial<Draft>>();

  private constructor(
    private readonly known: Draft[],
    /** Conversations whose client is on his way into a chat, or in it. */
    private readonly answered: ReadonlySet<number>,
  ) {}

  static async of(
    trx: Kysely<Schema>,
    dialect: Dialect,
    events: readonly (InboundEvent | OutboundEvent | ChatEvent)[],
  ): Promise<Conversations> {
    const addresses = events.map((event) => ({
      line: event.line,
      value: event.type === 'outbound' ? addressOf(event) : event.address,
    }));
    const outbound = events.filter((event) => event.type === 'outbound');
    const found = await find(trx, dialect, 'address', addresses);
    // Mostly the address has found them all.
    const byId = unnamed(outbound, found).map(({ line, conversationId: value }) => ({
      line,
      value,
    }));
    found.push(...(await find(trx, dialect, 'conversation_id', byId)));
    const byChat = unnamed(outbound, found).map(({ line, chatId: value }) => ({ line, value }));
    found.push(...(await find(trx, dialect, 'chat_id', byChat)));
    const rows = [...new Map(found.map((row) => [row.id, row])).values()];
    const isAsked = outbound.some(({ writesFirst }) => writesFirst);
    const answered = isAsked
      ? await findAnswered(
          trx,
          rows.map(({ id }) => id),
        )
      : new Set<number>();
    return new Conversations(
      rows.sort((a, b) => a.id - b.id),
      answered,
    );
  }

  /** A client writes: on the channel he came by, or one it replaces, or in the chat a manager opened before any channel was known. */
  ofInbound(event: Belonging): Draft {
    const his = this.known.filter(
      (row) => row.line === event.line && row.address === event.address,
    );
    const own = his.find((row) => row.channel === event.channel);
    const born = conversationId(event.channel, event.address);
    // It has gone on in another channel since, and this came late by the one it was born in.
    const moved = own ? undefined : his.find((row) => row.conversation_id === born);
    if (moved) return moved;
    const former = his.find((row) => event.formerly?.includes(row.channel));
    const conversation =
      own ?? former ?? his.find((row) => row.channel === '') ?? this.draft(event);
    this.change(conversation, {
      channel: event.channel,
      conversation_id: conversation.conversation_id ?? born,
      subject: event.subject ?? conversation.subject,
    });
    return conversation;
  }

  /** A chat was opened in the CRM: the conversation it belongs to has it from now on, unless it has one already. */
  ofChat(event: ChatEvent): Draft {
    const conversation = this.ofInbound(event);
    if (conversation.chat_id === null) {
      this.change(conversation, {
        chat_id: event.chatId,
        participant_id: event.participantId ?? null,
        to_be_linked: 2,
      });
    }
    return conversation;
  }

  /** A manager writes: into a conversation we know by one of its ids, or first. */
  ofOutbound(event: OutboundEvent): Draft {
    const born = event.conversationId ? parseConversationId(event.conversationId) : undefined;
    const address = addressOf(event) ?? '';
    const here = this.known.filter((row) => row.line === event.line);
    const sameAddress = here.filter((row) => row.address === address && address !== '');
    const named = [...sameAddress, ...here].find(
      (row) => row.conversation_id === event.conversationId,
    );
    const conversation =
      (event.conversationId && named) ||
      (event.chatId && here.find((row) => row.chat_id === event.chatId)) ||
      sameAddress.find((row) => born === undefined || row.channel === born.channel) ||
      (address === '' && here.find((row) => row.address === '')) ||
      this.draft({ line: event.line, channel: born?.channel ?? '', address });
    const menu = menuOf(event.message);
    if (menu !== undefined) this.change(conversation, { menu });
    if (conversation.address === '') return conversation;

    if (born && conversation.conversation_id === null) {
      this.change(conversation, { conversation_id: event.conversationId ?? null });
    }
    // A client who has a chat already goes on in it: amojo keeps one chat for each of our conversation ids, so a
    // reference to another one would show the first answer there, and all that follow in his own. While he has none,
    // he answers whoever wrote last.
    const hasOwnChat = conversation.id !== undefined && this.answered.has(conversation.id);
    if (event.writesFirst && hasOwnChat) return conversation;
    if (event.chatId && conversation.chat_id !== event.chatId) {
      this.change(conversation, {
        chat_id: event.chatId,
        participant_id: event.participantId ?? null,
        to_be_linked: event.writesFirst ? 1 : 0,
      });
    } else if (!event.writesFirst && conversation.to_be_linked === 1) {
      this.change(conversation, { to_be_linked: 0 });
    }
    return conversation;
  }

  /** Writes what is new and what changed; from here on every conversation that was given out has its id. */
  async save(trx: Kysely<Schema>, dialect: Dialect): Promise<void> {
    const drafts = this.drafts.sort((a, b) => (addressKey(a) < addressKey(b) ? -1 : 1));
    if (drafts.length > 0) {
      const rows = dialect.rows(
        'r',
        {
          n: 'int',
          line: 'text',
          channel: 'text',
          address: 'text',
          conversation_id: 'text',
          subject: 'text',
          chat_id: 'text',
          participant_id: 'text',
          to_be_linked: 'int',
          menu: 'text',
        } as const,
        drafts.map((draft, n) => ({ ...draft, n })),
      );
      const { rows: made } = await sql<Row>`
        insert into conversation
          (line, channel, address, conversation_id, subject, chat_id, participant_id, to_be_linked, menu)
        select line, channel, address, conversation_id, subject, chat_id, participant_id, to_be_linked, menu
        from ${rows} where true order by n
        on conflict (line, address, channel) do nothing returning *`.execute(trx);
      const ids = new Map(made.map((row) => [addressKey(row), row.id]));
      for (const draft of drafts) {
        draft.id = ids.get(addressKey(draft)) ?? (await madeMeanwhile(trx, draft));
      }
    }
    const changed = [...this.changed].sort(([a], [b]) => (a.id ?? 0) - (b.id ?? 0));
    for (const [{ id }, facts] of changed) {
      await trx
        .updateTable('conversation')
        .set(facts)
        .where('id', '=', id as number)
        .execute();
    }
  }

  private draft(of: Pick<Row, 'line' | 'channel' | 'address'>): Draft {
    const draft: Draft = {
      line: of.line,
      channel: of.channel,
      address: of.address,
      conversation_id: null,
      subject: null,
      chat_id: null,
      participant_id: null,
      to_be_linked: 0,
      menu: null,
    };
    this.drafts.push(draft);
    this.known.push(draft);
    return draft;
  }

  private change(conversation: Draft, facts: Partial<Draft>): void {
    const news = Object.fromEntries(
      Object.entries(facts).filter(([name, value]) => conversation[name as keyof Draft] !== value),
    );
    if (Object.keys(news).length === 0) return;
    Object.assign(conversation, news);
    if (conversation.id === undefined) return;
    // These facts and no others: what else stands in the row may have been settled since it was read.
    this.changed.set(conversation, { ...this.changed.get(conversation), ...news });
  }
}

/** Whom something is about, and by which channel. */
type Belonging = Pick<InboundEvent, 'line' | 'channel' | 'address' | 'formerly' | 'subject'>;

/** Where a manager's message goes: what our own id says, else the phone. */
function addressOf(event: OutboundEvent): string | undefined {
  const born = event.conversationId ? parseConversationId(event.conversationId) : undefined;
  return born?.address ?? event.phone;
}

/** Those whose conversation id none of these has: only they are looked for by their other ids. */
function unnamed(
  events: readonly OutboundEvent[],
  rows: readonly Pick<Row, 'line' | 'conversation_id'>[],
): readonly OutboundEvent[] {
  const named = new Set(rows.map((row) => JSON.stringify([row.line, row.conversation_id])));
  return events.filter(
    ({ line, conversationId: id }) => !id || !named.has(JSON.stringify([line, id])),
  );
}

function addressKey(row: Pick<Row, 'line' | 'channel' | 'address'>): string {
  return JSON.stringify([row.line, row.address, row.channel]);
}

/** Whose client's message is being sent into a chat, may be there, or is. */
async function findAnswered(
  trx: Kysely<Schema>,
  ids: readonly number[],
): Promise<ReadonlySet<number>> {
  if (ids.length === 0) return new Set();
  const rows = await trx
    .selectFrom('conversation')
    .select('id')
    .where('id', 'in', ids)
    .where((eb) =>
      eb.or([
        eb.and([
          eb('to_be_linked', '<>', 1),
          eb('conversation_id', 'is not', null),
          eb('chat_id', 'is not', null),
        ]),
        eb.exists(
          eb
            .selectFrom('lane')
            .select('lane.conversation')
            .whereRef('lane.conversation', '=', 'conversation.id')
            .where('lane.kind', '=', 'inbound')
            .where((lane) =>
              lane.or([
                lane('lane.owner', 'is not', null),
                // All he wrote has gone somewhere; older answers do not name the chat.
                lane.and([
                  lane('conversation.chat_id', 'is', null),
                  lane('lane.accepted_seq', '>', 0),
                  lane('lane.due_at', 'is', null),
                ]),
              ]),
            ),
        ),
        eb.exists(
          eb
            .selectFrom('message')
            .select('message.id')
            .whereRef('message.conversation', '=', 'conversation.id')
            .where('message.direction', '=', 'inbound')
            .where('message.state', '=', 'waiting')
            .where('message.tries', '>', 0),
        ),
        // With what another program put there amojo has his chat by our id of it.
        eb.exists(
          eb
            .selectFrom('message')
            .select('message.id')
            .whereRef('message.conversation', '=', 'conversation.id')
            .where('message.imported', '=', 1)
            .where('message.state', '=', 'handed-over'),
        ),
      ]),
    )
    .execute();
  return new Set(rows.map(({ id }) => id));
}

async function madeMeanwhile(trx: Kysely<Schema>, draft: Draft): Promise<number> {
  const row = await trx
    .selectFrom('conversation')
    .select('id')
    .where('line', '=', draft.line)
    .where('address', '=', draft.address)
    .where('channel', '=', draft.channel)
    .executeTakeFirstOrThrow();
  return row.id;
}

async function find(
  trx: Kysely<Schema>,
  dialect: Dialect,
  column: 'address' | 'conversation_id' | 'chat_id',
  keys: readonly { line: string; value: string | undefined }[],
): Promise<Row[]> {
  const wanted = new Map(
    keys.filter(({ value }) => value).map((key) => [JSON.stringify(key), key] as const),
  );
  if (wanted.size === 0) return [];
  const rows = dialect.rows('r', { line: 'text', value: 'text' } as const, [...wanted.values()]);
  const { rows: found } = await sql<Row>`
    select conversation.* from ${rows}
    join conversation on conversation.line = r.line and conversation.${sql.ref(column)} = r.value`.execute(
    trx,
  );
  return found;
}
