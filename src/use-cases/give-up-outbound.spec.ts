import { anOutboundWork } from '../../test/works.js';
import type { OutboundWork } from '../domain/journal.js';
import type { Reason } from '../domain/reasons.js';
import { Settings } from '../domain/settings.js';
import { GiveUpOutbound } from './give-up-outbound.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('a manager’s message that has waited', () => {
  const giveUp = new GiveUpOutbound(new Settings());

  function reasonOf(
    work: OutboundWork,
    blocked?: { forMs: number; reason?: Reason },
    by = giveUp,
  ): Reason | undefined {
    const [change] = by.execute(work, { blocked })?.changes ?? [];
    return change?.type === 'outbound-failed' ? change.reason : undefined;
  }
  const waited = (waitedMs: number) => anOutboundWork({ age: { waitedMs } });

  it('less than its time goes on waiting', () => {
    expect(giveUp.execute(waited(HOUR_MS - 1), {})).toBeUndefined();
  });

  it('for its time is given up, and says for how long edna has not answered', () => {
    expect(giveUp.execute(waited(HOUR_MS), {})).toEqual({
      changes: [
        {
          type: 'outbound-failed',
          messageId: 9,
          partId: 90,
          reason: { key: 'gave-up', args: { time: '1 ч' } },
        },
      ],
      next: 'go-on',
    });
    const english = new GiveUpOutbound(new Settings({ language: 'en', outboundTtlMs: 90_000 }));
    expect(reasonOf(waited(125_000), undefined, english)).toEqual({
      key: 'gave-up',
      args: { time: '2 min' },
    });
  });

  it('a minute for a messenger that refuses everything is given up with the reason of that', () => {
    const reason = { key: 'no-money' } as const;
    expect(reasonOf(waited(MINUTE_MS), { forMs: MINUTE_MS, reason })).toEqual(reason);
    expect(reasonOf(waited(MINUTE_MS), { forMs: MINUTE_MS })).toEqual({ key: 'edna-refused' });
  });

  it('counts that minute from its acceptance or from the refusing, whichever is later', () => {
    expect(reasonOf(waited(MINUTE_MS - 1), { forMs: HOUR_MS })).toBeUndefined();
    expect(reasonOf(waited(HOUR_MS - 1), { forMs: MINUTE_MS - 1 })).toBeUndefined();
  });

  it.each([
    ['a send of it was begun and nobody recorded its end', { begun: true }],
    ['the outcome of a send of it is unknown', { unknownMs: 5 }],
  ])('may have arrived where %s', (_, part) => {
    const tooLong = anOutboundWork({ age: { waitedMs: HOUR_MS } }, part);
    expect(reasonOf(tooLong)).toEqual({ key: 'unknown-outcome' });
    expect(reasonOf(tooLong, { forMs: HOUR_MS })).toEqual({ key: 'unknown-outcome' });
  });

  it('fails in the part that did not go', () => {
    const work = waited(HOUR_MS);
    const [first] = work.parts as [OutboundWork['parts'][0]];
    const parts = [
      { ...first, state: 'handed-over', unknownMs: 5 },
      { ...first, id: 91, number: 2 },
    ] as const;
    expect(giveUp.execute({ ...work, parts }, {})?.changes).toEqual([
      expect.objectContaining({ partId: 91, reason: expect.objectContaining({ key: 'gave-up' }) }),
    ]);
    expect(giveUp.execute({ ...work, parts: [parts[0]] }, {})).toBeUndefined();
  });
});
