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
