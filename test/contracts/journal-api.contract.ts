import { sql } from 'kysely';
import { apiSourceId, lineKey } from '../../src/domain/ids.js';
import type {
  Change,
  InboundEvent,
  InboundWork,
  Journal,
  Lane,
  OutboundWork,
  ReportWork,
  Work,
} from '../../src/domain/journal.js';
import { SqlApiCalls } from '../../src/infrastructure/journal/api-calls.js';
import { SqlStories } from '../../src/infrastructure/journal/stories.js';
import { anInbound, anOutbound, arrivals, LINE, SCOPE } from '../builders.js';
import { CRM, MESSENGER, type JournalHarness } from './journal.contract.js';

const REF = '93ac7d15-4e28-4f60-8b1d-0c52e7f4a6b8';
const DONE = { status: 202, body: { id: 'api:k' } };

/** A message that another program puts into the chat of `anInbound` in a manager's name. */
function anImport(key: string, words = 'Yes, it is', of: Partial<InboundEvent> = {}): InboundEvent {
  const author = { kind: 'manager', id: 'u-3', refId: REF } as const;
  const content = { kind: 'text', text: words } as const;
  return {
    ...anInbound('0', {
      message: { sender: { name: 'Oleg' }, content, author, silent: true },
    }),
    ...of,
    message: {
      ...anInbound('0', { message: { content, author, ...of.message } }).message,
      sourceId: apiSourceId(key),
    },
  };
}

/** What every journal does for other programs, whatever it is kept in. */
export function describeApi(name: string, open: () => Promise<JournalHarness>): void {
  describe(`a journal for other programs on ${name}`, () => {
    let harness: JournalHarness;
    let journal: Journal;
    beforeEach(async () => {
      harness = await open();
      journal = harness.journal;
    });
    afterEach(() => harness.close());

    async function take<W extends Work>(gate: typeof CRM): Promise<[Lane, readonly W[]][]> {
      const lanes = await journal.claim([gate], 100);
      const works = await journal.read(lanes, 100);
      return lanes.map((lane, i) => [lane, (works[i] ?? []) as W[]]);
    }
    async function takeOne<W extends Work>(gate: typeof CRM): Promise<[Lane, W]> {
      const [[lane, works] = []] = await take<W>(gate);
      const work = works?.[0];
      if (!lane || !work) throw new Error('no work');
      return [lane, work];
    }
    const handedOver = (work: InboundWork, messageId: string): Change => ({
      type: 'inbound-handed-over',
      messageId: work.messageId,
      conversation: work.conversation.id,
      delivered: { messageId },
      ...(work.message.author && { isImport: true }),
    });
    const calls = () => new SqlApiCalls(harness.database);
    const stories = () => new SqlStories(harness.database);

    describe('a key', () => {
      it('is the first caller’s until he gives it back, then its answer is everybody’s', async () => {
        const one = calls();
        expect(await one.begin('k', 'f')).toMatchObject({ state: 'mine', again: false });
        expect(await one.begin('k', 'f')).toEqual({ state: 'running' });
        expect(await one.begin('k', 'g')).toEqual({ state: 'other' });
        await one.remember('k', DONE);
        expect(await one.begin('k', 'f')).toEqual({ state: 'answered', answer: DONE });
        expect(await one.begin('k', 'g')).toEqual({ state: 'other' });
        await harness.reopen();
        expect(await calls().begin('k', 'f')).toEqual({ state: 'answered', answer: DONE });
      });

      it('that was left is free for the same call, which knows since when it may have been done', async () => {
        const one = calls();
        const first = await one.begin('k', 'f');
        await one.leave('k');
        expect(await one.begin('k', 'g')).toEqual({ state: 'other' });
        expect(await one.begin('k', 'f')).toEqual({ ...first, again: true });
      });

      it('of a process that died is free for the next', async () => {
        await calls().begin('k', 'f');
        await harness.reopen();
        if (name !== 'SQLite') {
          // Of several processes nobody knows which one still does it; none does for so long.
          expect(await calls().begin('k', 'f')).toEqual({ state: 'running' });
          await sql`update api_call set taken_at = taken_at - ${20 * 60_000 + 1}`.execute(
            harness.database.db,
          );
        }
        expect(await calls().begin('k', 'f')).toMatchObject({ state: 'mine', again: true });
      });

      it('that another process has taken over is not given back by the one that was too slow', async () => {
        const [slow, next] = [calls(), calls()];
        await slow.begin('k', 'f');
        await sql`update api_call set taken_at = taken_at - ${20 * 60_000 + 1}`.execute(
          harness.database.db,
        );
        expect(await next.begin('k', 'f')).toMatchObject({ state: 'mine', again: true });
        await slow.leave('k');
        const { rows } = await sql<{ owner: string | null }>`select owner from api_call`.execute(
          harness.database.db,
        );
        expect(rows).toEqual([{ owner: expect.any(String) }]);
        await next.leave('k');
        expect(await slow.begin('k', 'f')).toMatchObject({ state: 'mine', again: true });
      });

      it('is one caller’s, however many come at once', async () => {
        const one = calls();
        const all = await Promise.all(Array.from({ length: 10 }, () => one.begin('k', 'f')));
        expect(all.filter(({ state }) => state === 'mine')).toHaveLength(1);
        expect(all.filter(({ state }) => state === 'running')).toHaveLength(9);
        if (name === 'SQLite') return;
        const processes = [calls(), calls(), calls()];
        const spread = await Promise.all(
          Array.from({ length: 12 }, (_, i) => processes[i % 3]!.begin('k-2', 'f')),
        );
        expect(spread.filter(({ state }) => state === 'mine')).toHaveLength(1);
        expect(spread.filter(({ state }) => state === 'running')).toHaveLength(11);
      });

      it('is forgotten after a day, unless its call is being done', async () => {
        const one = calls();
        await one.begin('done', 'f');
        await one.remember('done', DONE);
        await one.begin('running', 'f');
        const age = (ms: number) =>
          sql`update api_call set begun_at = begun_at - ${ms}`.execute(harness.database.db);
        await age(23 * 3_600_000);
        await journal.prune(30);
        expect(await one.begin('done', 'f')).toMatchObject({ state: 'answered' });
        await age(2 * 3_600_000);
        await journal.prune(30);
        expect(await one.begin('done', 'f')).toMatchObject({ state: 'mine', again: false });
        expect(await one.begin('running', 'f')).toEqual({ state: 'running' });
      });

      it('is forgotten, too, where its process died over it', async () => {
        await calls().begin('k', 'f');
        await harness.reopen();
        await sql`update api_call set begun_at = begun_at - ${25 * 3_600_000},
          taken_at = taken_at - ${25 * 3_600_000}`.execute(harness.database.db);
        await harness.journal.prune(30);
        const { rows } = await sql`select key from api_call`.execute(harness.database.db);
        expect(rows).toEqual([]);
      });
    });

    describe('a manager’s message with the words of one on its way into the chat', () => {
      const echo = async () => {
        const [[lane, works] = []] = await take<OutboundWork>(MESSENGER);
        if (!lane || !works) throw new Error('no lane');
        await journal.settle(lane, [], { afterMs: 0 });
        return works.map((work) => work.echo);
      };

      it('may be just that until the CRM has named it, and is it then', async () => {
        await journal.accept(arrivals(anImport('k')));
        const [lane, work] = await takeOne<InboundWork>(CRM);
        await journal.accept(arrivals(anOutbound('a'), anOutbound('b')));
        expect(await echo()).toEqual(['possible', 'possible']);
        await journal.settle(lane, [handedOver(work, 'a')], { until: 'next-accept' });
        expect(await echo()).toEqual(['certain', undefined]);

        const [own, outbound] = await takeOne<OutboundWork>(MESSENGER);
        await journal.settle(own, [{ type: 'outbound-was-echo', messageId: outbound.messageId }], {
          afterMs: 0,
        });
        expect(await echo()).toEqual([undefined]);
        expect(await journal.accept(arrivals(anOutbound('a')))).toEqual(['repeat']);
      });

      it('is none where nothing is on its way, or something else, or in another chat', async () => {
        await journal.accept(arrivals(anOutbound('a')));
        expect(await echo()).toEqual([undefined]);
        await journal.accept(arrivals(anImport('k')));
        const other = { message: { content: { kind: 'text', text: 'No' } } } as const;
        await journal.accept(arrivals(anOutbound('b', other)));
        expect(await echo()).toEqual(['possible', undefined]);
        await journal.accept(arrivals(anInbound('1', { address: '79995550177' })));
        const elsewhere = { conversationId: 'edna:71844:79995550177', chatId: 'c-2' };
        await journal.accept(arrivals(anOutbound('c', elsewhere)));
        const lanes = await take<OutboundWork>(MESSENGER);
        const works = lanes.flatMap(([, all]) => all);
        expect(works.map((one) => one.echo)).toEqual(
          expect.arrayContaining(['possible', undefined, undefined]),
        );
        expect(works.find(({ conversation }) => conversation.chatId === 'c-2')?.echo).toBe(
          undefined,
        );
      });
    });

    describe('a mark', () => {
      const mark = (messageId: number, status: 'failed' | 'read') =>
        journal.accept(
          arrivals({
            type: 'mark',
            messageId,
            receipt:
              status === 'failed'
                ? { status, reason: { key: 'told', args: { code: '904', text: 'x' } } }
                : { status },
          }),
        );
      const reports = async () => {
        const lanes = await take<ReportWork>(CRM);
        for (const [lane] of lanes) await journal.settle(lane, [], { afterMs: 0 });
        return lanes.flatMap(([, works]) => works).filter(({ kind }) => kind === 'status');
      };

      it('of what the CRM has not taken yet is due once it has', async () => {
        await journal.accept(arrivals(anImport('k')));
        const [lane, work] = await takeOne<InboundWork>(CRM);
        expect(await mark(work.messageId, 'failed')).toEqual(['new']);
        expect(await reports()).toEqual([]);
        await journal.settle(lane, [handedOver(work, 'amo-1')], { until: 'next-accept' });
        expect(await reports()).toMatchObject([
          {
            status: 'failed',
            reason: { key: 'told', args: { code: '904', text: 'x' } },
            imported: { crmMessageId: 'amo-1', message: { author: { refId: REF } } },
          },
        ]);
        await mark(work.messageId, 'read');
        await mark(work.messageId, 'failed');
        expect(await reports()).toMatchObject([{ status: 'read' }]);
      });

      it('of nothing is unknown', async () => {
        expect(await mark(77, 'read')).toEqual(['unknown']);
      });
    });

    it('opens no window with what a program writes, and keeps its time', async () => {
      const late = new Date('2026-02-03T09:00:00Z');
      await journal.accept(arrivals(anInbound('1')));
      const [first] = await stories().conversations('address', '79995550142', [LINE]);
      await journal.accept(
        arrivals(
          anImport('k', 'earlier', {
            keepsTime: true,
            message: { ...anImport('k').message, sentAt: late },
          }),
        ),
      );
      await journal.accept(arrivals(anInbound('2')));
      const [now] = await stories().conversations('address', '79995550142', [LINE]);
      expect(now?.lastInboundAt).toEqual(first?.lastInboundAt);
      const [[, works] = []] = await take<InboundWork>(CRM);
      const [one, between, two] = works ?? [];
      expect(between?.message.sentAt).toEqual(late);
      expect(two?.message.sentAt.getTime()).toBe(Number(one?.message.sentAt) + 1);
    });

    describe('what a program puts into the chat that a manager has opened', () => {
      const chat = { chatId: 'c-1', participantId: 'p-1' };
      const opens = (id: string, of: { chatId: string; participantId: string }) =>
        anOutbound(id, { conversationId: undefined, writesFirst: true, ...of });
      beforeEach(async () => {
        await journal.accept(arrivals(opens('a', chat), anImport('k')));
        const [lane, work] = await takeOne<InboundWork>(CRM);
        const delivered = { messageId: 'm-1', ...chat };
        const change = { ...handedOver(work, 'm-1'), delivered } as Change;
        await journal.settle(lane, [change], { until: 'next-accept' });
      });

      it('leaves it to be linked by the client’s own answer', async () => {
        await journal.accept(arrivals(anInbound('1')));
        const [lane, answer] = await takeOne<InboundWork>(CRM);
        expect(answer.conversation).toMatchObject({ ...chat, toBeLinked: true });
        const delivered = { messageId: 'm-2', ...chat };
        const change = { ...handedOver(answer, 'm-2'), delivered, linkedChatId: 'c-1' } as Change;
        await journal.settle(lane, [change], { until: 'next-accept' });
        await journal.accept(arrivals(anInbound('2')));
        const [, next] = await takeOne<InboundWork>(CRM);
        expect(next.conversation).toMatchObject({ ...chat, toBeLinked: false });
      });

      it('keeps the client there, though another manager opens one', async () => {
        await journal.accept(arrivals(opens('b', { chatId: 'c-2', participantId: 'p-2' })));
        await journal.accept(arrivals(anInbound('1')));
        const [, answer] = await takeOne<InboundWork>(CRM);
        expect(answer.conversation).toMatchObject(chat);
      });
    });

    it('takes no words for a correction that come again with another program’s key', async () => {
      await journal.accept(arrivals(anImport('k', 'one')));
      expect(await journal.accept(arrivals(anImport('k', 'two')))).toEqual(['repeat']);
      const [, work] = await takeOne<InboundWork>(CRM);
      expect(work.message.content).toMatchObject({ text: 'one' });
    });

    it('knows a chat that was opened before anybody wrote', async () => {
      const chat = {
        type: 'chat',
        line: LINE,
        channel: '71844',
        address: '79995550142',
        chatId: 'c-1',
        participantId: 'p-1',
      } as const;
      await journal.accept(arrivals(chat));
      await journal.accept(arrivals({ ...chat, chatId: 'c-2' }));
      expect(await stories().conversations('chatId', 'c-1', [LINE])).toMatchObject([
        {
          conversationId: 'edna:71844:79995550142',
          participantId: 'p-1',
          toBeLinked: false,
          isUnmet: true,
        },
      ]);
      expect(await stories().conversations('chatId', 'c-2', [LINE])).toEqual([]);
      const others = [[], [lineKey(SCOPE, 'another')]];
      for (const lines of others) {
        expect(await stories().conversations('chatId', 'c-1', lines)).toEqual([]);
      }
    });

    it('knows until the client has written that only another program has opened the chat', async () => {
      const now = async () => (await stories().conversations('address', '79995550142', [LINE]))[0];
      await journal.accept(arrivals(anImport('k')));
      let [lane, work] = await takeOne<InboundWork>(CRM);
      const delivered = { messageId: 'm-1', chatId: 'c-1', participantId: 'p-1' };
      const settle = (change: Change) => journal.settle(lane, [change], { until: 'next-accept' });
      await settle({ ...handedOver(work, 'm-1'), delivered } as Change);
      expect(await now()).toMatchObject({ chatId: 'c-1', isUnmet: true });
      await journal.accept(arrivals(anInbound('1')));
      [lane, work] = await takeOne<InboundWork>(CRM);
      expect(work.conversation).toMatchObject({ chatId: 'c-1', isUnmet: true });
      await settle({ ...handedOver(work, 'm-2'), delivered } as Change);
      expect(await now()).toMatchObject({ chatId: 'c-1', toBeLinked: false });
      expect(await now()).not.toHaveProperty('isUnmet');
    });
  });
}
