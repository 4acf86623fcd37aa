import { Logger } from '@nestjs/common';
import { anInbound, aReceipt, arrivals } from '../../../test/builders.ts';
import { HandAlarm } from '../../../test/fakes/alarm.ts';
import { FilingJournal } from '../../../test/fixtures/filing-journal.ts';
import { Counted } from '../../../test/fixtures/webhook-app.ts';
import type { Upstream } from '../../domain/journal.js';
import { DispatcherMode } from '../dispatcher/dispatcher.js';
import { BusyLoop } from '../../../test/fakes/event-loop.ts';
import { Crowd } from './crowd.js';
import { Filing } from './filing.js';
import { Waker } from './waker.js';

class Woken extends Waker {
  readonly upstreams: string[] = [];

  wake(upstreams: readonly Upstream[] = []): void {
    this.upstreams.push(upstreams.join('+'));
  }
}

function aFiling(mode: DispatcherMode['value'] = 'at work') {
  const [journal, waker, meter, alarm] = [
    new FilingJournal(),
    new Woken(),
    new Counted(),
    new HandAlarm(),
  ];
  const crowd = new Crowd(alarm, new BusyLoop());
  const filing = new Filing(journal, waker, meter, crowd, alarm, new DispatcherMode(mode));
  /** As a webhook does it. */
  const receive = (...given: Parameters<typeof arrivals>) =>
    journal.receive(arrivals(...given), () => filing.received());
  return { journal, waker, meter, alarm, filing, receive };
}

const written: unknown[] = [];
beforeEach(() => {
  written.length = 0;
  const write = (message: unknown) => written.push(message);
  Logger.overrideLogger({ log: write, warn: write, error: write });
});
afterEach(() => Logger.overrideLogger(false));

describe('Filing', () => {
  it('files what was received, counts it, and wakes whoever works it', async () => {
    const { alarm, journal, meter, waker, receive } = aFiling();
    await receive(anInbound('1'));
    await alarm.rest();
    expect(journal.accepted).toHaveLength(1);
    expect(meter.counts).toEqual(['edna inbound new']);
    expect(waker.upstreams).toEqual(['crm']);
    await receive(aReceipt('r', 'read'));
    await alarm.rest();
    expect(waker.upstreams).toEqual(['crm', 'crm+messenger']);
  });

  it('wakes nobody where nothing is left to do', async () => {
    const { alarm, journal, waker, receive } = aFiling();
    journal.refuses = true;
    await receive(anInbound('1'));
    await alarm.rest();
    expect(journal.accepted).toHaveLength(1);
    expect(waker.upstreams).toEqual([]);
  });

  it('comes back to what it could not file, without a word from anybody', async () => {
    const { alarm, journal, filing, receive } = aFiling();
    await filing.onApplicationBootstrap();
    await receive(anInbound('1'));
    journal.isUnavailable = true;
    await alarm.pass(20_000);
    expect(journal.accepted).toEqual([]);
    journal.isUnavailable = false;
    await alarm.pass(1_000);
    expect(journal.accepted).toHaveLength(1);
    expect(written).toMatchObject([{ msg: 'what was received cannot be filed' }]);
  });

  it('says where it is at fault, and comes back', async () => {
    const { alarm, journal, filing, receive } = aFiling();
    await filing.onApplicationBootstrap();
    await alarm.rest();
    const file = journal.file.bind(journal);
    journal.file = () => Promise.reject(new TypeError('a mistake'));
    await receive(anInbound('1'));
    await alarm.rest();
    expect(written).toMatchObject([{ msg: 'what was received cannot be filed' }]);
    journal.file = file;
    await alarm.pass(1_000);
    expect(journal.accepted).toHaveLength(1);
  });

  it('files what a former process had received, at the start', async () => {
    const { alarm, journal, filing } = aFiling();
    journal.received.push(...arrivals(anInbound('1')));
    await filing.onApplicationBootstrap();
    await alarm.rest();
    expect(journal.accepted).toHaveLength(1);
  });

  it('files as much before a command looks at the journal, and nothing after that', async () => {
    const { alarm, journal, filing, receive } = aFiling('at rest');
    journal.received.push(...arrivals(anInbound('1')));
    await filing.onApplicationBootstrap();
    expect(journal.accepted).toHaveLength(1);
    await receive(anInbound('2'));
    await alarm.pass(10_000);
    expect(journal.accepted).toHaveLength(1);
  });

  it('lets a crowd of webhooks go first', async () => {
    const { alarm, journal, receive } = aFiling();
    for (let i = 0; i < 60; i += 1) {
      await receive(anInbound(`${i}`));
      await alarm.pass(1);
    }
    const before = journal.accepted.length;
    expect(before).toBeLessThan(60);
    await alarm.pass(300);
    expect(journal.accepted).toHaveLength(60);
  });

  it('files before somebody asks, and for all who ask at once', async () => {
    const { alarm, journal, filing } = aFiling('at rest');
    journal.received.push(...arrivals(anInbound('1')));
    let calls = 0;
    const file = journal.file.bind(journal);
    journal.file = () => {
      calls += 1;
      return file();
    };
    const first = filing.fileAll();
    journal.received.push(...arrivals(anInbound('2')));
    await Promise.all([first, filing.fileAll(), filing.fileAll(), filing.fileAll()]);
    expect(journal.accepted).toHaveLength(2);
    expect(calls).toBe(2);
    await alarm.rest();
  });

  it('is done with what was there when it was asked, though more and more comes', async () => {
    const { alarm, journal, filing } = aFiling('at rest');
    journal.file = async () => {
      await alarm.pass(10);
      return { filed: [], isMore: true, waitedMs: 35 };
    };
    await filing.fileAll();
    expect(alarm.now()).toBe(50);
  });

  it('holds up who posts while it is far behind, and nobody else', async () => {
    const { alarm, journal, filing } = aFiling();
    let waitedMs = 6_000;
    journal.file = async () => {
      await alarm.wait(1_000);
      return { filed: [], isMore: waitedMs < Infinity, waitedMs };
    };
    filing.received();
    await filing.room();
    await alarm.pass(1_000);
    let hasRoom = false;
    void filing.room().then(() => (hasRoom = true));
    await alarm.pass(499);
    expect(hasRoom).toBe(false);
    await alarm.pass(1);
    expect(hasRoom).toBe(true);
    waitedMs = Infinity;
    await alarm.pass(2_000);
    await filing.room();
  });

  it('gives others their turn between two transactions', async () => {
    const { alarm, journal, receive } = aFiling();
    const order: string[] = [];
    let calls = 0;
    journal.file = () => {
      order.push('file');
      calls += 1;
      setImmediate(() => order.push('other'));
      return Promise.resolve({ filed: [], isMore: calls < 3, waitedMs: 1 });
    };
    await receive(anInbound('1'));
    await alarm.rest();
    expect(order.join(' ')).toBe('file other file other file other');
  });

  it('lets no crowd overtake what has waited for five seconds', async () => {
    const { alarm, journal, filing, receive } = aFiling();
    let calls = 0;
    journal.file = () => {
      calls += 1;
      return Promise.resolve({ filed: [], isMore: calls < 100, waitedMs: calls < 3 ? 100 : 6_000 });
    };
    for (let i = 0; i < 60; i += 1) filing.received();
    await receive(anInbound('1'));
    await alarm.pass(31);
    for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
    expect(calls).toBeGreaterThanOrEqual(100);
  });

  it('ends what is under way when the process stops, and begins nothing more', async () => {
    const { alarm, journal, filing, receive } = aFiling();
    await filing.onApplicationBootstrap();
    await alarm.rest();
    await receive(anInbound('1'));
    await filing.beforeApplicationShutdown();
    expect(journal.accepted).toHaveLength(1);
    await receive(anInbound('2'));
    await alarm.pass(10_000);
    expect(journal.accepted).toHaveLength(1);
    expect(journal.received).toHaveLength(1);
  });
});
