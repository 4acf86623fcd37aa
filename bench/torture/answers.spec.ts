import type { Parcel } from '../../sandbox/outbox.ts';
import { answerTimes } from './answers.ts';

const attempt = (at: number, durationMs: number) => ({ at, durationMs, status: 200 });
const parcels = [
  { attempts: [attempt(100, 5_000)] },
  { attempts: [attempt(10_000, 20), attempt(11_000, 1_500), attempt(12_000, 3_000)] },
] as unknown as readonly Parcel[];
const SIEGE = [{ fromAt: 10_000, toAt: 20_000 }];
const control = (starvedMs: number) => ({ maxWithin: () => 7, starvedMs: () => starvedMs });

describe('the time honest webhooks wait', () => {
  it('is looked at while strangers stand before the door', () => {
    expect(answerTimes(parcels, SIEGE, control(0))).toEqual({
      answers: 3,
      maxMs: 3_000,
      slow: 2,
      excused: 0,
      controlMaxMs: 7,
      starved: 0,
    });
  });

  it('is void in a siege in which the bridge got no processor for too long', () => {
    expect(answerTimes(parcels, SIEGE, control(2_000))).toMatchObject({ slow: 2, excused: 0 });
    expect(answerTimes(parcels, SIEGE, control(3_000))).toMatchObject({ slow: 0, excused: 2 });
  });
});
