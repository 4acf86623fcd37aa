import { anInboundWork, anOutboundWork, aReportWork } from '../../../test/works.ts';
import { KeptLog } from '../../../test/fakes/log.ts';
import { DeliveryError, type Outcome } from '../../domain/errors.js';
import type { Attempt, Change, Work } from '../../domain/journal.js';
import type { Done } from '../../use-cases/done.js';
import { Meter } from '../meter.js';
import { AttemptLog } from './attempt-log.js';

function anAttempt(work: Work, outcome: Outcome | 'taken', more: Partial<Attempt> = {}): Attempt {
  const { kind, messageId } = work;
  return { kind, messageId, at: new Date(), durationMs: 41.7, outcome, ...more };
}

describe('the log of attempts', () => {
  let kept: KeptLog;
  let meter: Meter;
  let log: AttemptLog;
  beforeEach(() => {
    kept = KeptLog.begin();
    meter = new Meter();
    log = new AttemptLog(meter);
  });

  const done = (changes: Change[] = [], fault?: DeliveryError): Done => ({
    changes,
    next: 'go-on',
    fault,
  });

  it('has one line for each, with ids of rows, codes and times', () => {
    const work = anOutboundWork({ tries: 2 });
    const attempt = anAttempt(work, 'not-sent', { httpStatus: 503, error: 'edna answered 503' });
    log.one(work, done(), attempt);
    expect(kept.lines).toEqual([
      {
        level: 'warn',
        message: {
          msg: 'outbound not-sent',
          message: work.messageId,
          conversation: work.conversation.id,
          side: 'edna',
          attempt: 3,
          outcome: 'not-sent',
          http: 503,
          error: 'edna answered 503',
          ms: 42,
        },
      },
    ]);
  });

  it('names the side each goes to', () => {
    for (const work of [anInboundWork(), aReportWork()]) {
      log.one(work, done(), anAttempt(work, 'taken'));
    }
    expect(kept.lines.map(({ level, message }) => [level, message])).toEqual([
      ['log', expect.objectContaining({ msg: 'inbound taken', side: 'amocrm', attempt: 1 })],
      ['log', expect.objectContaining({ msg: 'status taken', side: 'amocrm', attempt: 1 })],
    ]);
  });

  it('holds no text, phone or name', () => {
    const work = anInboundWork();
    log.one(work, done(), anAttempt(work, 'taken'));
    log.gaveUp(anOutboundWork(), done());
    expect(kept.text).not.toMatch(/79995550142|stock|Vera/);
  });

  it('tells a mistake of ours from a fault of the other side', () => {
    const work = anInboundWork();
    const cause = new TypeError('cannot read');
    const fault = new DeliveryError('unknown', 'mistake of ours: TypeError', { cause });
    log.one(work, done([], fault), anAttempt(work, 'unknown'));
    expect(kept.lines.at(-1)).toEqual({
      level: 'error',
      message: { msg: 'a mistake of ours', error: expect.objectContaining({ name: 'TypeError' }) },
    });
  });

  it('counts tries, what was handed over and what failed', async () => {
    const inbound = anInboundWork({ age: { waitedMs: 2_000 } });
    const { messageId } = inbound;
    log.one(
      inbound,
      done([
        {
          type: 'inbound-handed-over',
          messageId,
          conversation: 1,
          delivered: { messageId: 'amo-1' },
        },
      ]),
      anAttempt(inbound, 'taken'),
    );
    const reason = { key: 'gave-up' } as const;
    log.gaveUp(
      anOutboundWork(),
      done([{ type: 'outbound-failed', messageId: 9, partId: 90, reason }]),
    );
    const text = await meter.registry.metrics();
    expect(text).toContain('bridge_handed_over_total{direction="inbound"} 1');
    expect(text).toContain('bridge_hand_over_seconds_sum{direction="inbound"} 2');
    expect(text).toContain('bridge_attempts_total{lane="inbound",outcome="taken"} 1');
    expect(text).toContain('bridge_failed_total{direction="outbound",reason="gave-up"} 1');
  });
});
