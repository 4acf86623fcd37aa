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
  return { journal, waker, meter, intake: new Intake(journal, filing, meter) };
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
