import { anInbound, anOutbound, aReceipt, arrivals, LINE } from '../../../test/builders.js';
import { Dispatching } from '../../../test/dispatching.ts';
import { DeliveryError } from '../../domain/errors.js';
import type { Event, Lane, Upstream, Work } from '../../domain/journal.js';
import type { UpstreamGate } from './gate.js';
import { LANE_WORKS } from './lane-worker.js';

const busy = new DeliveryError('not-sent', 'amojo answered 503', { httpStatus: 503 });

describe('a worker of lanes', () => {
  let all: Dispatching;
  beforeEach(async () => {
    all = await Dispatching.open();
  });
  afterEach(() => all.end());

  /** The first due lane, claimed by hand. */
  async function claim(upstream: Upstream): Promise<[Lane, readonly Work[], UpstreamGate]> {
    const lanes = await all.journal.claim([{ line: LINE, upstream }], 1);
    const [works] = await all.journal.read(lanes, LANE_WORKS);
    if (!lanes[0] || !works) throw new Error('nothing is due');
    return [lanes[0], works, all.gates.of(all.line, upstream)];
  }

  /** @returns in how many ms the lane is to be looked at again */
  async function work(upstream: Upstream, isStopping = () => false): Promise<number | undefined> {
    const [lane, works, gate] = await claim(upstream);
    return all.worker.work(lane, works, all.line, gate, isStopping);
  }

  const file = (...events: Event[]) => all.journal.accept(arrivals(...events));

  it('works a lane until it is empty', async () => {
    await file(anInbound('1'), anInbound('2'));
    expect(await work('crm')).toBeUndefined();
    expect(all.inCrm).toEqual(['1', '2']);
    expect(await all.owned()).toBe(0);
  });

  it('goes on with what was accepted meanwhile', async () => {
    await file(anInbound('1'));
    all.crm.door.shut();
    const working = work('crm');
    await all.alarm.rest();
    await file(anInbound('2'));
    all.crm.door.open();
    expect(await working).toBeUndefined();
    expect(all.inCrm).toEqual(['1', '2']);
  });

  it('stops at a message that fails for now, and says when to look again', async () => {
    await file(anInbound('1'), anInbound('2'));
    all.crm.failNext(busy);
    expect(await work('crm')).toBe(1_500);
    expect([all.inCrm, all.crm.calls.deliver, await all.owned()]).toEqual([[], 1, 0]);
  });

  it('gives a lane with more than it may do at once back, due', async () => {
    await file(...Array.from({ length: 21 }, (_, n) => anInbound(`${n}`)));
    expect(await work('crm')).toBe(0);
    expect([all.inCrm.length, await all.owned()]).toEqual([20, 0]);
    expect(await work('crm')).toBeUndefined();
    expect(all.inCrm).toHaveLength(21);
  });

  it('gives a lane back that turns out to be empty', async () => {
    await file(anInbound('1'));
    const [lane, , gate] = await claim('crm');
    await all.journal.settle(lane, [
      { type: 'inbound-failed', messageId: 1, reason: { key: 'amo-poison' } },
    ]);
    expect(await all.worker.work(lane, [], all.line, gate, () => false)).toBeUndefined();
    expect([all.inCrm, await all.owned()]).toEqual([[], 0]);
  });

  it.each<[string, (gate: UpstreamGate) => Promise<void>]>([
    ['its gate is shut', async (gate) => gate.failed('x', new DeliveryError('blocked', 'spec'))],
    ['the lease has run out', () => all.alarm.pass(4_000)],
  ])('begins nothing where %s, and gives the lane back', async (_, happen) => {
    await file(anInbound('1'));
    const [lane, works, gate] = await claim('crm');
    await happen(gate);
    expect(await all.worker.work(lane, works, all.line, gate, () => false)).toBe(0);
    expect([all.inCrm, await all.owned()]).toEqual([[], 0]);
    expect(await all.attempts()).toEqual([]);
  });

  it('begins nothing while the process is stopping', async () => {
    await file(anInbound('1'));
    expect(await work('crm', () => true)).toBe(0);
    expect([all.inCrm, await all.owned()]).toEqual([[], 0]);
  });

  it('that gives a lane back unused has probed nothing', async () => {
    await file(anInbound('1'));
    const [lane, works, gate] = await claim('crm');
    gate.failed('x', new DeliveryError('blocked', 'spec'));
    await all.alarm.pass(60_000);
    gate.probe();
    expect(all.lease.covers()).toBe(false);
    await all.worker.work(lane, works, all.line, gate, () => false);
    expect(gate.room(1)).toBe(1);
  });

  it('leaves a lane alone that belongs to somebody else by now', async () => {
    await file(anInbound('1'), anInbound('2'));
    const [lane, works, gate] = await claim('crm');
    const before = { ...lane, token: lane.token - 1 };
    expect(await all.worker.work(before, works, all.line, gate, () => false)).toBeUndefined();
    expect(await all.messages()).toEqual(['1 handed-over', '2 handed-over']);
    expect(await all.owned()).toBe(1);
  });

  it('writes what happened down as a timeline', async () => {
    await file(anOutbound('a'));
    all.messenger.failNext(busy);
    await work('messenger');
    await all.alarm.pass(1_500);
    expect(await work('messenger')).toBeUndefined();
    expect(await all.attempts()).toEqual(['not-sent', 'taken']);
  });

  it('repeats what it could not write down, and does nothing else meanwhile', async () => {
    await file(anInbound('1'), anInbound('2'));
    all.journal.failNext('settle', 3);
    const working = work('crm');
    await all.alarm.pass(699);
    expect([all.inCrm, all.journal.failuresLeft('settle')]).toEqual([['1'], 0]);
    await all.alarm.pass(1);
    await working;
    expect([all.inCrm, all.crm.calls.deliver]).toEqual([['1', '2'], 2]);
  });

  it('tells its gate of answers, and not of what was refused without a request', async () => {
    const gate = all.gates.of(all.line, 'messenger');
    const sticker = {
      kind: 'sticker',
      attachment: { url: 'https://x.test/1' },
      caption: '',
    } as const;
    await file(anOutbound('a', { message: { content: sticker } }));
    expect(await work('messenger')).toBeUndefined();
    expect(await all.messages()).toEqual(['a failed not-supported']);
    expect(gate.tookOthers('another lane', 60_000)).toBe(false);
    await file(anOutbound('b'));
    await work('messenger');
    expect(gate.tookOthers('another lane', 0)).toBe(true);
  });

  it('reports the latest status of a message only', async () => {
    await file(anOutbound('a'));
    await work('messenger');
    await file(aReceipt('a', 'sent'), aReceipt('a', 'delivered'), aReceipt('a', 'read'));
    await work('crm');
    expect(all.crm.marks.map(({ status }) => status)).toEqual(['read']);
  });

  describe('behind a shut gate', () => {
    it('fails what has waited too long, in order, and leaves the rest', async () => {
      await file(anOutbound('a'), anOutbound('b'));
      await all.alarm.pass(59 * 60_000);
      await file(anOutbound('c'));
      await all.alarm.pass(60_000);
      const [lane, works, gate] = await claim('messenger');
      expect(await all.worker.expire(lane, works, gate)).toBe(0);
      expect(await all.messages()).toEqual(['a failed gave-up', 'b failed gave-up', 'c waiting']);
      expect([all.messenger.tried, await all.attempts(), await all.owned()]).toEqual([[], [], 0]);
    });

    it('leaves what has not waited too long to the probe that is due, and fails it after that', async () => {
      const reason = { key: 'channel-off' } as const;
      const blocked = new DeliveryError('blocked', 'the channel is off', { reason });
      await file(anOutbound('a'));
      await all.alarm.pass(58 * 60_000);
      await file(anOutbound('b'));
      const gate = all.gates.of(all.line, 'messenger');
      gate.failed('x', blocked);
      await all.alarm.pass(2 * 60_000);
      const [lane, works] = await claim('messenger');
      await all.worker.expire(lane, works, gate);
      expect(await all.messages()).toEqual(['a failed gave-up', 'b waiting']);

      gate.probe();
      gate.failed('x', blocked);
      const [again, rest] = await claim('messenger');
      await all.worker.expire(again, rest, gate);
      expect(await all.messages()).toEqual(['a failed gave-up', 'b failed channel-off']);
    });
  });
});
