import { anInbound, anOutbound, aReceipt, arrivals } from '../../../test/builders.js';
import { Dispatching } from '../../../test/dispatching.ts';

const SECOND_MS = 1_000;
const client = (n: number) => ({ address: `7999555${1000 + n}` });

describe('a dispatcher that is told to stop', () => {
  let all: Dispatching;
  beforeEach(async () => {
    all = await Dispatching.start();
  });
  afterEach(() => all.end());

  /** Told to stop, and whether it has. */
  function stop(): { isDone: boolean; done: Promise<void> } {
    const stopping = { isDone: false, done: Promise.resolve() };
    stopping.done = all.dispatcher.beforeApplicationShutdown().then(() => {
      stopping.isDone = true;
    });
    return stopping;
  }

  it('says so, and ends at once where nothing is under way', async () => {
    expect(all.dispatcher.isStopping).toBe(false);
    const stopping = stop();
    expect(all.dispatcher.isStopping).toBe(true);
    await all.alarm.rest();
    expect(stopping.isDone).toBe(true);
  });

  it('lets tries under way end and writes down what came of them', async () => {
    all.crm.door.shut();
    all.messenger.door.shut();
    await all.accept(anInbound('1'), anInbound('2'), anOutbound('a'));
    const stopping = stop();
    await all.alarm.rest();
    expect([stopping.isDone, all.dispatcher.hasStopped]).toEqual([false, false]);
    all.crm.door.open();
    all.messenger.door.open();
    await all.alarm.rest();
    expect([stopping.isDone, all.dispatcher.hasStopped]).toEqual([true, true]);
    expect(await all.messages()).toEqual(['1 handed-over', '2 waiting', 'a handed-over']);
    expect(await all.owned()).toBe(0);
  });

  it('begins nothing any more, and keeps what comes', async () => {
    all.crm.door.shut();
    await all.accept(anInbound('1'));
    const stopping = stop();
    await all.accept(anInbound('2', client(2)), anOutbound('a'));
    await all.alarm.pass(2 * SECOND_MS);
    expect([all.crm.door.waiting, all.sent]).toEqual([1, []]);
    all.crm.door.open();
    await stopping.done;
    expect(await all.messages()).toEqual(['1 handed-over', '2 waiting', 'a waiting']);
    expect(await all.owned()).toBe(0);
  });

  it('gives back what it was just claiming', async () => {
    all.journal.doors.claim.shut();
    await all.accept(anInbound('1'));
    const stopping = stop();
    all.journal.doors.claim.open();
    await all.alarm.rest();
    await stopping.done;
    expect([all.inCrm, await all.owned()]).toEqual([[], 0]);
    expect(await all.messages()).toEqual(['1 waiting']);
  });

  it('waits seven seconds at most', async () => {
    all.crm.door.shut();
    await all.accept(anInbound('1'));
    const stopping = stop();
    await all.alarm.pass(7 * SECOND_MS - 1);
    expect(stopping.isDone).toBe(false);
    await all.alarm.pass(1);
    await stopping.done;
  });

  it('holds its lanes as its own until then', async () => {
    all.crm.door.shut();
    await all.accept(anInbound('1'));
    stop();
    await all.alarm.pass(6 * SECOND_MS);
    expect(all.lease.covers()).toBe(true);
  });

  it('reports no status any more, and the next one does', async () => {
    await all.accept(anOutbound('a'));
    await stop().done;
    await all.journal.accept(arrivals(aReceipt('a', 'read')));
    all.dispatcher.wake();
    await all.alarm.pass(10 * SECOND_MS);
    expect(all.crm.marks).toEqual([]);
  });
});
