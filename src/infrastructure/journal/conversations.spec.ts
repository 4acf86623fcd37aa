import { anOutbound, anInbound, arrivals } from '../../../test/builders.js';
import { openMemoryJournal } from '../../../test/memory-journal.js';
import { Conversations } from './conversations.js';

describe('what an accept changes in a conversation', () => {
  it('leaves alone what was settled since it was read', async () => {
    const { journal, database } = await openMemoryJournal();
    const { db, dialect } = database;
    await journal.accept(arrivals(anInbound('1')));
    const choices = [{ title: 'Today', data: '01' }];
    const content = { kind: 'text', text: 'When?', choices } as const;
    const list = anOutbound('a', { chatId: undefined, message: { content } });
    const conversations = await Conversations.of(db, dialect, [list]);
    conversations.ofOutbound(list);
    await db.updateTable('conversation').set({ chat_id: 'chat-1', last_inbound_ms: 5 }).execute();
    await conversations.save(db, dialect);
    const [row] = await db.selectFrom('conversation').selectAll().execute();
    expect(row).toMatchObject({ chat_id: 'chat-1', last_inbound_ms: 5 });
    expect(row?.menu).toContain('Today');
    await journal.close();
  });
});

describe('of two conversations that go by one id', () => {
  const VERA = '79995550142';
  const IVAN = '79995550188';
  const named = (address: string) =>
    anOutbound('a', { conversationId: `edna:71844:${VERA}`, chatId: undefined, phone: address });

  it('the one is answered whose client the id names, whatever comes with it', async () => {
    const { journal, database } = await openMemoryJournal();
    const { db, dialect } = database;
    await journal.accept(arrivals(anInbound('1', { address: IVAN })));
    await journal.accept(arrivals(anInbound('2', { address: VERA })));
    await db
      .updateTable('conversation')
      .set({ conversation_id: `edna:71844:${VERA}` })
      .execute();
    for (const group of [[named(VERA)], [anInbound('3', { address: IVAN }), named(VERA)]]) {
      const conversations = await Conversations.of(db, dialect, group);
      expect(conversations.ofOutbound(named(VERA)).address).toBe(VERA);
    }
    await journal.close();
  });
});
