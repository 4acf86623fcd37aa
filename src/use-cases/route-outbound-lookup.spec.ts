import { FakeMessenger } from '../../test/fakes/messenger.js';
import { CLIENT } from '../../test/outgoing.js';
import { OutboundLane } from '../../test/outbound-lane.ts';
import { DeliveryError, type Outcome } from '../domain/errors.js';
import type { Found, Route } from '../domain/ports.js';
import type { Done } from './done.js';

const SIMPLE: Route = { dialect: 'simple', dropsRepeats: false };
/** Does not recognise repeats either, but its answers name the messages it took. */
const MAX: Route = { dialect: 'max-bot', dropsRepeats: false };
const OTHER: Route = { dialect: 'legacy', dropsRepeats: true };

const fault = (outcome: Outcome) => new DeliveryError(outcome, `spec: ${outcome}`);

describe('a manager’s message by a way that does not recognise repeats', () => {
  let lane: OutboundLane;
  let messenger: FakeMessenger;
  beforeEach(async () => {
    lane = await OutboundLane.open();
    ({ messenger } = lane);
    messenger.way = SIMPLE;
  });
  afterEach(() => lane.close());

  const outcome = () => lane.messages();
  const arrived = () => messenger.shown(CLIENT).length;

  /** Sends a message whose outcome is unknown. @param when taken and its answer lost, or never taken */
  async function lose(id: string, when: 'before' | 'after'): Promise<Done> {
    await lane.accept(id);
    messenger.failNext(fault('unknown'), when);
    return lane.work();
  }

  it('leaves a trace before it is sent, and closes it with the answer', async () => {
    let atSend: string[] = [];
    class Looking extends FakeMessenger {
      override async send(...given: Parameters<FakeMessenger['send']>) {
        atSend = await lane.attempts();
        return super.send(...given);
      }
    }
    lane = await OutboundLane.open((now) => new Looking(now));
    lane.messenger.way = SIMPLE;
    await lane.accept('a');
    await lane.work();
    expect(atSend).toEqual(['open']);
    expect(await lane.attempts()).toEqual(['taken']);
  });

  it.each(['not-sent', 'blocked'] as const)('is sent again after "%s"', async (no) => {
    await lane.accept('a');
    messenger.failNext(fault(no));
    await lane.workAfter(await lane.work());
    expect(await outcome()).toEqual(['handed-over']);
    expect([arrived(), messenger.calls.find]).toEqual([1, 0]);
  });

  it('goes another way after a no to this one', async () => {
    await lane.accept('a');
    messenger.failNext(fault('not-sent'));
    const first = await lane.work();
    messenger.way = OTHER;
    messenger.failNext(fault('blocked'));
    await lane.workAfter(first);
    expect(messenger.taken[0]?.dispatch.route).toEqual(OTHER);
    expect(await lane.attempts()).toEqual(['not-sent', 'taken']);
  });

  it('that is refused here, and whose other way cannot be kept, is sent later: it has not left', async () => {
    class Refusing extends FakeMessenger {
      override send(...given: Parameters<FakeMessenger['send']>) {
        if (given[0].route.dialect !== 'simple') return super.send(...given);
        // The journal is away while the other way is to be kept, this once.
        if (this.way !== OTHER) lane.journal.failNext('begin');
        this.way = OTHER;
        return Promise.reject(fault('blocked'));
      }
    }
    lane = await OutboundLane.open((now) => new Refusing(now));
    ({ messenger } = lane);
    messenger.way = SIMPLE;
    await lane.accept('a');
    await lane.workAfter(await lane.work());
    expect([arrived(), await outcome()]).toEqual([1, ['handed-over']]);
  });

  it('that could not be begun in time is sent later: it has not left', async () => {
    await lane.accept('a');
    await lane.work({ mayBegin: () => false });
    await lane.work();
    expect([arrived(), await outcome()]).toEqual([1, ['handed-over']]);
  });

  describe('and without an answer', () => {
    it('is looked for in the history after ten seconds', async () => {
      const lost = await lose('a', 'after');
      expect(lost).toMatchObject({ next: { afterMs: 10_000 }, attempt: { outcome: 'unknown' } });
      const found = await lane.workAfter(lost);
      expect(found.attempt?.outcome).toBe('taken');
      expect(await outcome()).toEqual(['handed-over']);
      expect([arrived(), messenger.calls.send]).toEqual([1, 1]);
    });

    it('is looked for once more after a minute', async () => {
      const lost = await lose('a', 'after');
      messenger.hasHistory = false;
      const notYet = await lane.workAfter(lost);
      expect(notYet).toMatchObject({
        changes: [{ type: 'part-looked-up' }],
        next: { afterMs: 50_000 },
      });
      expect(notYet.attempt).toBeUndefined();
      messenger.hasHistory = true;
      await lane.workAfter(notYet);
      expect(await outcome()).toEqual(['handed-over']);
    });

    it('and not found after a minute may have arrived, and is never sent again', async () => {
      const lost = await lose('a', 'before');
      await lane.workAfter(await lane.workAfter(lost));
      expect(await outcome()).toEqual(['failed unknown-outcome']);
      expect(messenger.calls).toMatchObject({ send: 1, find: 2 });
    });

    it('is not looked for before its ten seconds', async () => {
      const lost = await lose('a', 'after');
      await lane.alarm.pass(4_000);
      const work = (await lane.take())?.[1];
      expect(work).toBeUndefined();
      expect(lost.next).toEqual({ afterMs: 10_000 });
    });

    it('waits while the history cannot be looked at', async () => {
      class Silent extends FakeMessenger {
        override find(): Promise<readonly Found[]> {
          return Promise.reject(fault('unknown'));
        }
      }
      lane = await OutboundLane.open((now) => new Silent(now));
      ({ messenger } = lane);
      messenger.way = SIMPLE;
      const second = await lane.workAfter(await lose('a', 'after'));
      expect(second).toMatchObject({
        changes: [{ type: 'put-off', why: 'failed' }],
        fault: { outcome: 'unknown' },
      });
      expect(messenger.calls.send).toBe(1);
    });
  });

  it('cut short by a crash is treated as one without an answer', async () => {
    await lane.accept('a');
    const [held, work] = (await lane.take()) ?? [];
    const [part] = work?.parts ?? [];
    if (!held || !work || !part) throw new Error('nothing is due');
    const { messageId, conversation } = work;
    await lane.journal.begin({ messageId, partId: part.id, conversation }, SIMPLE);
    await lane.journal.settle(held, [], { afterMs: 0 });

    const noticed = await lane.work();
    expect(noticed).toMatchObject({ next: { afterMs: 10_000 }, attempt: { outcome: 'unknown' } });
    expect(await lane.attempts()).toEqual(['unknown']);
    await lane.workAfter(await lane.workAfter(noticed));
    expect(await outcome()).toEqual(['failed unknown-outcome']);
    expect(messenger.calls.send).toBe(0);
  });

  describe('that says what another one says', () => {
    it('is not taken for one that has an owner', async () => {
      messenger.way = MAX;
      await lane.accept('a');
      await lane.work();
      const lost = await lose('b', 'before');
      await lane.workAfter(await lane.workAfter(lost));
      expect(await outcome()).toEqual(['handed-over', 'failed unknown-outcome']);
    });

    it('is found beside one that has an owner', async () => {
      messenger.way = MAX;
      await lane.accept('a');
      await lane.work();
      await lane.workAfter(await lose('b', 'after'));
      expect(await outcome()).toEqual(['handed-over', 'handed-over']);
      const found = messenger.taken.map(({ messengerId }) => messengerId);
      expect(await lane.journal.owned(lane.line.key, found)).toEqual(new Set(found));
    });

    it('is not told from another one without an owner', async () => {
      class Twice extends FakeMessenger {
        override find(): Promise<readonly Found[]> {
          return Promise.resolve([{ messengerId: '1' }, { messengerId: '2' }]);
        }
      }
      lane = await OutboundLane.open((now) => new Twice(now));
      ({ messenger } = lane);
      messenger.way = SIMPLE;
      await lane.workAfter(await lane.workAfter(await lose('a', 'after')));
      expect(await outcome()).toEqual(['failed unknown-outcome']);
    });

    it('is told from others by its comment', async () => {
      class Commented extends FakeMessenger {
        override find(): Promise<readonly Found[]> {
          return Promise.resolve([
            { messengerId: '1', comment: 'amo:b' },
            { messengerId: '2', comment: 'amo:a' },
          ]);
        }
      }
      lane = await OutboundLane.open((now) => new Commented(now));
      ({ messenger } = lane);
      messenger.way = SIMPLE;
      await lane.workAfter(await lose('a', 'after'));
      expect(await lane.journal.owned(lane.line.key, ['1', '2'])).toEqual(new Set(['2']));
    });

    it('is not taken for one whose comment names another message', async () => {
      class Foreign extends FakeMessenger {
        override find(): Promise<readonly Found[]> {
          return Promise.resolve([{ messengerId: '1', comment: 'amo:b' }]);
        }
      }
      lane = await OutboundLane.open((now) => new Foreign(now));
      ({ messenger } = lane);
      messenger.way = SIMPLE;
      const lookedUp = await lane.workAfter(await lose('a', 'before'));
      expect(await outcome()).toEqual(['waiting']);
      await lane.workAfter(lookedUp);
      expect(await outcome()).toEqual(['failed unknown-outcome']);
    });

    it('is not taken for one that was sent before it, whose id nobody was told', async () => {
      await lane.accept('a');
      await lane.work();
      await lane.alarm.pass(20_000);
      const lookedUp = await lane.workAfter(await lose('b', 'before'));
      expect([arrived(), await outcome()]).toEqual([1, ['handed-over', 'waiting']]);
      await lane.workAfter(lookedUp);
      expect(await outcome()).toEqual(['handed-over', 'failed unknown-outcome']);
    });
  });
});
