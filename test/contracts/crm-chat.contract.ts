import type { Conversation } from '../../src/domain/conversation.js';
import { inboundSourceId, outboundSourceId, type SourceId } from '../../src/domain/ids.js';
import type { ChatEntry } from '../../src/domain/history.js';
import type { Line } from '../../src/domain/line.js';
import type { Content } from '../../src/domain/message.js';
import type { CrmChat } from '../../src/domain/ports.js';
import { aMessage, SCOPE } from '../builders.js';
import { aConversation } from '../outgoing.js';

/** How the other side may misbehave on the next call. */
export type Trouble =
  /** It is asked too often, and says for how many seconds to wait. */
  | { readonly kind: 'busy'; readonly seconds: number }
  /** The answer is lost, before or after the message was taken. */
  | { readonly kind: 'lost'; readonly when: 'before' | 'after' }
  /** It does not know us. */
  | { readonly kind: 'refused' };

export interface CrmChatHarness {
  readonly crm: CrmChat;
  readonly line: Line;
  /** Ids of the client's messages in a chat, as they were given to the CRM. */
  inChat(chatId: string): readonly string[];
  /** The client's texts in a chat. */
  textsIn(chatId: string): readonly string[];
  /** What each message of a client quotes, by the id of the side that wrote that. */
  quotedIn(chatId: string): readonly (string | undefined)[];
  /** What a client has set at a message, by the id of the side that wrote it. */
  reactionAt(messageId: string): string | undefined;
  /** A chat that a manager opened by writing to a phone. */
  openByManager(phone: string): Promise<{
    chatId: string;
    participantId: string;
    /** The manager's message. */
    messageId: string;
  }>;
  markOf(messageId: string): { status: string; code?: number; text?: string } | undefined;
  /** The id of a message that nobody wrote. */
  unknownMessage(): string;
  /** Takes the connection of the account away. */
  disconnect(): Promise<void>;
  troubleNext(trouble: Trouble): void;
  close(): Promise<void>;
}

const attachment = { url: 'https://files.example.test/f/51c2.pdf', name: 'offer.pdf' };
const CONTENTS: readonly Content[] = [
  { kind: 'text', text: 'Привет 👋\u200d' },
  { kind: 'text', text: 'x'.repeat(10_000) },
  { kind: 'picture', attachment, caption: '' },
  { kind: 'video', attachment, caption: 'look' },
  { kind: 'file', attachment: { ...attachment, name: undefined, sizeBytes: 48_211 }, caption: '' },
  { kind: 'voice', attachment: { ...attachment, durationSeconds: 7 }, caption: '' },
  { kind: 'audio', attachment, caption: '' },
  { kind: 'sticker', attachment, caption: '' },
  { kind: 'location', latitude: 59.9571, longitude: 30.3083, address: 'Pier 4' },
  { kind: 'contact', name: 'Peter', phone: '79035550177', text: '' },
  { kind: 'contact', name: '', phone: '', text: 'call me' },
  { kind: 'unsupported', substitute: 'unknown-type', type: 'poll', text: '' },
];

/** What every CRM chat promises. */
export function describeCrmChat(name: string, open: () => Promise<CrmChatHarness>): void {
  describe(`a CRM chat: ${name}`, () => {
    let harness: CrmChatHarness;
    let crm: CrmChat;
    let line: Line;

    beforeEach(async () => {
      harness = await open();
      ({ crm, line } = harness);
      await crm.connect(line);
    });
    afterEach(() => harness.close());

    const message = (id: string, content?: Content) =>
      aMessage({ sourceId: inboundSourceId('71844', id), ...(content && { content }) });
    const deliver = (id: string, conversation: Conversation = aConversation()) =>
      crm.deliver(message(id), conversation, line);
    const idsIn = (chatId: string | undefined) => harness.inChat(chatId ?? '');

    it('puts a message into the chat and tells its ids', async () => {
      const delivered = await deliver('1');
      expect(delivered.messageId).not.toBe('');
      expect(delivered.participantId).toBeDefined();
      expect(idsIn(delivered.chatId)).toEqual(['edna:71844:1']);
    });

    it('opens a chat before anything is written in it, once', async () => {
      const client = { name: 'Vera' };
      const { chatId } = await crm.openChat(aConversation(), client, line);
      expect(chatId).not.toBe('');
      expect(idsIn(chatId)).toEqual([]);
      expect(await crm.messagesOf(chatId, { offset: 0, limit: 50 }, line)).toEqual([]);
      expect(await crm.openChat(aConversation(), client, line)).toMatchObject({ chatId });
      expect((await deliver('1')).chatId).toBe(chatId);
      expect(await crm.openChat(aConversation(), client, line)).toMatchObject({ chatId });
      const other = aConversation({ address: '79995550177' });
      expect((await crm.openChat(other, client, line)).chatId).not.toBe(chatId);
    });

    it('puts a repeated message there once, and tells the same ids', async () => {
      const first = await deliver('1');
      expect(await deliver('1')).toEqual(first);
      expect(idsIn(first.chatId)).toEqual(['edna:71844:1']);
    });

    it('keeps a conversation in one chat, and another client in another', async () => {
      const { chatId } = await deliver('1');
      expect((await deliver('2')).chatId).toBe(chatId);
      expect((await deliver('3', aConversation({ chatId }))).chatId).toBe(chatId);
      const other = await deliver('4', aConversation({ address: '79995550177' }));
      expect(other.chatId).not.toBe(chatId);
      expect(idsIn(chatId)).toEqual(['edna:71844:1', 'edna:71844:2', 'edna:71844:3']);
    });

    it.each(CONTENTS.map((content, i) => [content.kind, i] as const))(
      'carries a %s (%d)',
      async (_kind, i) => {
        const { chatId } = await crm.deliver(message('1', CONTENTS[i]), aConversation(), line);
        expect(idsIn(chatId)).toEqual(['edna:71844:1']);
      },
    );

    it("puts a client's answer into the chat a manager opened", async () => {
      const { chatId, participantId } = await harness.openByManager('79995550142');
      const conversation = aConversation({ chatId, participantId, toBeLinked: true });
      expect(await deliver('1', conversation)).toMatchObject({ chatId, participantId });
      expect((await deliver('2', aConversation())).chatId).toBe(chatId);
      expect(idsIn(chatId)).toEqual(['edna:71844:1', 'edna:71844:2']);
    });

    it('links what a message quotes, whichever side wrote it', async () => {
      const { chatId, participantId, messageId } = await harness.openByManager('79995550142');
      const conversation = aConversation({ chatId, participantId, toBeLinked: true });
      await deliver('1', conversation);
      const quoting = (id: string, linked: SourceId) =>
        crm.deliver({ ...message(id), quote: { text: 'so', linked } }, conversation, line);
      await quoting('2', outboundSourceId(SCOPE, messageId));
      await quoting('3', inboundSourceId('71844', '1'));
      expect(harness.quotedIn(chatId)).toEqual([undefined, messageId, 'edna:71844:1']);
    });

    it('puts a correction in the place of its message, as often as it is told', async () => {
      const { chatId } = await deliver('1');
      const edits = inboundSourceId('71844', '1');
      const edit = { ...message('e', { kind: 'text', text: 'corrected' }), edits };
      await crm.edit(edit, aConversation(), line);
      await crm.edit(edit, aConversation(), line);
      expect(idsIn(chatId)).toEqual(['edna:71844:1']);
      expect(harness.textsIn(chatId ?? '')).toEqual(['corrected']);
    });

    it('sets a reaction at a message, whichever side wrote it, as often as it is told', async () => {
      const { chatId, participantId, messageId } = await harness.openByManager('79995550142');
      const opened = aConversation({ chatId, participantId, toBeLinked: true });
      const reacting = (linked: SourceId) => ({
        ...message('r', { kind: 'reaction', emoji: '👍' }),
        quote: { linked },
      });
      await crm.react(reacting(outboundSourceId(SCOPE, messageId)), opened, line);
      await deliver('1', opened);
      const own = reacting(inboundSourceId('71844', '1'));
      await crm.react(own, aConversation(), line);
      await crm.react(own, aConversation(), line);
      expect(harness.reactionAt(messageId)).toBe('👍');
      expect(harness.reactionAt('edna:71844:1')).toBe('👍');
      expect(idsIn(chatId)).toEqual(['edna:71844:1']);
    });

    it('takes a reaction back, as often as it is told, also where there is none', async () => {
      const { chatId } = await deliver('1');
      const linked = inboundSourceId('71844', '1');
      const react = (emoji: string) => {
        const content = { kind: 'reaction', emoji } as const;
        return crm.react({ ...message('r', content), quote: { linked } }, aConversation(), line);
      };
      await react('');
      await react('👍');
      await react('');
      await react('');
      expect(harness.reactionAt('edna:71844:1')).toBeUndefined();
      expect(idsIn(chatId)).toEqual(['edna:71844:1']);
    });

    it('rejects a reaction at a message that nobody wrote', async () => {
      await deliver('1');
      const quote = { linked: outboundSourceId(SCOPE, harness.unknownMessage()) };
      const reaction = { ...message('r', { kind: 'reaction', emoji: '👍' }), quote } as const;
      await expect(crm.react(reaction, aConversation(), line)).rejects.toMatchObject({
        outcome: 'rejected',
      });
    });

    it('finds a message that is there, whether or not its chat is known', async () => {
      const delivered = await deliver('1');
      const { chatId } = delivered;
      expect(await crm.find(message('1'), aConversation({ chatId }), line)).toEqual(delivered);
      expect(await crm.find(message('1'), aConversation(), line)).toEqual(delivered);
    });

    it('finds no message that is not there, and none in a chat that is not there', async () => {
      const { chatId } = await deliver('1');
      expect(await crm.find(message('2'), aConversation({ chatId }), line)).toBeUndefined();
      const stranger = aConversation({ address: '79995550177' });
      expect(await crm.find(message('1'), stranger, line)).toBeUndefined();
    });

    it('finds a message under sixty newer ones', async () => {
      const delivered = await deliver('1');
      const { chatId } = delivered;
      for (let i = 0; i < 60; i += 1) {
        const sentAt = new Date(message('1').sentAt.getTime() + i + 1);
        await crm.deliver({ ...message(`n${i}`), sentAt }, aConversation(), line);
      }
      expect(await crm.find(message('1'), aConversation({ chatId }), line)).toEqual(delivered);
    });

    it('tells page by page what its chats hold, the newest first, who wrote it, and what time it is', async () => {
      const { chatId, participantId, messageId } = await harness.openByManager('79995550142');
      const opened = aConversation({ chatId, participantId, toBeLinked: true });
      // Times of their own: the manager wrote just now.
      for (let i = 1; i <= 60; i += 1) {
        const sentAt = new Date(Date.now() + i * 1000);
        await crm.deliver({ ...message(String(i)), sentAt }, opened, line);
      }
      const entries: ChatEntry[] = [];
      for (let page = 0, isMore = true; isMore; page += 1) {
        const some = await crm.history({ ...opened, chatId }, line, page);
        entries.push(...some.entries);
        expect(Math.abs(Number(some.at) - Date.now())).toBeLessThan(5_000);
        isMore = some.hasNext;
      }
      expect(entries).toHaveLength(61);
      expect(entries[0]).toMatchObject({ sourceId: 'edna:71844:60', isOutgoing: false });
      expect(entries[60]).toMatchObject({ messageId, isOutgoing: true });
      expect(entries[60]?.sourceId).toBeUndefined();
      expect(entries[60]?.body).toMatchObject({
        message: { conversation: { id: chatId }, message: { id: messageId } },
      });
    });

    it('tells of nothing in a chat that is not there', async () => {
      const chatId = harness.unknownMessage();
      const page = await crm.history({ ...aConversation(), chatId }, line, 0);
      expect(page).toMatchObject({ entries: [], hasNext: false });
    });

    it("marks a manager's message, as often as it is told", async () => {
      const { messageId: crmMessageId } = await harness.openByManager('79995550142');
      await crm.report({ crmMessageId, status: 'delivered' }, line);
      await crm.report({ crmMessageId, status: 'delivered' }, line);
      expect(harness.markOf(crmMessageId)).toMatchObject({ status: 'delivered' });
      await crm.report({ crmMessageId, status: 'read' }, line);
      expect(harness.markOf(crmMessageId)).toMatchObject({ status: 'read' });
    });

    it('marks a message as failed, with the reason in words', async () => {
      const { messageId: crmMessageId } = await harness.openByManager('79995550142');
      const reason = { key: 'window-closed' } as const;
      await crm.report({ crmMessageId, status: 'failed', reason }, line);
      expect(harness.markOf(crmMessageId)).toEqual({
        status: 'failed',
        code: 905,
        text: 'Прошло 24 часа с последнего сообщения клиента. Отправьте шаблон.',
      });
    });

    it('rejects a mark for a message that nobody wrote', async () => {
      const report = { crmMessageId: harness.unknownMessage(), status: 'read' } as const;
      await expect(crm.report(report, line)).rejects.toMatchObject({ outcome: 'rejected' });
    });

    it('takes nothing once the account was disconnected, until it is connected again', async () => {
      await crm.disconnect(line);
      await crm.disconnect(line);
      await expect(deliver('1')).rejects.toMatchObject({ outcome: 'blocked' });
      await crm.connect(line);
      expect(idsIn((await deliver('1')).chatId)).toEqual(['edna:71844:1']);
    });

    it('shows a chat page by page, the newest first', async () => {
      const sentAt = (n: number) => new Date(message('1').sentAt.getTime() + n);
      for (const n of [1, 2, 3]) {
        await crm.deliver({ ...message(`${n}`), sentAt: sentAt(n) }, aConversation(), line);
      }
      const { chatId } = await deliver('1');
      const page = (offset: number) => crm.messagesOf(chatId ?? '', { offset, limit: 2 }, line);
      const ids = (items: readonly { sourceId?: string }[]) =>
        items.map(({ sourceId }) => sourceId);
      expect(ids(await page(0))).toEqual(['edna:71844:3', 'edna:71844:2']);
      expect(ids(await page(2))).toEqual(['edna:71844:1']);
      expect(await page(4)).toEqual([]);
      expect(await page(0)).toMatchObject([
        { sentAt: sentAt(3), sender: { name: 'Vera' }, type: 'text', text: 'Is it in stock?' },
        {},
      ]);
    });

    it('blocks everything while the account is not connected', async () => {
      await harness.disconnect();
      await expect(deliver('1')).rejects.toMatchObject({ outcome: 'blocked' });
      await crm.connect(line);
      await crm.connect(line);
      expect(idsIn((await deliver('1')).chatId)).toEqual(['edna:71844:1']);
    });

    it('was not taken where the CRM is busy, and says for how long', async () => {
      harness.troubleNext({ kind: 'busy', seconds: 7 });
      await expect(deliver('1')).rejects.toMatchObject({
        outcome: 'not-sent',
        details: { retryAfterMs: 7_000 },
      });
      expect(idsIn((await deliver('1')).chatId)).toEqual(['edna:71844:1']);
    });

    it.each(['before', 'after'] as const)(
      'may be repeated where the answer was lost %s the message was taken',
      async (when) => {
        harness.troubleNext({ kind: 'lost', when });
        await expect(deliver('1')).rejects.toMatchObject({ outcome: 'unknown' });
        expect(idsIn((await deliver('1')).chatId)).toEqual(['edna:71844:1']);
      },
    );

    it('tells by a lookup what became of a message whose answer was lost', async () => {
      harness.troubleNext({ kind: 'lost', when: 'before' });
      await expect(deliver('1')).rejects.toMatchObject({ outcome: 'unknown' });
      expect(await crm.find(message('1'), aConversation(), line)).toBeUndefined();
      harness.troubleNext({ kind: 'lost', when: 'after' });
      await expect(deliver('2')).rejects.toMatchObject({ outcome: 'unknown' });
      expect(await crm.find(message('2'), aConversation(), line)).toBeDefined();
    });

    it('is blocked where the CRM does not know us', async () => {
      harness.troubleNext({ kind: 'refused' });
      await expect(deliver('1')).rejects.toMatchObject({ outcome: 'blocked' });
    });
  });
}
