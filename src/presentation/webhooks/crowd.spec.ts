import { HandAlarm } from '../../../test/fakes/alarm.ts';
import { BusyLoop } from '../../../test/fakes/event-loop.ts';
import { Crowd } from './crowd.js';

describe('a crowd of webhooks', () => {
  let alarm: HandAlarm;
  let loop: BusyLoop;
  let crowd: Crowd;
  beforeEach(() => {
    alarm = new HandAlarm();
    loop = new BusyLoop();
    crowd = new Crowd(alarm, loop);
  });

  /** So many come, one after the other, with so long between two of them. */
  async function come(count: number, everyMs: number): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      crowd.came();
      await alarm.pass(everyMs);
    }
  }

  /** For how long what is to be filed waits while more come. */
  async function waitedMs(whileComing: () => Promise<void>): Promise<number> {
    const beganAt = alarm.now();
    let ended: number | undefined;
    const passed = crowd.passed().then(() => (ended = alarm.now()));
    await whileComing();
    await alarm.pass(1_000);
    await passed;
    return (ended ?? Infinity) - beganAt;
  }

  it('is none while few come, however busy the process is', async () => {
    await come(100, 3);
    expect(await waitedMs(() => come(100, 3))).toBe(0);
  });

  it('goes first, and not for ever', async () => {
    await come(60, 1);
    const waited = await waitedMs(() => come(1_000, 1));
    expect(waited).toBeGreaterThanOrEqual(150);
    expect(waited).toBeLessThan(160);
  });

  it('is not waited for where there is time for both', async () => {
    await come(60, 1);
    loop.share = 0.3;
    expect(await waitedMs(() => come(1_000, 1))).toBe(5);
  });

  it('is not waited for any more once it has passed', async () => {
    await come(60, 1);
    expect(await waitedMs(() => Promise.resolve())).toBe(10);
  });
});
