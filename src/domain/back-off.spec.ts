import { backOffMs } from './back-off.js';

const MOST_MS = 300_000;
const ALMOST_ONE = 1 - Number.EPSILON;

describe('the wait before the next try', () => {
  it('is a second at least and twice as long at most each time', () => {
    const longest = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((tries) =>
      backOffMs(tries, MOST_MS, ALMOST_ONE),
    );
    expect(longest).toEqual([
      2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000,
    ]);
    for (let tries = 0; tries < 9; tries += 1) expect(backOffMs(tries, MOST_MS, 0)).toBe(1_000);
  });

  it('lies anywhere between, so that lanes which failed together do not come back together', () => {
    const waits = [0, 0.25, 0.5, 0.75].map((jitter) => backOffMs(3, MOST_MS, jitter));
    expect(waits).toEqual([1_000, 4_750, 8_500, 12_250]);
  });

  it('stays within its limit, however often it failed', () => {
    for (const tries of [9, 100, 5_000, Number.MAX_SAFE_INTEGER]) {
      expect(backOffMs(tries, MOST_MS, ALMOST_ONE)).toBe(MOST_MS);
      expect(backOffMs(tries, 1_000, 0.5)).toBe(1_000);
    }
  });
});
