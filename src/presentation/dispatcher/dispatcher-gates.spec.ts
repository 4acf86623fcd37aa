import { anInbound, anOutbound } from '../../../test/builders.js';
import { Dispatching } from '../../../test/dispatching.ts';
import { DeliveryError, type Outcome } from '../../domain/errors.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

const client = (n: number) => ({ address: `7999555${1000 + n}` });
const chatOf = (n: number) => ({
  conversationId: `edna:71844:7999555${1000 + n}`,
  chatId: `chat-${n}`,
});
const fault = (outcome: Outcome, details: DeliveryError['details'] = {}) =>
  new DeliveryError(outcome, `spec: ${outcome}`, details);

describe('behind a gate', () => {
  let all: Dispatching;
  beforeEach(async () => {
    all = await Dispatching.start();
  });
  afterEach(() => all.end());

  /** From here on the messenger refuses everything. */
  function blockMessenger(): void {
    const reason = { key: 'channel-off' } as const;
    all.messenger.failNext(fault('blocked', { httpStatus: 403, reason }), 'before', 1_000);
  }

  describe('that is blocked, client messages', () => {
    it('wait without a try, and all go when it opens', async () => {
      all.crm.isConnected = false;
      all.crm.connecting = fault('blocked', { httpStatus: 403 });
      await all.accept(anInbound('1', client(1)));
      expect(await all.attempts()).toEqual(['blocked']);

      await all.accept(anInbound('2', client(2)), anInbound('3', client(3)));
      await all.alarm.pass(10 * MINUTE_MS);
      expect(await all.attempts()).toEqual(['blocked']);
      expect(await all.owned()).toBe(0);
      expect(await all.messages()).toEqual(['1 waiting', '2 waiting', '3 waiting']);

      all.crm.connecting = undefined;
      await all.alarm.pass(MINUTE_MS + 5 * SECOND_MS);
      expect(all.inCrm.toSorted()).toEqual(['1', '2', '3']);
      expect(await all.attempts()).toEqual(['blocked', 'taken', 'taken', 'taken']);
    });

    it('have the channel connected again, once a minute', async () => {
      all.crm.isConnected = false;
      all.crm.connecting = fault('blocked');
      await all.accept(anInbound('1'));
      all.crm.connecting = undefined;
      const before = all.crm.calls.connect;
      await all.alarm.pass(MINUTE_MS - SECOND_MS);
      expect(all.crm.calls.connect).toBe(before);
      await all.alarm.pass(2 * SECOND_MS);
      expect(all.crm.calls.connect).toBe(before + 1);
      expect(all.inCrm).toEqual(['1']);
    });

    it('leave the other direction alone', async () => {
      all.crm.isConnected = false;
      all.crm.connecting = fault('blocked');
      await all.accept(anInbound('1'), anOutbound('a'));
      expect([all.inCrm, all.sent]).toEqual([[], ['a']]);
    });
  });

  describe('that is blocked, manager messages', () => {
    it('fail after a minute, with the reason of the block shown to the manager', async () => {
      blockMessenger();
      await all.accept(anOutbound('a', chatOf(1)), anOutbound('b', chatOf(2)));
      await all.alarm.pass(50 * SECOND_MS);
      expect(await all.messages()).toEqual(['a waiting', 'b waiting']);
      await all.alarm.pass(16 * SECOND_MS);
      expect(await all.messages()).toEqual(['a failed channel-off', 'b failed channel-off']);
      for (const id of ['a', 'b']) {
        const reason = { key: 'channel-off' };
        expect(all.crm.markOf(id)).toMatchObject({ status: 'failed', reason });
      }
    });

    it('that come later fail a minute after they came', async () => {
      blockMessenger();
      await all.accept(anOutbound('a', chatOf(1)));
      await all.alarm.pass(40 * SECOND_MS);
      await all.accept(anOutbound('b', chatOf(2)));
      await all.alarm.pass(40 * SECOND_MS);
      expect(await all.messages()).toEqual(['a failed channel-off', 'b waiting']);
      await all.alarm.pass(26 * SECOND_MS);
      expect(await all.messages()).toEqual(['a failed channel-off', 'b failed channel-off']);
    });

    it('that waited before count from the shutting', async () => {
      const busy = fault('not-sent', { httpStatus: 503 });
      all.messenger.failNext(busy, 'before', 4);
      await all.accept(anOutbound('a'));
      await all.alarm.pass(10 * SECOND_MS);
      expect(await all.attempts()).not.toContain('taken');
      blockMessenger();
      await all.alarm.pass(35 * SECOND_MS);
      expect((await all.attempts()).at(-1)).toBe('blocked');
      await all.alarm.pass(24 * SECOND_MS);
      expect(await all.messages()).toEqual(['a waiting']);
      await all.alarm.pass(60 * SECOND_MS);
      expect(await all.messages()).toEqual(['a failed channel-off']);
    });

    it('go through when the block ends before', async () => {
      all.messenger.failNext(fault('blocked'), 'before', 1);
      await all.accept(anOutbound('a', chatOf(1)));
      await all.alarm.pass(30 * SECOND_MS);
      await all.accept(anOutbound('b', chatOf(2)));
      await all.alarm.pass(31 * SECOND_MS);
      expect(all.sent).toContain('b');
    });

    it('go through when the block has ended, though the process stood still when the probe was due', async () => {
      all.messenger.failNext(fault('blocked'), 'before', 1);
      await all.accept(anOutbound('a', chatOf(1)));
      await all.accept(anOutbound('b', chatOf(2)));
      await all.alarm.pass(58 * SECOND_MS);
      await all.alarm.stall(20 * SECOND_MS);
      await all.alarm.pass(10 * SECOND_MS);
      expect(all.sent.toSorted()).toEqual(['a', 'b']);
    });

    it('go through when the block has ended, though the journal did not answer when the probe was due', async () => {
      all.messenger.failNext(fault('blocked'), 'before', 1);
      await all.accept(anOutbound('a', chatOf(1)));
      await all.accept(anOutbound('b', chatOf(2)));
      await all.alarm.pass(58 * SECOND_MS);
      all.journal.failNext('claim', 30);
      await all.alarm.pass(30 * SECOND_MS);
      expect(all.sent.toSorted()).toEqual(['a', 'b']);
    });
  });

  describe('that the other side asked to be shut', () => {
    it('nothing is tried before that time is up', async () => {
      const later = fault('not-sent', { httpStatus: 429, retryAfterMs: 20 * SECOND_MS });
      all.messenger.failNext(later);
      await all.accept(anOutbound('a', chatOf(1)));
      await all.accept(anOutbound('b', chatOf(2)));
      await all.alarm.pass(19 * SECOND_MS);
      expect(await all.attempts()).toEqual(['not-sent']);
      await all.alarm.pass(2 * SECOND_MS);
      expect(all.sent.toSorted()).toEqual(['a', 'b']);
    });

    it('manager messages are given up when their time is up, without a try', async () => {
      const quick = await Dispatching.start({ outboundTtlMs: 2 * MINUTE_MS });
      const later = fault('not-sent', { httpStatus: 429, retryAfterMs: 60 * MINUTE_MS });
      quick.messenger.failNext(later);
      await quick.accept(anOutbound('a', chatOf(1)));
      await quick.accept(anOutbound('b', chatOf(2)));
      await quick.alarm.pass(2 * MINUTE_MS - SECOND_MS);
      expect(await quick.messages()).toEqual(['a waiting', 'b waiting']);
      await quick.alarm.pass(6 * SECOND_MS);
      expect(await quick.messages()).toEqual(['a failed gave-up', 'b failed gave-up']);
      expect(quick.messenger.calls.send).toBe(1);
      expect(await quick.meter.registry.metrics()).toContain(
        'bridge_failed_total{direction="outbound",reason="gave-up"} 2',
      );
      expect(quick.crm.markOf('a')).toMatchObject({
        status: 'failed',
        reason: { key: 'gave-up', args: { time: '2 мин' } },
      });
      await quick.end();
    });
  });

  it('the next one goes when its time is up, each time', async () => {
    const later = fault('not-sent', { httpStatus: 429, retryAfterMs: 300 });
    all.messenger.failNext(later, 'before', 2);
    await all.accept(anOutbound('a', chatOf(1)));
    await all.accept(anOutbound('b', chatOf(2)));
    await all.alarm.pass(302);
    expect(await all.attempts()).toEqual(['not-sent', 'not-sent']);
    await all.accept(anOutbound('c', chatOf(3)));
    await all.alarm.pass(302);
    expect(all.sent).toEqual(['c']);
  });

  it('that is shut, the next one goes where the one before found nothing to try', async () => {
    const gate = all.gates.of(all.line, 'messenger');
    gate.failed('x', fault('blocked'));
    await all.accept(anOutbound('a'));
    const [lane] = await all.journal.claim([{ line: all.line.key, upstream: 'messenger' }], 1);
    if (!lane) throw new Error('nothing is due');
    const reason = { key: 'gave-up' } as const;
    await all.journal.settle(lane, [{ type: 'outbound-failed', messageId: 1, partId: 1, reason }], {
      afterMs: 0,
    });
    await all.alarm.pass(MINUTE_MS + SECOND_MS);
    expect([all.sent, gate.state]).toEqual([[], 'shut']);
    await all.accept(anOutbound('b'));
    expect([all.sent, gate.state]).toEqual([['b'], 'open']);
  });

  describe('of an upstream that does not answer', () => {
    it('five lanes are enough to see it, and one goes ahead when it is back', async () => {
      all.crm.refuses = () => fault('not-sent', { httpStatus: 503 });
      await all.accept(...[1, 2, 3, 4, 5].map((n) => anInbound(`${n}`, client(n))));
      expect(await all.attempts()).toHaveLength(5);
      await all.accept(...[6, 7, 8].map((n) => anInbound(`${n}`, client(n))));
      expect(await all.attempts()).toHaveLength(5);

      all.crm.refuses = () => undefined;
      await all.alarm.pass(10 * SECOND_MS);
      expect(all.inCrm.toSorted()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    });

    it('a lane goes on with its next message only when the gate is open again', async () => {
      all.crm.door.shut();
      await all.accept(anInbound('a1', client(0)), anInbound('a2', client(0)));
      const busy = fault('not-sent', { httpStatus: 503 });
      all.crm.refuses = ({ sourceId }) => (sourceId.endsWith(':a1') ? undefined : busy);
      const others = [1, 2, 3, 4, 5].map((n) => anInbound(`${n}`, client(n)));
      await all.accept(...others);
      for (let i = 0; i < 6; i += 1) all.gates.of(all.line, 'crm').failed(`x-${i}`, busy);
      all.crm.door.open();
      await all.alarm.rest();
      expect(all.inCrm).toEqual(['a1']);
      expect((await all.messages())[1]).toBe('a2 waiting');
      expect(await all.owned()).toBe(0);
    });
  });

  it('that is being probed while the lease runs out, the next one is let through to see', async () => {
    const busy = fault('not-sent', { httpStatus: 503 });
    all.crm.refuses = () => busy;
    await all.accept(...[1, 2, 3, 4, 5].map((n) => anInbound(`${n}`, client(n))));
    all.crm.refuses = () => undefined;
    all.journal.doors.read.shut();
    all.journal.failNext('renew', 3);
    await all.alarm.pass(8 * SECOND_MS);
    expect(all.lease.covers()).toBe(false);
    all.journal.doors.read.open();
    await all.alarm.pass(MINUTE_MS);
    expect(all.lease.covers()).toBe(true);
    expect(all.inCrm.toSorted()).toEqual(['1', '2', '3', '4', '5']);
  });
});
