import { HandAlarm } from '../../../test/fakes/alarm.ts';
import { DeliveryError, type Outcome } from '../../domain/errors.js';
import type { Reason } from '../../domain/reasons.js';
import { UpstreamGate } from './gate.js';

const MINUTE_MS = 60_000;

describe('a gate', () => {
  let alarm: HandAlarm;
  let gate: UpstreamGate;
  beforeEach(() => {
    alarm = new HandAlarm();
    gate = new UpstreamGate(alarm, 0);
  });

  const fail = (
    lane: string,
    outcome: Outcome,
    details: { retryAfterMs?: number; reason?: Reason } = {},
  ) => gate.failed(lane, new DeliveryError(outcome, 'spec', details));
  const failRun = (...lanes: string[]) => lanes.forEach((lane) => fail(lane, 'unknown'));
  const seen = () => [gate.state, gate.why, gate.room(100)];

  it('is open, and lets through as many as there are', () => {
    expect(seen()).toEqual(['open', undefined, 100]);
    expect([gate.nextRoomMs, gate.blocked]).toEqual([undefined, undefined]);
  });

  describe('of an upstream that refuses everything', () => {
    it('is shut at once, and let one through a minute later to see', async () => {
      fail('a', 'blocked', { reason: { key: 'no-money' } });
      expect(seen()).toEqual(['shut', 'blocked', 0]);
      expect(gate.nextRoomMs).toBe(MINUTE_MS);
      await alarm.pass(MINUTE_MS - 1);
      expect(gate.room(100)).toBe(0);
      await alarm.pass(1);
      expect(gate.room(100)).toBe(1);
      gate.probe();
      expect(seen()).toEqual(['probing', 'blocked', 0]);
    });

    it('is tried once a minute, and remembers since when and why', async () => {
      fail('a', 'blocked', { reason: { key: 'no-money' } });
      for (let minute = 1; minute <= 3; minute += 1) {
        await alarm.pass(MINUTE_MS);
        gate.probe();
        fail('a', 'blocked', { reason: { key: 'channel-off' } });
        expect(seen()).toEqual(['shut', 'blocked', 0]);
        expect(gate.nextRoomMs).toBe(MINUTE_MS);
      }
      expect(gate.blocked).toEqual({ forMs: 3 * MINUTE_MS, reason: { key: 'channel-off' } });
    });

    it('opens when the one that went through was answered', async () => {
      fail('a', 'blocked');
      await alarm.pass(MINUTE_MS);
      gate.probe();
      gate.passed('a', alarm.now());
      expect(seen()).toEqual(['open', undefined, 100]);
      expect(gate.blocked).toBeUndefined();
    });

    it('lets another one through when the one that went had nothing to try', async () => {
      fail('a', 'blocked');
      await alarm.pass(MINUTE_MS);
      gate.probe();
      gate.probeEnded();
      expect(seen()).toEqual(['shut', 'blocked', 1]);
    });

    it('is not let through later because of requests that were under way when it was shut', async () => {
      fail('a', 'blocked');
      await alarm.pass(5_000);
      fail('b', 'blocked');
      expect(gate.nextRoomMs).toBe(MINUTE_MS - 5_000);
    });

    it('has what waits given up only after a try a minute later, or where nothing was there to try', async () => {
      fail('a', 'blocked');
      await alarm.pass(10 * MINUTE_MS);
      expect(gate.mayGiveUp).toBe(false);
      gate.probe();
      gate.probeEnded();
      expect(gate.mayGiveUp).toBe(false);
      gate.probe();
      expect(gate.mayGiveUp).toBe(false);
      fail('a', 'blocked');
      expect(gate.mayGiveUp).toBe(true);
      gate.reopen();
      fail('a', 'blocked');
      await alarm.pass(MINUTE_MS);
      expect(gate.mayGiveUp).toBe(false);
      gate.nothingDue();
      expect(gate.mayGiveUp).toBe(false);
      gate.probe();
      gate.nothingDue();
      expect(gate.mayGiveUp).toBe(true);
    });

    it('stays shut when a request is answered that began before it was shut', async () => {
      const beganAt = alarm.now();
      await alarm.pass(10);
      fail('a', 'blocked');
      gate.passed('b', beganAt);
      expect(seen()).toEqual(['shut', 'blocked', 0]);
    });
  });

  describe('of an upstream that asks to be left alone', () => {
    it('is shut for as long as it asks, and 15 minutes at most', () => {
      fail('a', 'not-sent', { retryAfterMs: 7_000 });
      expect(seen()).toEqual(['shut', 'asked', 0]);
      expect(gate.nextRoomMs).toBe(7_000);
      fail('b', 'not-sent', { retryAfterMs: 24 * 60 * MINUTE_MS });
      expect(gate.nextRoomMs).toBe(15 * MINUTE_MS);
      expect(gate.blocked).toBeUndefined();
    });

    it('does not open sooner because another request was asked for less', () => {
      fail('a', 'not-sent', { retryAfterMs: 7_000 });
      fail('b', 'not-sent', { retryAfterMs: 2_000 });
      expect(gate.nextRoomMs).toBe(7_000);
    });

    it('believes the one that was let through to see', async () => {
      fail('a', 'not-sent', { retryAfterMs: 7_000 });
      await alarm.pass(7_000);
      gate.probe();
      fail('a', 'not-sent', { retryAfterMs: 1_000 });
      expect([gate.state, gate.nextRoomMs]).toEqual(['shut', 1_000]);
    });
  });

  describe('of an upstream that does not answer', () => {
    it('is shut for a second after five lanes in a row', () => {
      failRun('a', 'b', 'c', 'd');
      expect(gate.state).toBe('open');
      fail('e', 'not-sent');
      expect(seen()).toEqual(['shut', 'run', 0]);
      expect(gate.nextRoomMs).toBe(1_000);
    });

    it('stays open for one lane, however often it fails', () => {
      failRun(...Array.from({ length: 20 }, () => 'a'));
      expect(gate.state).toBe('open');
    });

    it('stays open where any lane was answered between', () => {
      failRun('a', 'b', 'c', 'd');
      gate.passed('a', alarm.now());
      failRun('a', 'b', 'c', 'd');
      expect(gate.state).toBe('open');
    });

    it('is shut longer each time one that was let through fails, up to 30 s', async () => {
      failRun('a', 'b', 'c', 'd', 'e');
      const pauses: unknown[] = [];
      for (let i = 0; i < 7; i += 1) {
        pauses.push(gate.nextRoomMs);
        await alarm.pass(gate.nextRoomMs ?? 0);
        gate.probe();
        fail('a', 'unknown');
      }
      expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
      gate.probe();
      gate.passed('a', alarm.now());
      failRun('a', 'b', 'c', 'd', 'e');
      expect(gate.nextRoomMs).toBe(1_000);
    });

    it('is not shut longer by requests that were under way when it was shut', () => {
      failRun('a', 'b', 'c', 'd', 'e', 'f', 'g');
      expect(gate.nextRoomMs).toBe(1_000);
    });
  });

  describe('for poison', () => {
    beforeEach(() => alarm.pass(MINUTE_MS));

    it('says so only of an upstream that was open all the time', async () => {
      fail('a', 'blocked');
      gate.reopen();
      gate.passed('b', alarm.now());
      expect(gate.tookOthers('a', MINUTE_MS)).toBe(false);
      await alarm.pass(MINUTE_MS);
      gate.passed('b', alarm.now());
      expect(gate.tookOthers('a', MINUTE_MS)).toBe(true);
    });

    it('tells whether another lane was taken within a time', async () => {
      gate.passed('a', alarm.now());
      expect([gate.tookOthers('a', MINUTE_MS), gate.tookOthers('b', MINUTE_MS)]).toEqual([
        false,
        true,
      ]);
      await alarm.pass(MINUTE_MS + 1);
      expect(gate.tookOthers('b', MINUTE_MS)).toBe(false);
    });

    it('remembers the other one when the same lane is taken again and again', async () => {
      gate.passed('a', alarm.now());
      for (let i = 0; i < 5; i += 1) gate.passed('b', alarm.now());
      expect(gate.tookOthers('b', MINUTE_MS)).toBe(true);
    });
  });

  describe('with a rate', () => {
    it('lets as many through as it has tokens for, and each request takes one', async () => {
      gate = new UpstreamGate(alarm, 3);
      expect([gate.room(100), gate.room(2), gate.nextRoomMs]).toEqual([3, 2, undefined]);
      await Promise.all([gate.turn(), gate.turn(), gate.turn()]);
      expect(gate.room(100)).toBe(0);
      expect(gate.nextRoomMs).toBeCloseTo(1_000 / 3, 5);
    });

    it('that is shut lets one through to see, if it has a token', async () => {
      gate = new UpstreamGate(alarm, 1);
      fail('a', 'blocked');
      await alarm.pass(MINUTE_MS);
      expect(gate.room(100)).toBe(1);
      await gate.turn();
      expect(gate.room(100)).toBe(0);
    });
  });
});
