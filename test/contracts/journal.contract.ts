import { sql } from 'kysely';
import { JournalUnavailable } from '../../src/domain/errors.js';
import {
  inboundSourceId,
  lineKey,
  noticeSourceId,
  outboundSourceId,
  scopeId,
} from '../../src/domain/ids.js';
import type {
  Change,
  Gate,
  InboundWork,
  Journal,
  Lane,
  OutboundWork,
  ReportWork,
  Work,
} from '../../src/domain/journal.js';
import type { Route } from '../../src/domain/ports.js';
import type { Database } from '../../src/infrastructure/journal/database.js';
import { aMessage, anInbound, anOutbound, aReceipt, arrivals, LINE, SCOPE } from '../builders.js';

/** A fresh, empty store, and what a spec may do to it. */
export interface JournalHarness {
  readonly journal: Journal;
  readonly database: Database;
  /** Ends the journal in good order and opens a new one on the same store. */
  reopen(): Promise<Journal>;
  /** A second process on the same store, where the store takes one. */
  another?(): Promise<Journal>;
  /** As if the process of `journal` had died long ago. */
  kill(): Promise<void>;
  /** From here on nothing can be committed, until `mend`. */
  breakStore(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** Of another company. */
const OTHER_LINE = lineKey(scopeId('channel', 'another-account'));

export const CRM: Gate = { line: LINE, upstream: 'crm' };
export const MESSENGER: Gate = { line: LINE, upstream: 'messenger' };

const CASCADE: Route = { dialect: 'cascade', dropsRepeats: true, cascadeId: '9026' };
const SIMPLE: Route = { dialect: 'simple', dropsRepeats: false };
const FILE = {
  kind: 'file',
  attachment: { url: 'https://files.example.test/a.pdf' },
  caption: 'see page 2',
} as const;

/** What every journal promises, whatever it is kept in. */
export function describeJournal(name: string, open: () => Promise<JournalHarness>): void {
  describe(`a journal on ${name}`, () => {
    let harness: JournalHarness;
    let journal: Journal;

    beforeEach(async () => {
      harness = await open();
      journal = harness.journal;
    });
    afterEach(() => harness.close());

    /** Everything that waits behind a gate, claimed. */
    async function take(gate: Gate, by: Journal = journal): Promise<[Lane, readonly Work[]][]> {
      const lanes = await by.claim([gate], 1_000);
      const works = await by.read(lanes, 100);
      return lanes.map((lane, i) => [lane, works[i] ?? []]);
    }

    async function takeOne<W extends Work>(gate: Gate, by: Journal = journal): Promise<[Lane, W]> {
      const [first, ...rest] = await take(gate, by);
      if (!first || rest.length > 0) throw new Error(`${rest.length + 1} lanes`);
      const [lane, [work]] = first;
      if (!work) throw new Error('an empty lane');
      return [lane, work as W];
    }

    const textOf = (work: Work) =>
      'message' in work && work.message.content.kind === 'text' ? work.message.content.text : '';

    function handedOver(work: Work, chatId?: string): Change {
      return {
        type: 'inbound-handed-over',
        messageId: work.messageId,
        conversation: 'conversation' in work ? work.conversation.id : 0,
        delivered: { messageId: 'amo-1', chatId },
      };
    }

    describe('accepting', () => {
      it('keeps a message until it is handed over', async () => {
        expect(await journal.accept(arrivals(anInbound('1')))).toEqual(['new']);

        const [lane, work] = await takeOne<InboundWork>(CRM);
        expect(work.message).toEqual(anInbound('1').message);
        expect(work.conversation).toMatchObject({
          line: LINE,
          channel: '71844',
          address: '79995550142',
          conversationId: 'edna:71844:79995550142',
          subject: 'acme_wa_main',
          toBeLinked: false,
        });
        expect(work.tries).toBe(0);
        expect(await journal.settle(lane, [handedOver(work)], { until: 'next-accept' })).toBe(
          'released',
        );
        expect(await take(CRM)).toEqual([]);
      });

      it('recognises a message that comes again, also after it was handed over', async () => {
        await journal.accept(arrivals(anInbound('1')));
        expect(await journal.accept(arrivals(anInbound('1')))).toEqual(['repeat']);
        const [lane, work] = await takeOne(CRM);
        await journal.settle(lane, [handedOver(work)], { until: 'next-accept' });

        expect(await journal.accept(arrivals(anInbound('1')))).toEqual(['repeat']);
        const [again] = await take(CRM);
        expect(again?.[1] ?? []).toEqual([]);
      });

      it('tells a message that comes twice in one group', async () => {
        const filed = await Promise.all([
          journal.accept(arrivals(anInbound('1'))),
          journal.accept(arrivals(anInbound('2'))),
          journal.accept(arrivals(anInbound('1'))),
        ]);
        expect(filed.flat()).toEqual(['new', 'new', 'repeat']);
        expect((await take(CRM))[0]?.[1]).toHaveLength(2);
      });

      it('keeps messages of one conversation in one group in order, at times that grow', async () => {
        const at = new Date('2026-02-03T09:20:41Z');
        await Promise.all(
          ['c', 'a', 'b'].map((id) =>
            journal.accept(arrivals(anInbound(id, { message: { sentAt: at } }))),
          ),
        );
        await journal.accept(arrivals(anInbound('late', { message: { sentAt: new Date(1) } })));

        const [, works] = (await take(CRM))[0] as [Lane, InboundWork[]];
        expect(works.map((work) => work.message.sourceId)).toEqual(
          ['c', 'a', 'b', 'late'].map((id) => inboundSourceId('71844', id)),
        );
        expect(works.map((work) => work.message.sentAt.getTime() - at.getTime())).toEqual([
          0, 1, 2, 3,
        ]);
      });

      it('keeps directions of one conversation in lanes of their own', async () => {
        await journal.accept(arrivals(anInbound('1'), anOutbound('a')));
        expect(await take(CRM)).toHaveLength(1);
        const [, work] = await takeOne<OutboundWork>(MESSENGER);
        expect(work.conversation).toMatchObject({ address: '79995550142', channel: '71844' });
      });

      it('puts one bad message of a group into the quarantine and files the others', async () => {
        const bad = anInbound('x'.repeat(600));
        const filed = await Promise.all(
          [anInbound('1'), bad, anInbound('2')].map((event) => journal.accept(arrivals(event))),
        );
        expect(filed.flat()).toEqual(['new', 'quarantined', 'new']);
        expect((await take(CRM))[0]?.[1]).toHaveLength(2);
        const [entry] = await journal.quarantined(10);
        expect(entry).toMatchObject({ origin: { webhook: 'edna' } });
        expect(entry?.reason).toMatch(/^not-storable/);
        expect(entry?.raw.toString()).toBe('{"as":"it came"}');
      });

      it('stores text that no database takes as it is', async () => {
        const nasty = 'a\0b\ud800c👋\u200b';
        await journal.accept(
          arrivals(
            anInbound('n\0ul', {
              address: '7999\0',
              message: { sender: { name: '\udfff' }, content: { kind: 'text', text: nasty } },
            }),
          ),
        );
        const [, work] = await takeOne<InboundWork>(CRM);
        expect(textOf(work)).toBe('ab\ufffdc👋\u200b');
        expect(work.message.sender.name).toBe('\ufffd');
        expect(work.conversation.address).toBe('7999');
      });

      it('says that it is away while nothing can be committed, and comes back', async () => {
        await harness.breakStore();
        await expect(journal.accept(arrivals(anInbound('1')))).rejects.toThrow(JournalUnavailable);
        await expect(journal.check()).rejects.toThrow(JournalUnavailable);
        await harness.mend();
        await journal.check();
        expect(await journal.accept(arrivals(anInbound('1')))).toEqual(['new']);
      });

      it('revives a client message that had failed, and no manager message', async () => {
        await journal.accept(arrivals(anInbound('1'), anOutbound('a')));
        const [lane, work] = await takeOne(CRM);
        await journal.settle(
          lane,
          [{ type: 'inbound-failed', messageId: work.messageId, reason: { key: 'amo-rejected' } }],
          { until: 'next-accept' },
        );
        expect((await journal.state()).failedInbound).toBe(1);
        const [out, outWork] = await takeOne<OutboundWork>(MESSENGER);
        await journal.settle(
          out,
          [
            {
              type: 'outbound-failed',
              messageId: outWork.messageId,
              partId: outWork.parts[0]?.id ?? 0,
              reason: { key: 'gave-up' },
            },
          ],
          { until: 'next-accept' },
        );

        expect(await journal.accept(arrivals(anInbound('1'), anOutbound('a')))).toEqual([
          'revived',
          'repeat',
        ]);
        expect((await journal.state()).failedInbound).toBe(0);
        const crm = (await take(CRM)).find(([{ kind }]) => kind === 'inbound');
        expect(crm?.[1]).toHaveLength(1);
        expect((await take(MESSENGER))[0]?.[1] ?? []).toHaveLength(0);
      });
    });

    describe('lanes', () => {
      it('belong to one worker at a time', async () => {
        await journal.accept(arrivals(anInbound('1')));
        const other = (await harness.another?.()) ?? journal;
        const claims = await Promise.all([
          take(CRM),
          take(CRM, other),
          take(CRM),
          take(CRM, other),
        ]);
        expect(claims.flat()).toHaveLength(1);
      });

      it('come in the order in which they became due, and no more than asked for', async () => {
        for (const address of ['1', '2', '3']) {
          await journal.accept(arrivals(anInbound(address, { address: `7999555000${address}` })));
        }
        expect(await journal.claim([CRM], 2)).toHaveLength(2);
        expect(await journal.claim([CRM], 2)).toHaveLength(1);
        expect(await journal.claim([{ ...CRM, line: 'another' as Gate['line'] }], 9)).toEqual([]);
      });

      describe('behind many gates', () => {
        const gateOf = (n: number): Gate => ({ ...CRM, line: `line-${n}` as Gate['line'] });
        /** So many lanes behind each gate, by its number. */
        const fill = async (...lanes: readonly number[]) => {
          for (const [n, count] of lanes.entries()) {
            const { line } = gateOf(n);
            for (let i = 0; i < count; i += 1) {
              const address = `7999555${1_000 + 100 * n + i}`;
              await journal.accept(arrivals(anInbound(`${n}-${i}`, { address, line })));
            }
          }
        };
        /** How many of each gate were taken. */
        const counted = (lanes: readonly Lane[], gates: number) =>
          Array.from({ length: gates }, (_, n) => {
            return lanes.filter(({ line }) => line === gateOf(n).line).length;
          });

        it('are taken at once, and none behind a gate that is not named', async () => {
          await fill(2, 1, 3, 0, 2);
          const lanes = await journal.claim([0, 2, 3, 4].map(gateOf), 100);
          expect(counted(lanes, 5)).toEqual([2, 0, 3, 0, 2]);
          expect(await journal.claim([0, 2, 3, 4].map(gateOf), 100)).toEqual([]);
          expect(await journal.claim([gateOf(1)], 100)).toHaveLength(1);
          expect(await journal.claim([], 100)).toEqual([]);
        });

        it('are no more than there is room for behind each', async () => {
          await fill(5, 5, 5);
          const rooms = [1, undefined, 3];
          const gates = rooms.map((room, n) => ({ ...gateOf(n), ...(room && { room }) }));
          expect(counted(await journal.claim(gates, 100), 3)).toEqual([1, 5, 3]);
        });

        it('are shared evenly where there are too many, and what one leaves is for the others', async () => {
          await fill(9, 9, 1);
          const gates = [0, 1, 2].map(gateOf);
          expect(counted(await journal.claim(gates, 9), 3)).toEqual([4, 4, 1]);
          expect(counted(await journal.claim(gates, 3), 3)).toEqual([2, 1, 0]);
          expect(counted(await journal.claim(gates, 1), 3)).toEqual([1, 0, 0]);
          expect(counted(await journal.claim(gates, 100), 3)).toEqual([2, 4, 0]);
        });

        it('lead to the side that is asked for', async () => {
          await fill(1);
          await journal.accept(arrivals(anOutbound('a', { line: gateOf(0).line })));
          const both = [gateOf(0), { ...gateOf(0), upstream: 'messenger' as const }];
          expect(await journal.claim(both.slice(1), 9)).toMatchObject([{ kind: 'outbound' }]);
          expect(await journal.claim(both, 9)).toMatchObject([{ kind: 'inbound' }]);
        });

        it('are of the longest due, behind each', async () => {
          await fill(3, 3);
          const first = await journal.claim([gateOf(0), gateOf(1)], 2);
          const works = (await journal.read(first, 1)).flat() as InboundWork[];
          expect(works.map(({ message }) => message.sourceId).toSorted()).toEqual([
            'edna:71844:0-0',
            'edna:71844:1-0',
          ]);
        });
      });

      it('are not given up when something was accepted since they were read', async () => {
        await journal.accept(arrivals(anInbound('1')));
        const [lane, work] = await takeOne(CRM);
        await journal.accept(arrivals(anInbound('2')));

        const released = await journal.settle(lane, [handedOver(work)], { until: 'next-accept' });
        expect(released).toBe('more');
        const [[next]] = (await journal.read([lane], 10)) as [[InboundWork]];
        expect(next.message.sourceId).toBe(inboundSourceId('71844', '2'));
        expect(await journal.settle(lane, [handedOver(next)], { until: 'next-accept' })).toBe(
          'released',
        );
      });

      it('never strand a message, however accepts and releases interleave', async () => {
        const other = (await harness.another?.()) ?? journal;
        const delivered: string[] = [];
        let accepting = true;
        const accepts = (async () => {
          for (let i = 0; i < 60; i++) await other.accept(arrivals(anInbound(`${i}`)));
          accepting = false;
        })();
        const works = (async () => {
          for (let idle = 0; accepting || idle < 2;) {
            await new Promise(setImmediate);
            const lanes = await take(CRM);
            idle = lanes.length === 0 ? idle + 1 : 0;
            for (const [lane, first] of lanes) {
              for (let batch = first; ;) {
                delivered.push(
                  ...batch.map((work) => (work as InboundWork).message.sourceId.slice(11)),
                );
                const end = await journal.settle(
                  lane,
                  batch.map((work) => handedOver(work)),
                  { until: 'next-accept' },
                );
                if (end !== 'more') break;
                batch = (await journal.read([lane], 100))[0] ?? [];
              }
            }
          }
        })();
        await Promise.all([accepts, works]);
        expect(delivered).toEqual(Array.from({ length: 60 }, (_, i) => `${i}`));
      });

      it('wait for their time, and no accept makes them due before', async () => {
        await journal.accept(arrivals(anInbound('1')));
        const [lane] = await takeOne(CRM);
        expect(await journal.settle(lane, [], { afterMs: 60_000 })).toBe('released');
        await journal.accept(arrivals(anInbound('2')));
        expect(await take(CRM)).toEqual([]);
      });

      it('keep what was tried, and how long it has been failing', async () => {
        await journal.accept(arrivals(anInbound('1')));
        const [lane, work] = await takeOne(CRM);
        const { messageId } = work;
        await journal.settle(
          lane,
          [
            { type: 'put-off', messageId, kind: 'inbound', why: 'unknown' },
            { type: 'put-off', messageId, kind: 'inbound', why: 'waits' },
          ],
          { afterMs: 0 },
        );
        const [, again] = await takeOne<InboundWork>(CRM);
        expect(again.tries).toBe(1);
        expect(again.age.failingMs).toBeGreaterThanOrEqual(0);
        expect(again.age.unknownMs).toBeGreaterThanOrEqual(0);
      });

      it('keep what was suspected of a client message, until it is delivered or tried again', async () => {
        await journal.accept(arrivals(anInbound('1')));
        const suspect = (messageId: number, isSuspect?: true): Change => ({
          type: 'put-off',
          messageId,
          kind: 'inbound',
          why: 'unknown',
          isSuspect,
        });
        const [lane, first] = await takeOne<InboundWork>(CRM);
        expect(first.isSuspect).toBe(false);
        await journal.settle(lane, [suspect(first.messageId, true)], {
          afterMs: 0,
        });
        const [again, second] = await takeOne<InboundWork>(CRM);
        expect(second.isSuspect).toBe(true);
        await journal.settle(again, [suspect(first.messageId)], { afterMs: 0 });
        expect((await takeOne<InboundWork>(CRM))[1].isSuspect).toBe(false);
      });

      it('are read in order, a bounded number of messages at a time', async () => {
        await journal.accept(arrivals(...['1', '2', '3'].map((id) => anInbound(id))));
        const lanes = await journal.claim([CRM], 10);
        const [works] = await journal.read(lanes, 2);
        expect(works).toHaveLength(2);
      });

      it('of messages that wait too long are found, due or not', async () => {
        await journal.accept(arrivals(anOutbound('a'), anInbound('1')));
        const [lane] = await takeOne(MESSENGER);
        await journal.settle(lane, [], { afterMs: 60_000 });
        expect(await journal.claimOverdue(LINE, 60_000, 10)).toEqual([]);
        expect(await journal.claimOverdue(LINE, 0, 10)).toMatchObject([
          { kind: 'outbound', conversation: lane.conversation },
        ]);
      });
    });

    describe('a worker that dies', () => {
      it('leaves its lanes to the next one, and its late word about them is void', async () => {
        await journal.accept(arrivals(anInbound('1')));
        const [lane, work] = await takeOne(CRM);
        await harness.kill();
        const next = (await harness.another?.()) ?? (await harness.reopen());
        await next.renew();

        const [, again] = await takeOne<InboundWork>(CRM, next);
        expect(again.messageId).toBe(work.messageId);
        if (!harness.another) return;
        // It was not dead, only slow: what it did is written down, but the lane is no longer its own.
        expect(await journal.settle(lane, [handedOver(work)], { until: 'next-accept' })).toBe(
          'lost',
        );
        const rest = await next.read([lane], 10);
        expect(rest).toEqual([[]]);
      });

      it('leaves a trace of a send where a repeat would be harmful, and none elsewhere', async () => {
        await journal.accept(
          arrivals(
            anOutbound('a'),
            anOutbound('b', { conversationId: 'edna:71844:79995550143', chatId: 'chat-b' }),
          ),
        );
        for (const [, [work]] of (await take(MESSENGER)) as [Lane, [OutboundWork]][]) {
          const route = work.message.sourceId.endsWith('a') ? SIMPLE : CASCADE;
          const [part] = work.parts;
          await journal.begin(
            { messageId: work.messageId, partId: part?.id ?? 0, conversation: work.conversation },
            route,
          );
        }
        await harness.kill();
        const next = await harness.reopen();
        const found = (await take(MESSENGER, next)) as [Lane, [OutboundWork]][];
        expect(
          found.map(([, [work]]) => `${work.parts[0]?.route?.dialect} ${work.parts[0]?.begun}`),
        ).toEqual(expect.arrayContaining(['cascade false', 'simple true']));

        const [lane, [work]] = found.find(([, [{ parts }]]) => parts[0]?.begun) as [
          Lane,
          [OutboundWork],
        ];
        await next.settle(
          lane,
          [
            {
              type: 'attempt',
              attempt: {
                messageId: work.messageId,
                partId: work.parts[0]?.id,
                kind: 'outbound',
                at: new Date(),
                durationMs: 3,
                outcome: 'unknown',
              },
            },
          ],
          { afterMs: 0 },
        );
        const [, closed] = await takeOne<OutboundWork>(MESSENGER, next);
        expect(closed.parts[0]?.begun).toBe(false);
      });
    });

    describe('settling', () => {
      it('fails as a whole while nothing can be committed, and may be repeated', async () => {
        await journal.accept(arrivals(anInbound('1')));
        const [lane, work] = await takeOne(CRM);
        await harness.breakStore();
        const settle = () => journal.settle(lane, [handedOver(work)], { until: 'next-accept' });
        await expect(settle()).rejects.toThrow(JournalUnavailable);
        await harness.mend();
        await journal.check();
        expect(await settle()).toBe('released');
        expect(await take(CRM)).toEqual([]);
      });

      it('writes the same fact twice as if it were once', async () => {
        await journal.accept(arrivals(anOutbound('a')));
        const [lane, work] = await takeOne<OutboundWork>(MESSENGER);
        const partId = work.parts[0]?.id ?? 0;
        const facts: Change[] = [
          { type: 'part-handed-over', messageId: work.messageId, partId, messengerId: '903311' },
          { type: 'outbound-handed-over', messageId: work.messageId },
        ];
        await journal.settle(lane, facts);
        await journal.settle(lane, facts, { until: 'next-accept' });
        expect(await journal.owned(LINE, ['903311', '903312'])).toEqual(new Set(['903311']));
      });

      it('puts no notice into the chat for a message that stands there, whoever says late that it failed', async () => {
        await journal.accept(arrivals(anInbound('1')));
        const [lane, work] = await takeOne<InboundWork>(CRM);
        await journal.settle(lane, [handedOver(work)]);
        const { messageId, message } = work;
        const notice = aMessage({ sourceId: noticeSourceId(message.sourceId) });
        const reason = { key: 'amo-rejected' } as const;
        await journal.settle(lane, [{ type: 'inbound-failed', messageId, reason, notice }]);
        expect(await journal.read([lane], 10)).toEqual([[]]);
      });

      it('puts a notice into the chat for a message that failed, in the lane it failed in', async () => {
        await journal.accept(arrivals(anInbound('1'), anInbound('2')));
        const [[lane, [first, second]]] = (await take(CRM)) as [[Lane, [InboundWork, InboundWork]]];
        const notice = aMessage({
          sourceId: noticeSourceId(first.message.sourceId),
          content: { kind: 'text', text: 'a note' },
        });
        const fail: Change = {
          type: 'inbound-failed',
          messageId: first.messageId,
          reason: { key: 'amo-rejected', args: { code: '400' } },
          notice,
        };
        await journal.settle(lane, [fail]);
        expect(await journal.settle(lane, [handedOver(second)], { until: 'next-accept' })).toBe(
          'more',
        );
        const [works] = (await journal.read([lane], 10)) as [InboundWork[]];
        expect(works.map(textOf)).toEqual(['a note']);
        expect(works[0]?.message.sentAt.getTime()).toBeGreaterThan(second.message.sentAt.getTime());
      });

      it('goes on in the chat of a channel that another has taken the place of', async () => {
        await journal.accept(arrivals(anInbound('1', { channel: '1' })));
        await journal.accept(arrivals(anInbound('2', { channel: '2', formerly: ['1'] })));
        const [[, works]] = (await take(CRM)) as [[Lane, InboundWork[]]];
        expect(works.map(({ conversation }) => conversation.channel)).toEqual(['2', '2']);
        const [born] = new Set(works.map(({ conversation }) => conversation.conversationId));
        expect(born).toBe('edna:1:79995550142');
      });

      it('takes what comes late by the old channel into the chat that was born there', async () => {
        await journal.accept(arrivals(anInbound('1', { channel: '1' })));
        await journal.accept(
          arrivals(anInbound('2', { channel: '2', subject: 'new', formerly: ['1'] })),
        );
        await journal.accept(arrivals(anInbound('3', { channel: '1', subject: 'old' })));
        const [[, works], ...more] = (await take(CRM)) as [[Lane, InboundWork[]]];
        expect(more).toEqual([]);
        expect(works.map(({ message }) => message.sourceId)).toEqual([
          'edna:1:1',
          'edna:2:2',
          'edna:1:3',
        ]);
        expect(works[2]?.conversation).toMatchObject({
          channel: '2',
          subject: 'new',
          conversationId: 'edna:1:79995550142',
        });
      });

      it('has its own chat in the new channel, where it was there before the old one was replaced', async () => {
        await journal.accept(
          arrivals(anInbound('1', { channel: '1' }), anInbound('2', { channel: '2' })),
        );
        await journal.accept(arrivals(anInbound('3', { channel: '2', formerly: ['1'] })));
        const lanes = (await take(CRM)) as [Lane, InboundWork[]][];
        const filled = lanes.map(([, works]) => works.map(({ message }) => message.sourceId));
        expect(filled.toSorted((a, b) => a.length - b.length)).toEqual([
          ['edna:1:1'],
          ['edna:2:2', 'edna:2:3'],
        ]);
      });

      it('keeps the ids of the chat a message went to, whatever a manager opened meanwhile', async () => {
        const opens = anOutbound('a', {
          conversationId: undefined,
          writesFirst: true,
          chatId: 'chat-2',
          participantId: 'person-2',
        });
        await journal.accept(arrivals(anInbound('1')));
        const [lane, work] = await takeOne<InboundWork>(CRM);
        await journal.accept(arrivals(opens, anInbound('2')));
        await journal.settle(lane, [handedOver(work, 'chat-1')], { afterMs: 0 });
        const [, second] = await takeOne<InboundWork>(CRM);
        expect(second.conversation).toMatchObject({ chatId: 'chat-1', toBeLinked: false });
      });

      it('keeps the chat a manager had opened, once the client’s answer stands in it', async () => {
        const chat = { chatId: 'chat-2', participantId: 'person-2' };
        const opens = { conversationId: undefined, writesFirst: true, ...chat };
        await journal.accept(arrivals(anOutbound('a', opens), anInbound('1')));
        const [lane, work] = await takeOne<InboundWork>(CRM);
        expect(work.conversation).toMatchObject({ ...chat, toBeLinked: true });
        const linked = { ...handedOver(work), linkedChatId: 'chat-2' } as Change;
        await journal.settle(lane, [linked], { until: 'next-accept' });
        await journal.accept(arrivals(anInbound('2')));
        const [, second] = await takeOne<InboundWork>(CRM);
        expect(second.conversation).toMatchObject({ ...chat, toBeLinked: false });
      });

      it('goes on waiting for the client’s answer where nothing of his stands in the chat yet', async () => {
        const chat = { chatId: 'chat-2', participantId: 'person-2' };
        const opens = { conversationId: undefined, writesFirst: true, ...chat };
        await journal.accept(arrivals(anOutbound('a', opens), anInbound('1')));
        const [lane, reaction] = await takeOne<InboundWork>(CRM);
        await journal.settle(lane, [handedOver(reaction)], { until: 'next-accept' });
        await journal.accept(arrivals(anInbound('2')));
        const [, second] = await takeOne<InboundWork>(CRM);
        expect(second.conversation).toMatchObject({ ...chat, toBeLinked: true });
      });
    });

    it('tells a template that matched nothing from a window that is closed', async () => {
      const template = { externalId: '31008', params: {} };
      const content = { kind: 'text', text: 'Changed by hand', template } as const;
      await journal.accept(arrivals(anOutbound('a', { message: { content } }), anOutbound('b')));
      const closed = { status: 'failed', reason: { key: 'window-closed' } } as const;
      await journal.accept(arrivals(aReceipt('a', closed), aReceipt('b', closed)));
      const [[, works]] = (await take(CRM)) as [[Lane, ReportWork[]]];
      expect(works.map(({ reason }) => reason?.key)).toEqual([
        'template-mismatch',
        'window-closed',
      ]);
    });

    describe('the time of a client’s last message', () => {
      /** As a manager's next message is read with it. */
      async function lastInboundAt(id: string, by: Journal = journal): Promise<Date | undefined> {
        await by.accept(arrivals(anOutbound(id)));
        const [lane, work] = await takeOne<OutboundWork>(MESSENGER, by);
        const { messageId } = work;
        await by.settle(lane, [{ type: 'outbound-handed-over', messageId }], {
          until: 'next-accept',
        });
        return work.conversation.lastInboundAt;
      }
      const HOUR_MS = 3_600_000;
      const written = (id: string, sentAt: Date) =>
        arrivals(anInbound(id, { message: { sentAt } }));

      it('is not known before he writes', async () => {
        expect(await lastInboundAt('a')).toBeUndefined();
      });

      it.each([
        ['an earlier one', -5_000],
        ['a later one', 20],
      ])('is when his message was accepted, where it says %s', async (_, hours) => {
        const before = Date.now();
        await journal.accept(written('1', new Date(before + hours * HOUR_MS)));
        const at = await lastInboundAt('a');
        expect(Math.abs((at?.getTime() ?? 0) - before)).toBeLessThan(HOUR_MS);
        await journal.accept(written('1', new Date()));
        expect(await lastInboundAt('b', await harness.reopen())).toEqual(at);
      });

      it('is not known of conversations from before it was kept', async () => {
        await journal.accept(arrivals(anInbound('1')));
        const { db } = harness.database;
        await sql`alter table conversation drop column last_inbound_ms`.execute(db);
        await sql`delete from kysely_migration where name like '0004%'`.execute(db);
        const reopened = await harness.reopen();
        expect(await lastInboundAt('a', reopened)).toBeUndefined();
        await reopened.accept(arrivals(anInbound('2')));
        expect(await lastInboundAt('b', reopened)).toBeInstanceOf(Date);
      });
    });

    describe('a manager who writes first', () => {
      const first = (id: string) =>
        anOutbound(id, {
          conversationId: undefined,
          chatId: 'chat-1',
          participantId: 'person-1',
          writesFirst: true,
        });

      it('gets a conversation that the first answer on that address is bound to', async () => {
        await journal.accept(arrivals(first('a'), first('b')));
        const [, work] = await takeOne<OutboundWork>(MESSENGER);
        expect(work.conversation).toMatchObject({ channel: '', address: '79995550142' });
        await journal.accept(arrivals(anInbound('1')));
        const [, answer] = await takeOne<InboundWork>(CRM);
        expect(answer.conversation).toMatchObject({
          id: work.conversation.id,
          channel: '71844',
          conversationId: 'edna:71844:79995550142',
          chatId: 'chat-1',
          participantId: 'person-1',
          toBeLinked: true,
        });
      });

      it('is answered in the chat of the one who wrote last, sent or not', async () => {
        const second = { chatId: 'chat-2', participantId: 'person-2' };
        await journal.accept(arrivals(first('a')));
        const [, work] = await takeOne<OutboundWork>(MESSENGER);
        const { messageId, conversation, parts } = work;
        await journal.begin(
          { messageId, partId: parts[0]?.id ?? 0, conversation },
          { ...CASCADE, subjectId: '71844' },
        );
        await journal.accept(arrivals({ ...first('b'), ...second }));
        await journal.accept(arrivals(anInbound('1')));
        const [lane, answer] = await takeOne<InboundWork>(CRM);
        expect(answer.conversation).toMatchObject({ ...second, toBeLinked: true });

        await journal.accept(arrivals(first('c')));
        await journal.settle(
          lane,
          [
            {
              type: 'put-off',
              messageId: answer.messageId,
              kind: 'inbound',
              why: 'unknown',
            },
          ],
          { afterMs: 0 },
        );
        await journal.accept(arrivals(first('d')));
        const [, again] = await takeOne<InboundWork>(CRM);
        expect(again.conversation).toMatchObject({ ...second, toBeLinked: true });
      });

      it('is bound to the channel his message is sent through', async () => {
        await journal.accept(arrivals(first('a')));
        const [, work] = await takeOne<OutboundWork>(MESSENGER);
        await journal.begin(
          {
            messageId: work.messageId,
            partId: work.parts[0]?.id ?? 0,
            conversation: work.conversation,
          },
          { ...CASCADE, subjectId: '71844', subject: 'acme_wa_main' },
        );
        await journal.accept(arrivals(anInbound('1')));
        const [, answer] = await takeOne<InboundWork>(CRM);
        expect(answer.conversation.id).toBe(work.conversation.id);
        expect(answer.conversation.channel).toBe('71844');
      });

      it('leaves the client in the chat he has, and writes to him all the same', async () => {
        await journal.accept(arrivals(anInbound('1')));
        const [lane, work] = await takeOne<InboundWork>(CRM);
        await journal.settle(lane, [handedOver(work, 'his own chat')], { until: 'next-accept' });
        await journal.accept(arrivals(first('a'), anInbound('2')));
        const [, sent] = await takeOne<OutboundWork>(MESSENGER);
        expect(sent.conversation.id).toBe(work.conversation.id);
        const [, answer] = await takeOne<InboundWork>(CRM);
        expect(answer.conversation).toMatchObject({ chatId: 'his own chat', toBeLinked: false });
      });

      it('leaves him there too where amoCRM never told which chat it is', async () => {
        await journal.accept(arrivals(anInbound('1')));
        const [lane, work] = await takeOne<InboundWork>(CRM);
        await journal.settle(lane, [handedOver(work)], { until: 'next-accept' });
        await journal.accept(arrivals(first('a'), anInbound('2')));
        const [, answer] = await takeOne<InboundWork>(CRM);
        expect(answer.conversation).toMatchObject({ chatId: undefined, toBeLinked: false });
      });

      it('writes into the conversation the client has already', async () => {
        await journal.accept(arrivals(anInbound('1')));
        await journal.accept(arrivals(first('a')));
        const [, work] = await takeOne<OutboundWork>(MESSENGER);
        expect(work.conversation).toMatchObject({
          channel: '71844',
          chatId: 'chat-1',
          toBeLinked: true,
        });
      });

      it('without any address gets a conversation all the same, so that he can be told', async () => {
        await journal.accept(
          arrivals(anOutbound('a', { conversationId: 'foreign', phone: undefined })),
        );
        const [, work] = await takeOne<OutboundWork>(MESSENGER);
        expect(work.conversation.address).toBe('');
      });

      it('in a journal that has lost the conversation reaches the client by its id', async () => {
        await journal.accept(
          arrivals(anOutbound('a', { phone: undefined, conversationId: 'edna:71844:7999555:0' })),
        );
        const [, work] = await takeOne<OutboundWork>(MESSENGER);
        expect(work.conversation).toMatchObject({
          channel: '71844',
          address: '7999555:0',
          conversationId: 'edna:71844:7999555:0',
        });
      });
    });

    describe('receipts', () => {
      async function send(event = anOutbound('a'), messengerId?: string): Promise<OutboundWork> {
        await journal.accept(arrivals(event));
        const [lane, work] = await takeOne<OutboundWork>(MESSENGER);
        const facts = work.parts.map((part): Change => ({
          type: 'part-handed-over',
          messageId: work.messageId,
          partId: part.id,
          messengerId,
        }));
        await journal.settle(
          lane,
          [...facts, { type: 'outbound-handed-over', messageId: work.messageId }],
          { until: 'next-accept' },
        );
        return work;
      }

      /** The status that waits for the manager; undefined when none does. */
      async function due(): Promise<ReportWork | undefined> {
        const lanes = (await take(CRM)).filter(([{ kind }]) => kind === 'status');
        for (const [lane] of lanes) await journal.settle(lane, [], { afterMs: 0 });
        return lanes[0]?.[1][0] as ReportWork | undefined;
      }

      async function report(): Promise<string | undefined> {
        const lanes = await take(CRM);
        const [lane, [work]] = lanes.find(([{ kind }]) => kind === 'status') ?? [undefined, []];
        if (!lane) return undefined;
        const { status } = work as ReportWork;
        await journal.settle(
          lane,
          [{ type: 'reported', messageId: work?.messageId ?? 0, status }],
          { until: 'next-accept' },
        );
        return status;
      }

      it('make the manager’s mark due, once', async () => {
        await send();
        expect(await journal.accept(arrivals(aReceipt('a', 'delivered')))).toEqual(['new']);
        expect(await report()).toBe('delivered');
        await journal.accept(arrivals(aReceipt('a', 'delivered')));
        expect(await due()).toBeUndefined();
      });

      it('of others move nothing, though they name the request', async () => {
        await send();
        const theirs = aReceipt('a', 'read', { line: OTHER_LINE, closed: [LINE] });
        expect(await journal.accept(arrivals(theirs))).toEqual(['unknown']);
        expect(await due()).toBeUndefined();
        const ours = aReceipt('a', 'delivered', { closed: [OTHER_LINE] });
        expect(await journal.accept(arrivals(ours))).toEqual(['new']);
        expect(await report()).toBe('delivered');
      });

      it('of "sent" are kept and not reported', async () => {
        await send();
        await journal.accept(arrivals(aReceipt('a', 'sent')));
        expect(await due()).toBeUndefined();
      });

      it('only climb, and report the latest only', async () => {
        await send();
        await journal.accept(arrivals(aReceipt('a', 'read')));
        await journal.accept(arrivals(aReceipt('a', 'delivered'), aReceipt('a', 'sent')));
        expect((await due())?.status).toBe('read');
        expect(await report()).toBe('read');
        await journal.accept(arrivals(aReceipt('a', { status: 'failed' })));
        expect(await due()).toBeUndefined();
      });

      it('of a failure carry the reason, and arrival beats it', async () => {
        await send();
        const reason = { key: 'not-accepted', args: { code: 'x' } } as const;
        await journal.accept(arrivals(aReceipt('a', { status: 'failed', reason })));
        expect(await due()).toMatchObject({ status: 'failed', reason });
        expect(await report()).toBe('failed');
        await journal.accept(arrivals(aReceipt('a', 'delivered')));
        expect(await report()).toBe('delivered');
      });

      it('that come while a report is under way are reported after it', async () => {
        await send();
        await journal.accept(arrivals(aReceipt('a', 'delivered')));
        const [lane, work] = await takeOne<ReportWork>(CRM);
        await journal.accept(arrivals(aReceipt('a', 'read')));
        const end = await journal.settle(
          lane,
          [{ type: 'reported', messageId: work.messageId, status: 'delivered' }],
          { until: 'next-accept' },
        );
        expect(end).toBe('more');
        const [[next]] = (await journal.read([lane], 9)) as [[ReportWork]];
        expect(next.status).toBe('read');
      });

      it('before the answer to the send prove that it was taken', async () => {
        await journal.accept(arrivals(anOutbound('a')));
        const [lane] = await takeOne(MESSENGER);
        await journal.settle(lane, [], { afterMs: 60_000 });
        await journal.accept(arrivals(aReceipt('a', 'delivered')));
        const [, work] = await takeOne<OutboundWork>(MESSENGER);
        expect(work.parts[0]).toMatchObject({ state: 'handed-over', status: 'delivered' });
        expect((await due())?.status).toBe('delivered');
      });

      it('of a message that is not ours are dropped', async () => {
        expect(await journal.accept(arrivals(aReceipt('nobody', 'read')))).toEqual(['unknown']);
      });

      it('find their message by its comment', async () => {
        await send();
        const by = { requestId: 'changed', messageId: outboundSourceId(SCOPE, 'a') };
        expect(await journal.accept(arrivals(aReceipt('a', 'read', by)))).toEqual(['new']);
        expect((await due())?.status).toBe('read');
      });

      it('without our request id find their message by the messenger’s id, also when they come first', async () => {
        const by = { requestId: undefined, messengerId: '770' };
        expect(await journal.accept(arrivals(aReceipt('a', 'delivered', by)))).toEqual(['parked']);
        await send(anOutbound('a'), '770');
        expect((await due())?.status).toBe('delivered');
        expect(await journal.accept(arrivals(aReceipt('a', 'read', by)))).toEqual(['new']);
        expect(await report()).toBe('read');
      });

      it('of a message in two parts count as the lower of the two, and one failure as failed', async () => {
        const event = anOutbound('a', { message: { content: FILE } });
        const work = await send(event);
        expect(work.parts.map(({ requestId }) => requestId)).toEqual(event.requestIds);
        const second = { requestId: event.requestIds[1] };
        await journal.accept(arrivals(aReceipt('a', 'read')));
        expect(await due()).toBeUndefined();
        await journal.accept(arrivals(aReceipt('a', 'delivered', second)));
        expect(await report()).toBe('delivered');
        await journal.accept(arrivals(aReceipt('a', 'read', second)));
        expect(await report()).toBe('read');
      });

      it('of a failed caption say that the file went', async () => {
        const event = anOutbound('a', { message: { content: FILE } });
        await send(event);
        await journal.accept(
          arrivals(
            aReceipt('a', 'delivered'),
            aReceipt(
              'a',
              { status: 'failed', reason: { key: 'window-closed' } },
              { requestId: event.requestIds[1] },
            ),
          ),
        );
        expect(await due()).toMatchObject({
          status: 'failed',
          reason: { key: 'half-sent', args: { reason: 'window-closed' } },
        });
      });

      it('of both parts at once, on two connections, are both counted', async () => {
        const other = (await harness.another?.()) ?? journal;
        const event = anOutbound('a', { message: { content: FILE } });
        await send(event);
        const second = { requestId: event.requestIds[1] };
        await Promise.all([
          journal.accept(arrivals(aReceipt('a', 'read'))),
          other.accept(arrivals(aReceipt('a', 'read', second))),
        ]);
        expect(await report()).toBe('read');
      });

      it('end the wait of what follows a file', async () => {
        await journal.accept(arrivals(anOutbound('a', { message: { content: FILE } })));
        const [lane, work] = await takeOne<OutboundWork>(MESSENGER);
        const partId = work.parts[0]?.id ?? 0;
        await journal.settle(
          lane,
          [{ type: 'part-handed-over', messageId: work.messageId, partId }],
          { afterMs: 60_000, forReceiptOf: partId },
        );
        expect(await take(MESSENGER)).toEqual([]);
        await journal.accept(arrivals(aReceipt('a', 'sent')));
        expect(await take(MESSENGER)).toHaveLength(1);
      });

      it('that are there already end that wait before it begins', async () => {
        await journal.accept(arrivals(anOutbound('a', { message: { content: FILE } })));
        const [lane, work] = await takeOne<OutboundWork>(MESSENGER);
        const partId = work.parts[0]?.id ?? 0;
        await journal.accept(arrivals(aReceipt('a', 'sent')));
        await journal.settle(
          lane,
          [{ type: 'part-handed-over', messageId: work.messageId, partId }],
          { afterMs: 60_000, forReceiptOf: partId },
        );
        expect(await take(MESSENGER)).toHaveLength(1);
      });

      it('count as told up to the highest, whoever says late what it told before', async () => {
        const { messageId } = await send();
        await journal.accept(arrivals(aReceipt('a', 'read')));
        const [lane] = await takeOne<ReportWork>(CRM);
        for (const status of ['read', 'delivered'] as const) {
          await journal.settle(lane, [{ type: 'reported', messageId, status }]);
        }
        await journal.accept(arrivals(aReceipt('a', 'read')));
        expect(await journal.read([lane], 10)).toEqual([[]]);
      });

      it('of a message without an id at the CRM are kept and not reported', async () => {
        const event = anOutbound('v1-0123456789abcdef');
        await send(event);
        await journal.accept(arrivals(aReceipt('v1-0123456789abcdef', 'read')));
        expect(await due()).toBeUndefined();
      });

      it('that are due survive a restart', async () => {
        await send();
        await journal.accept(arrivals(aReceipt('a', 'read')));
        journal = await harness.reopen();
        expect((await due())?.status).toBe('read');
      });
    });

    describe('giving up a manager’s message', () => {
      it('tells the manager, and fails what was to follow', async () => {
        await journal.accept(arrivals(anOutbound('a', { message: { content: FILE } })));
        const [lane, work] = await takeOne<OutboundWork>(MESSENGER);
        const reason = { key: 'file-failed' } as const;
        await journal.settle(
          lane,
          [
            {
              type: 'outbound-failed',
              messageId: work.messageId,
              partId: work.parts[0]?.id ?? 0,
              reason,
            },
          ],
          { until: 'next-accept' },
        );
        expect(await take(MESSENGER)).toEqual([]);
        const [, report] = await takeOne<ReportWork>(CRM);
        expect(report).toMatchObject({ status: 'failed', reason });
      });

      it('does not fail what has arrived meanwhile', async () => {
        await journal.accept(arrivals(anOutbound('a')));
        const [lane, work] = await takeOne<OutboundWork>(MESSENGER);
        await journal.accept(arrivals(aReceipt('a', 'delivered')));
        await journal.settle(
          lane,
          [
            {
              type: 'outbound-failed',
              messageId: work.messageId,
              partId: work.parts[0]?.id ?? 0,
              reason: { key: 'gave-up' },
            },
          ],
          { until: 'next-accept' },
        );
        const [, report] = await takeOne<ReportWork>(CRM);
        expect(report.status).toBe('delivered');
      });

      it('does not fail what the messenger has taken, as far as a receipt or another process knows', async () => {
        const giveUp = (work: OutboundWork): Change => ({
          type: 'outbound-failed',
          messageId: work.messageId,
          partId: work.parts[0]?.id ?? 0,
          reason: { key: 'gave-up' },
        });
        const until = { until: 'next-accept' } as const;
        await journal.accept(arrivals(anOutbound('a')));
        const [lane, work] = await takeOne<OutboundWork>(MESSENGER);
        await journal.accept(arrivals(aReceipt('a', 'sent')));
        expect(await journal.settle(lane, [giveUp(work)], until)).toBe('released');
        expect(await take(MESSENGER)).toEqual([]);
        expect((await take(CRM)).flatMap(([, works]) => works)).toEqual([]);

        await journal.accept(arrivals(anOutbound('b', { message: { content: FILE } })));
        const [next, file] = await takeOne<OutboundWork>(MESSENGER);
        const { messageId } = file;
        const partId = file.parts[0]?.id ?? 0;
        await journal.settle(next, [{ type: 'part-handed-over', messageId, partId }]);
        // Its caption is still to go out, though whoever gave it up thinks that nothing is left.
        expect(await journal.settle(next, [giveUp(file)], until)).toBe('more');
        const [[rest]] = (await journal.read([next], 10)) as [[OutboundWork]];
        expect(rest.parts.map(({ state }) => state)).toEqual(['handed-over', 'waiting']);
      });
    });

    describe('forgetting', () => {
      const age = (days: number) =>
        harness.database.db
          .updateTable('message')
          .set((eb) => ({ accepted_at: eb('accepted_at', '-', days * 24 * 60 * 60_000) }))
          .execute();

      it('takes contents after their time and ids after a year, but nothing that waits or failed', async () => {
        await journal.accept(
          arrivals(
            anInbound('1'),
            anInbound('failed', { address: '79995550143' }),
            anInbound('waits', { address: '79995550144' }),
          ),
        );
        for (const [lane, [work]] of (await take(CRM)) as [Lane, [InboundWork]][]) {
          const { sourceId } = work.message;
          if (sourceId.endsWith(':1')) await journal.settle(lane, [handedOver(work)]);
          if (sourceId.endsWith('failed')) {
            const { messageId } = work;
            await journal.settle(lane, [
              { type: 'inbound-failed', messageId, reason: { key: 'amo-poison' } },
            ]);
          }
        }
        const contents = async () =>
          (
            await harness.database.db
              .selectFrom('message')
              .select(['source_id', 'content'])
              .orderBy('id')
              .execute()
          ).map(
            (row) => `${row.source_id.split(':')[2]} ${row.content === null ? 'gone' : 'kept'}`,
          );

        await age(29);
        await journal.prune(30);
        expect(await contents()).toEqual(['1 kept', 'failed kept', 'waits kept']);
        await age(2);
        await journal.prune(30);
        expect(await contents()).toEqual(['1 gone', 'failed kept', 'waits kept']);
        expect(await journal.accept(arrivals(anInbound('1')))).toEqual(['repeat']);
        await age(335);
        await journal.prune(30);
        expect(await contents()).toEqual(['failed kept', 'waits kept']);
      });
    });

    it('names the lines that something waits in, other than those it is told of', async () => {
      const other = lineKey(SCOPE, 'other');
      await journal.accept(arrivals(anInbound('1'), anInbound('2', { line: other })));
      expect(await journal.stranded([LINE])).toEqual([other]);
      expect((await journal.stranded([])).toSorted()).toEqual([LINE, other].toSorted());
      expect(await journal.stranded([LINE, other])).toEqual([]);
    });

    it('forgets ids in one go, also behind old ones that failed', async () => {
      const ids = Array.from({ length: 1_100 }, (_, n) => anInbound(`${n}`));
      await journal.accept(arrivals(...ids));
      await harness.database.db
        .updateTable('message')
        .set((eb) => ({
          accepted_at: eb('accepted_at', '-', 400 * 24 * 60 * 60_000),
          state: eb.case().when('id', '=', 1).then('failed').else('handed-over').end(),
        }))
        .execute();
      let turns = 0;
      const isOver = journal.prune(30).then(() => true);
      while (!(await Promise.race([isOver, new Promise((turn) => setImmediate(turn))]))) turns += 1;
      // Contents and then ids, 500 at a time: webhooks have their turn between.
      expect(turns).toBeGreaterThanOrEqual(4);
      const left = await harness.database.db.selectFrom('message').select('state').execute();
      expect(left).toEqual([{ state: 'failed' }]);
    });

    describe('the quarantine', () => {
      const odd = { type: 'quarantine', reason: 'unknown-shape' } as const;

      it('keeps bodies as they came, newest first, until they are discharged', async () => {
        const raw = Buffer.from([0, 255, 1, 0]);
        const origin = { webhook: 'amocrm', scopeId: SCOPE, opened: [SCOPE] } as const;
        expect(await journal.accept([{ event: odd, origin, raw }])).toEqual(['quarantined']);
        await journal.accept(arrivals(odd));
        const [newest, oldest] = await journal.quarantined(10);
        expect(oldest).toMatchObject({ reason: 'unknown-shape', origin });
        expect(oldest?.raw.equals(raw)).toBe(true);
        expect(await journal.quarantined(10, newest?.id)).toEqual([oldest]);

        await journal.discharge(oldest?.id ?? 0);
        expect(await journal.quarantinedOne(oldest?.id ?? 0)).toBeUndefined();
        expect((await journal.state()).quarantined).toBe(1);
      });
    });

    describe('two processes', () => {
      it('file groups with the same conversations in opposite order', async () => {
        const other = (await harness.another?.()) ?? journal;
        const addresses = Array.from({ length: 12 }, (_, i) => `799955501${10 + i}`);
        for (let round = 0; round < 8; round++) {
          const group = (order: string[], by: string) =>
            order.flatMap((address) => [
              anInbound(`${round}-${by}-${address}`, { address }),
              anOutbound(`${round}-${by}-${address}`, {
                conversationId: `edna:71844:${address}`,
                chatId: `chat-${address}`,
              }),
            ]);
          await Promise.all([
            journal.accept(arrivals(...group(addresses, 'a'))),
            other.accept(arrivals(...group(addresses.toReversed(), 'b'))),
          ]);
        }
        const lanes = [...(await take(CRM)), ...(await take(MESSENGER))];
        expect(lanes).toHaveLength(24);
        expect(lanes.flatMap(([, works]) => works)).toHaveLength(12 * 2 * 2 * 8);
      });
    });
  });
}
