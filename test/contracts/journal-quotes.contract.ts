import { inboundSourceId, outboundSourceId } from '../../src/domain/ids.js';
import type { Change, InboundWork, Journal, Lane } from '../../src/domain/journal.js';
import type { Quote } from '../../src/domain/message.js';
import { anInbound, anOutbound, aReceipt, arrivals, requestIdsOf, SCOPE } from '../builders.js';
import { CRM, type JournalHarness } from './journal.contract.js';

/** What every journal knows of quotes, whatever it is kept in. */
export function describeQuotes(name: string, open: () => Promise<JournalHarness>): void {
  describe(`quotes in a journal on ${name}`, () => {
    let harness: JournalHarness;
    let journal: Journal;

    beforeEach(async () => {
      harness = await open();
      journal = harness.journal;
    });
    afterEach(() => harness.close());

    const quoting = (id: string, quote: Quote, address = '79995550142') =>
      anInbound(id, { address, message: { quote } });

    /** The client messages that wait, and their lane. */
    async function waiting(): Promise<[Lane, readonly InboundWork[]][]> {
      const lanes = await journal.claim(CRM, 100);
      const works = await journal.read(lanes, 100);
      return lanes.map((lane, i) => [lane, (works[i] ?? []) as InboundWork[]]);
    }

    /** What the message that waits and quotes something quotes. */
    async function lastQuote(): Promise<Quote | undefined> {
      const works = (await waiting()).flatMap(([, one]) => one);
      return works.find(({ message }) => message.quote)?.message.quote;
    }

    const OURS = outboundSourceId(SCOPE, 'a');
    const REQUEST = requestIdsOf(OURS)[0] ?? '';

    it('are linked to what a manager wrote, by our request id', async () => {
      await journal.accept(arrivals(anOutbound('a'), quoting('1', { requestId: REQUEST })));
      expect(await lastQuote()).toEqual({
        requestId: REQUEST,
        linked: OURS,
        text: 'Yes, it is',
      });
    });

    it('are linked to any part of what a manager wrote', async () => {
      const content = {
        kind: 'picture',
        attachment: { url: 'https://files.example.test/a.jpg' },
        caption: 'red',
      } as const;
      const sent = anOutbound('a', { message: { content } });
      const requestId = sent.requestIds[1];
      await journal.accept(arrivals(sent, quoting('1', { requestId })));
      expect(await lastQuote()).toMatchObject({ linked: OURS, text: 'red' });
    });

    it('are linked by the messenger’s id, once a receipt has told it', async () => {
      await journal.accept(arrivals(anOutbound('a'), quoting('1', { messageId: '903311' })));
      const lanes = await journal.claim(CRM, 100);
      const quotes = async () =>
        (await journal.read(lanes, 9))
          .flat()
          .map((work) => ('message' in work ? work.message.quote : undefined));
      expect(await quotes()).toEqual([{ messageId: '903311' }]);

      await journal.accept(arrivals(aReceipt('a', 'delivered', { messengerId: '903311' })));
      expect(await quotes()).toMatchObject([{ linked: OURS, text: 'Yes, it is' }]);
    });

    it('are linked to what the client wrote before, also while that waits itself', async () => {
      const sourceId = inboundSourceId('71844', '1');
      await journal.accept(arrivals(anInbound('1'), quoting('2', { sourceId })));
      expect(await lastQuote()).toEqual({ sourceId, linked: sourceId, text: 'Is it in stock?' });
    });

    it('stand in words where the quoted message did not reach the chat', async () => {
      const sourceId = inboundSourceId('71844', '1');
      await journal.accept(arrivals(anInbound('1')));
      const [[lane, works] = []] = await waiting();
      const work = works?.[0];
      if (!lane || !work) throw new Error('no work');
      const failed: Change = {
        type: 'inbound-failed',
        messageId: work.messageId,
        reason: { key: 'amo-rejected' },
      };
      await journal.settle(lane, [failed], { until: 'next-accept' });
      await journal.accept(arrivals(quoting('2', { sourceId })));
      expect(await lastQuote()).toEqual({ sourceId, text: 'Is it in stock?' });
    });

    it('stand in words where the quoted message is of another channel of the client', async () => {
      const sourceId = inboundSourceId('5', '1');
      await journal.accept(arrivals(anInbound('1', { channel: '5' }), quoting('2', { sourceId })));
      expect(await lastQuote()).toEqual({ sourceId, text: 'Is it in stock?' });
    });

    it('show nothing of another client’s message', async () => {
      const sourceId = inboundSourceId('71844', '1');
      await journal.accept(
        arrivals(anInbound('1', { address: '79035550177' }), quoting('2', { sourceId })),
      );
      expect(await lastQuote()).toEqual({ sourceId });
    });

    it('are linked without words where the words were forgotten, and left alone where nothing is known', async () => {
      const sourceId = inboundSourceId('71844', '1');
      await journal.accept(arrivals(anOutbound('a')));
      await harness.database.db.updateTable('message').set({ content: null }).execute();
      await journal.accept(
        arrivals(quoting('2', { sourceId }), quoting('3', { requestId: REQUEST })),
      );
      const works = (await waiting()).flatMap(([, one]) => one);
      expect(works.map(({ message }) => message.quote)).toEqual([
        { sourceId },
        { requestId: REQUEST, linked: OURS },
      ]);
    });
  });
}
