import { inboundSourceId, outboundSourceId } from '../../src/domain/ids.js';
import type {
  Change,
  InboundEvent,
  InboundWork,
  Journal,
  Lane,
  NoteEvent,
} from '../../src/domain/journal.js';
import type { Content, Quote } from '../../src/domain/message.js';
import { anInbound, anOutbound, aReceipt, arrivals, requestIdsOf, SCOPE } from '../builders.js';
import { CRM, MESSENGER, type JournalHarness } from './journal.contract.js';

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
      const lanes = await journal.claim([CRM], 100);
      const works = await journal.read(lanes, 100);
      return lanes.map((lane, i) => [lane, (works[i] ?? []) as InboundWork[]]);
    }

    /** What the message that waits and quotes something quotes. */
    async function lastQuote(): Promise<Quote | undefined> {
      const works = (await waiting()).flatMap(([, one]) => one);
      return works.find(({ message }) => message.quote)?.message.quote;
    }

    /** A client's message that the CRM has taken as `amo-1`. */
    async function deliver(event: InboundEvent): Promise<void> {
      await journal.accept(arrivals(event));
      const [[lane, works] = []] = await waiting();
      const work = works?.[0];
      if (!lane || !work) throw new Error('no work');
      const { messageId, conversation } = work;
      const delivered = { messageId: 'amo-1' };
      await journal.settle(
        lane,
        [{ type: 'inbound-handed-over', messageId, conversation: conversation.id, delivered }],
        { until: 'next-accept' },
      );
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
      const lanes = await journal.claim([CRM], 100);
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

    describe('beside the rows of a list that a manager offered', () => {
      const offering = (id: string, ...titles: string[]) => {
        const choices = titles.map((title) => ({ title, data: `data of ${title}` }));
        const content = { kind: 'text', text: 'When?', choices } as const;
        return anOutbound(id, { message: { content } });
      };
      const answering = (id: string, text: string, address?: string) =>
        anInbound(id, {
          message: { content: { kind: 'text', text } },
          ...(address && { address }),
        });
      const picks = async () =>
        (await waiting()).flatMap(([, works]) =>
          works.map(({ message }) => [message.sourceId.slice(-1), message.callbackData]),
        );

      it('the answer says which one is picked, by title or number, of the last list', async () => {
        await journal.accept(arrivals(offering('a', 'Today'), offering('b', 'Monday', 'Friday')));
        await journal.accept(arrivals(anOutbound('c')));
        await journal.accept(
          arrivals(answering('1', 'friday'), answering('2', '1'), answering('3', 'Today')),
        );
        expect(await picks()).toEqual([
          ['1', 'data of Friday'],
          ['2', 'data of Monday'],
          ['3', undefined],
        ]);
      });

      it('the answer is one to the list that was there when it came', async () => {
        await journal.accept(arrivals(offering('a', 'Today')));
        await journal.accept(arrivals(answering('1', '1'), offering('b', 'Monday')));
        await journal.accept(arrivals(answering('2', '1')));
        journal = await harness.reopen();
        expect(await picks()).toEqual([
          ['1', 'data of Today'],
          ['2', 'data of Monday'],
        ]);
      });

      it('a number means a row for a day, and a title for good', async () => {
        const sentAt = new Date(anOutbound('a').message.sentAt.getTime() + 24 * 3_600_000 + 1);
        const later = (id: string, text: string) =>
          anInbound(id, { message: { content: { kind: 'text', text }, sentAt } });
        await journal.accept(arrivals(offering('a', 'Today', 'Later')));
        await journal.accept(arrivals(later('1', '2'), later('2', 'later')));
        expect(await picks()).toEqual([
          ['1', undefined],
          ['2', 'data of Later'],
        ]);
      });

      it('a list that was kept in its first form is one without a date', async () => {
        await journal.accept(arrivals(offering('a', 'Today')));
        const menu = JSON.stringify([{ title: 'Today', data: '01' }]);
        await harness.database.db.updateTable('conversation').set({ menu }).execute();
        await journal.accept(arrivals(answering('1', 'today'), answering('2', '1')));
        expect(await picks()).toEqual([
          ['1', '01'],
          ['2', undefined],
        ]);
      });

      it('nobody else’s answer does', async () => {
        await journal.accept(arrivals(answering('1', 'Today', '79035550177')));
        await journal.accept(arrivals(offering('a', 'Today')));
        expect(await picks()).toEqual([['1', undefined]]);
      });
    });

    describe('beside corrections of a client’s message', () => {
      const saying = (text: string) =>
        anInbound('1', { message: { content: { kind: 'text', text } } });
      const file = async (text: string) => (await journal.accept(arrivals(saying(text))))[0];
      const works = async () =>
        (await waiting()).flatMap(([, some]) =>
          some.map(({ message: { content, edits } }) => [edits, 'text' in content && content.text]),
        );
      const ORIGINAL = inboundSourceId('71844', '1');

      it('replaces what nobody has tried to send, and knows each wording again', async () => {
        expect(await file('A')).toBe('new');
        expect(await file('B')).toBe('new');
        expect(await file('B')).toBe('repeat');
        expect(await file('A')).toBe('repeat');
        expect(await works()).toEqual([[undefined, 'B']]);
      });

      it('waits behind what is being sent', async () => {
        await file('A');
        await waiting();
        expect(await file('B')).toBe('new');
        await harness.database.db.updateTable('lane').set({ owner: null }).execute();
        expect(await works()).toEqual([
          [undefined, 'A'],
          [ORIGINAL, 'B'],
        ]);
      });

      it('waits once where the message stands in the chat, also after a crash', async () => {
        await deliver(saying('A'));
        expect([await file('B'), await file('B'), await file('A')]).toEqual([
          'new',
          'repeat',
          'repeat',
        ]);
        journal = await harness.reopen();
        expect(await file('B')).toBe('repeat');
        expect(await works()).toEqual([[ORIGINAL, 'B']]);
      });

      /** The CRM refuses for good whatever waits first. */
      async function refuse(): Promise<void> {
        const [[lane, works] = []] = await waiting();
        const work = works?.[0];
        if (!lane || !work) throw new Error('no work');
        const { messageId } = work;
        await journal.settle(
          lane,
          [{ type: 'inbound-failed', messageId, reason: { key: 'amo-rejected' } }],
          { until: 'next-accept' },
        );
      }

      it('takes the place of what the CRM had refused', async () => {
        await file('A');
        await refuse();
        expect([await file('B'), await file('A'), await file('B')]).toEqual([
          'revived',
          'repeat',
          'repeat',
        ]);
        expect(await works()).toEqual([[undefined, 'B']]);
      });

      it('has another turn where the CRM had refused it', async () => {
        await deliver(saying('A'));
        await file('B');
        await refuse();
        expect([await file('A'), await file('B'), await file('B')]).toEqual([
          'repeat',
          'revived',
          'repeat',
        ]);
        expect(await works()).toEqual([[ORIGINAL, 'B']]);
      });

      it('puts words in the place of a line that said there were none', async () => {
        const withheld = {
          kind: 'unsupported',
          substitute: 'withheld',
          type: 'x',
          text: '',
        } as const;
        await deliver(anInbound('1', { message: { content: withheld } }));
        expect([await file('A'), await file('A')]).toEqual(['new', 'repeat']);
        const again = anInbound('1', { message: { content: withheld } });
        expect(await journal.accept(arrivals(again))).toEqual(['repeat']);
        expect(await works()).toEqual([[ORIGINAL, 'A']]);
      });

      it('costs what comes behind it none of its time', async () => {
        await deliver(saying('A'));
        await journal.accept(arrivals(saying('B'), anInbound('2')));
        await journal.accept(arrivals(anInbound('3')));
        const times = (await waiting()).flatMap(([, some]) =>
          some.map(({ message: { sentAt } }) => sentAt.getTime()),
        );
        expect(times).toHaveLength(3);
        expect(new Set(times).size).toBe(3);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      });

      it('is nothing where the words were forgotten', async () => {
        await deliver(saying('A'));
        await harness.database.db.updateTable('message').set({ content: null }).execute();
        expect(await file('B')).toBe('repeat');
      });
    });

    describe('of managers', () => {
      /** What a manager writes to quote what the CRM calls `amo-1`, as it is to be sent. */
      async function quotingOf(quote: Quote): Promise<Content | undefined> {
        await journal.accept(arrivals(anOutbound('b', { message: { quote } })));
        const works = (await journal.read(await journal.claim([MESSENGER], 100), 100)).flat();
        const work = works.find((one) => 'message' in one && one.message.quote);
        return work && 'message' in work ? work.message.content : undefined;
      }
      const answered = (line: string) => ({ kind: 'text', text: `${line}Yes, it is` });

      it('stand in words, by the id amoCRM gave the client’s message', async () => {
        await deliver(anInbound('1'));
        expect(await quotingOf({ messageId: 'amo-1' })).toEqual(answered('↩ «Is it in stock?»\n'));
      });

      it('stand in words, by our own id of either side’s message', async () => {
        await journal.accept(arrivals(anOutbound('a')));
        const quote = { messageId: 'a', sourceId: OURS };
        expect(await quotingOf(quote)).toEqual(answered('↩ «Yes, it is»\n'));
      });

      it('are left out where nothing is known of them', async () => {
        expect(await quotingOf({ messageId: 'amo-9' })).toEqual(answered(''));
      });

      it('are left out where they are of another chat', async () => {
        await deliver(anInbound('1', { address: '79035550177' }));
        expect(await quotingOf({ messageId: 'amo-1' })).toEqual(answered(''));
      });
    });

    describe('and what the CRM tells of messages that are there', () => {
      const noted = (crmMessageId: string, of: Partial<NoteEvent> = {}): NoteEvent => ({
        type: 'note',
        crmMessageId,
        sourceId: outboundSourceId(SCOPE, crmMessageId),
        what: 'reacted',
        at: new Date(1772529600_000),
        ...of,
      });
      const timeline = async () =>
        (await harness.database.db.selectFrom('attempt').select(['kind', 'outcome']).execute()).map(
          ({ kind, outcome }) => `${kind} ${outcome}`,
        );

      it('is noted once, whichever side wrote them', async () => {
        await deliver(anInbound('1'));
        await journal.accept(arrivals(anOutbound('a')));
        expect(
          await journal.accept(
            arrivals(
              noted('amo-1'),
              noted('a', { what: 'deleted' }),
              noted('a', { what: 'deleted' }),
              noted('a', { what: 'edited' }),
              noted('somebody-else’s'),
            ),
          ),
        ).toEqual(['new', 'new', 'repeat', 'new', 'unknown']);
        expect(await timeline()).toEqual(['reacted noted', 'deleted noted', 'edited noted']);
      });

      it('is an echo where it is the client’s own message, and goes nowhere', async () => {
        await deliver(anInbound('1'));
        expect(await journal.accept(arrivals(anOutbound('amo-1'), anOutbound('b')))).toEqual([
          'repeat',
          'new',
        ]);
        const works = (await journal.read(await journal.claim([MESSENGER], 100), 100)).flat();
        expect(works).toHaveLength(1);
      });
    });
  });
}
