import { aMessage, anInbound, arrivals, LINE } from '../../../test/builders.ts';
import { FilingJournal } from '../../../test/fixtures/filing-journal.ts';
import { Counted, WakeCount } from '../../../test/fixtures/webhook-app.ts';
import { Logger } from '@nestjs/common';
import { HandAlarm } from '../../../test/fakes/alarm.ts';
import { DispatcherMode } from '../dispatcher/dispatcher.js';
import { Crowd, EventLoop } from './crowd.js';
import { Filing } from './filing.js';
import { Intake, standingAlone } from './intake.js';
import { ignored } from './reading.js';

const written: unknown[] = [];

beforeEach(() => {
  written.length = 0;
  const write = (message: unknown) => written.push(message);
  const keep = { log: write, warn: write, error: write };
  Logger.overrideLogger(keep);
});
afterEach(() => Logger.overrideLogger(false));

function anIntake() {
  const [journal, waker, meter] = [new FilingJournal(), new WakeCount(), new Counted()];
  const mode = new DispatcherMode('at work');
  const alarm = new HandAlarm();
  const crowd = new Crowd(alarm, new EventLoop());
  const filing = new Filing(journal, waker, meter, crowd, alarm, mode);
  return { alarm, journal, waker, meter, filing, intake: new Intake(journal, filing, meter) };
}

describe('Intake', () => {
  it('writes one line for what is kept, with nothing of its content', async () => {
    const { intake } = anIntake();
    const [arrival] = arrivals({ type: 'quarantine', reason: 'invalid: messageContent.text' });
    const raw = Buffer.from('{"phone":"79995550142","text":"secret"}');
    await intake.accept(arrival ? [{ ...arrival, raw }] : []);
    expect(written).toEqual([
      { msg: 'quarantined', side: 'edna', reason: 'invalid: messageContent.text' },
    ]);
  });

  it('writes one line for what the store refused', async () => {
    const { intake, journal } = anIntake();
    journal.refuses = true;
    expect(await intake.accept(arrivals(anInbound('1')))).toEqual(['quarantined']);
    expect(written).toEqual([{ msg: 'quarantined', side: 'edna', reason: 'refused by the store' }]);
  });

  it('writes one line for a status it does not know', async () => {
    const { intake } = anIntake();
    const event = ignored('unknown-status', 'SEEN');
    await intake.accept([{ event, origin: { webhook: 'edna' }, raw: Buffer.alloc(0) }]);
    expect(written).toEqual([{ msg: 'unknown-status', side: 'edna', status: 'SEEN' }]);
  });

  it('files what was received before what is accepted', async () => {
    const { intake, journal } = anIntake();
    journal.received.push(...arrivals(anInbound('1')));
    await intake.accept(arrivals(anInbound('2')));
    expect(journal.accepted).toHaveLength(2);
    expect(journal.accepted[0]?.event).toEqual(anInbound('1'));
  });

  it('keeps a webhook, and has it filed afterwards', async () => {
    const { alarm, intake, journal, meter } = anIntake();
    await intake.receive(arrivals(anInbound('1')));
    await alarm.rest();
    expect(journal.received).toEqual([]);
    expect(meter.counts).toEqual(['edna inbound new']);
  });

  it('takes a webhook later where filing is far behind', async () => {
    const { alarm, filing, intake, journal } = anIntake();
    journal.file = () =>
      alarm.wait(1_000).then(() => ({ filed: [], isMore: true, waitedMs: 6_000 }));
    filing.received();
    await alarm.pass(1_000);
    const received = intake.receive(arrivals(anInbound('1')));
    await alarm.pass(499);
    expect(journal.received).toEqual([]);
    await alarm.pass(1);
    await received;
    expect(journal.received).toHaveLength(1);
    const ended = filing.beforeApplicationShutdown();
    await alarm.pass(2_000);
    await ended;
  });

  it('writes nothing for a message, and files it in its turn', async () => {
    const { intake, journal, meter } = anIntake();
    const first = anInbound('1', { message: aMessage() });
    await intake.accept([
      ...arrivals(first),
      { event: ignored('typing'), origin: { webhook: 'amocrm' }, raw: Buffer.alloc(0) },
      ...arrivals({ type: 'receipt', line: LINE, requestId: 'r', receipt: { status: 'read' } }),
    ]);
    expect(written).toEqual([]);
    expect(journal.accepted.map(({ event }) => event.type)).toEqual(['inbound', 'receipt']);
    expect(meter.counts).toEqual(['edna inbound new', 'edna receipt new', 'amocrm ignored typing']);
  });
});

describe('standingAlone', () => {
  it('keeps a body that a fault of ours cannot read, and writes where the fault is', () => {
    const event = standingAlone(() => {
      throw new TypeError('cannot read "79995550142"');
    });
    expect(event).toEqual({ type: 'quarantine', reason: 'fault' });
    expect(JSON.stringify(written)).toContain('intake.spec');
    expect(JSON.stringify(written)).not.toContain('79995550142');
  });
});
