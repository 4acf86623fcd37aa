import { anInbound, anOutbound, aReceipt } from '../../../test/builders.js';
import { Dispatching } from '../../../test/dispatching.ts';
import { DeliveryError } from '../../domain/errors.js';

/** A client of his own for each lane. */
const client = (n: number) => ({ address: `7999555${1000 + n}` });
const chatOf = (n: number) => ({
  conversationId: `edna:71844:7999555${1000 + n}`,
  chatId: `chat-${n}`,
});

const busy = new DeliveryError('not-sent', 'amojo answered 503', { httpStatus: 503 });

describe('the dispatcher', () => {
  let all: Dispatching;
  beforeEach(async () => {
    all = await Dispatching.start();
  });
  afterEach(() => all.end());

  describe('woken by an accept', () => {
    it('hands a client’s message over without waiting for anything', async () => {
      const before = all.alarm.now();
      await all.accept(anInbound('1'));
      expect(all.inCrm).toEqual(['1']);
      expect(all.alarm.now()).toBe(before);
      expect(await all.messages()).toEqual(['1 handed-over']);
    });

    it('carries a manager’s message and what became of it', async () => {
      await all.accept(anOutbound('a'));
      expect(all.sent).toEqual(['a']);
      await all.accept(aReceipt('a', 'delivered'));
      await all.accept(aReceipt('a', 'read'));
      expect(all.crm.marks.map(({ status }) => status)).toEqual(['delivered', 'read']);
    });

    it('takes up what waited while nobody was there, at its start', async () => {
      const late = await Dispatching.open();
      await late.accept(anInbound('1'), anOutbound('a'));
      expect([late.inCrm, late.sent]).toEqual([[], []]);
      late.dispatcher.onApplicationBootstrap();
      await late.alarm.rest();
      expect([late.inCrm, late.sent]).toEqual([['1'], ['a']]);
      await late.end();
    });

    it('works nothing where it is at rest', async () => {
      const resting = await Dispatching.open({}, 'at rest');
      resting.dispatcher.onApplicationBootstrap();
      await resting.accept(anInbound('1'), anOutbound('a'));
      await resting.alarm.pass(60_000);
      expect([resting.inCrm, resting.sent, resting.crm.calls.connect]).toEqual([[], [], 0]);
      await resting.end();
    });

    it('leaves nothing behind that comes while a lane is being given back', async () => {
      all.journal.doors.settle.shut();
      await all.accept(anInbound('1'));
      await all.accept(anInbound('2'));
      all.journal.doors.settle.open();
      await all.alarm.rest();
      expect(all.inCrm).toEqual(['1', '2']);
    });

    it('begins what comes while it is still claiming something else', async () => {
      all.crm.door.shut();
      all.journal.doors.read.shut();
      await all.accept(anInbound('1', client(1)));
      await all.accept(anInbound('2', client(2)));
      all.journal.doors.read.open();
      await all.alarm.rest();
      expect(all.crm.door.waiting).toBe(2);
    });

    it('finds by itself what nobody announced', async () => {
      const wake = all.dispatcher.wake.bind(all.dispatcher);
      all.dispatcher.wake = () => undefined;
      await all.accept(anInbound('1'));
      expect(all.inCrm).toEqual([]);
      all.dispatcher.wake = wake;
      await all.alarm.pass(1_000);
      expect(all.inCrm).toEqual(['1']);
    });
  });

  describe('with lanes', () => {
    it('works many at once', async () => {
      all.crm.door.shut();
      await all.accept(...Array.from({ length: 40 }, (_, n) => anInbound(`${n}`, client(n))));
      expect(all.crm.door.waiting).toBe(40);
    });

    it('works one message of a lane at a time, in order', async () => {
      all.crm.door.shut();
      await all.accept(...['1', '2', '3'].map((id) => anInbound(id)));
      for (const [waiting, there] of [
        [1, []],
        [1, ['1']],
        [1, ['1', '2']],
        [0, ['1', '2', '3']],
      ] as const) {
        expect([all.crm.door.waiting, all.inCrm]).toEqual([waiting, there]);
        all.crm.door.letOne();
        await all.alarm.rest();
      }
    });

    it('begins the next message only after what came of the last one is committed', async () => {
      all.journal.doors.settle.shut();
      await all.accept(anInbound('1'), anInbound('2'));
      expect(all.inCrm).toEqual(['1']);
      await all.alarm.pass(3_000);
      expect(all.inCrm).toEqual(['1']);
      all.journal.doors.settle.letOne();
      await all.alarm.rest();
      expect(all.inCrm).toEqual(['1', '2']);
    });

    it('works both directions of one conversation at once', async () => {
      all.crm.door.shut();
      all.messenger.door.shut();
      await all.accept(anInbound('1'), anOutbound('a'));
      expect([all.crm.door.waiting, all.messenger.door.waiting]).toEqual([1, 1]);
    });

    it('holds up the rest of a lane whose first message fails, and no other lane', async () => {
      const slow = new Set(['edna:71844:bad']);
      all.crm.refuses = ({ sourceId }) => (slow.has(sourceId) ? busy : undefined);
      await all.accept(anInbound('bad'), anInbound('next'), anInbound('other', client(1)));
      expect(all.inCrm).toEqual(['other']);
      slow.clear();
      await all.alarm.pass(1_502);
      expect(all.inCrm).toEqual(['other', 'bad', 'next']);
      expect(await all.attempts()).toHaveLength(4);
    });

    it('gives every lane its turn where one is long', async () => {
      const one = await Dispatching.start({ concurrency: 1 });
      one.crm.takesMs = 1;
      const long = Array.from({ length: 45 }, (_, n) => anInbound(`long-${n}`));
      await one.accept(...long, anInbound('short', client(1)));
      await one.alarm.pass(100);
      expect(one.inCrm.indexOf('short')).toBe(20);
      expect(one.inCrm.filter((id) => id !== 'short')).toEqual(
        Array.from({ length: 45 }, (_, n) => `long-${n}`),
      );
      await one.end();
    });

    it('gives every lane its turn where the messages of one take long', async () => {
      const one = await Dispatching.start({ concurrency: 1 });
      one.crm.takesMs = 3_000;
      const slow = Array.from({ length: 6 }, (_, n) => anInbound(`slow-${n}`));
      await one.accept(...slow, anInbound('other', client(1)));
      await one.alarm.pass(30_000);
      expect(one.inCrm).toHaveLength(7);
      expect(one.inCrm.indexOf('other')).toBe(2);
      await one.end();
    });
  });

  describe('with slots', () => {
    it('has no more tries under way at once than there are', async () => {
      const few = await Dispatching.start({ concurrency: 3 });
      few.crm.door.shut();
      await few.accept(...Array.from({ length: 10 }, (_, n) => anInbound(`${n}`, client(n))));
      expect(few.crm.door.waiting).toBe(3);
      few.crm.door.letOne();
      await few.alarm.rest();
      expect([few.crm.door.waiting, few.inCrm]).toEqual([3, ['0']]);
      few.crm.door.open();
      await few.alarm.rest();
      expect(few.inCrm).toHaveLength(10);
      await few.end();
    });

    it('lets a slow messenger not starve the CRM, nor the other way round', async () => {
      const few = await Dispatching.start({ concurrency: 2 });
      few.messenger.door.shut();
      await few.accept(...[1, 2, 3, 4].map((n) => anOutbound(`${n}`, chatOf(n))));
      expect(few.messenger.door.waiting).toBe(2);
      await few.accept(anInbound('1', client(1)), anInbound('2', client(2)));
      expect(few.inCrm).toEqual(['1', '2']);

      few.crm.door.shut();
      few.messenger.door.open();
      await few.accept(...[1, 2, 3].map((n) => anInbound(`more-${n}`, client(n))));
      expect([few.crm.door.waiting, few.sent.length]).toEqual([2, 4]);
      await few.end();
    });
  });

  describe('with a rate', () => {
    it('begins no more than the rate allows at once', async () => {
      const slow = await Dispatching.start({ amojoRatePerSecond: 4 });
      await slow.accept(...Array.from({ length: 10 }, (_, n) => anInbound(`${n}`, client(n))));
      expect(slow.inCrm.length).toBeGreaterThanOrEqual(4);
      expect(slow.inCrm.length).toBeLessThanOrEqual(5);
      await slow.end();
    });
  });
});
