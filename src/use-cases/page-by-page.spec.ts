import { DeliveryError } from '../domain/errors.js';
import type { Page } from '../domain/history.js';
import { Interrupted, pages, type Surroundings } from './page-by-page.js';

const waited: number[] = [];
let paused = 0;
let isStopping = false;

const around: Surroundings = {
  intake: { read: () => [], accept: () => Promise.resolve([]) },
  now: () => new Date('2026-11-20T09:00:00Z'),
  pause: () => {
    paused += 1;
    return Promise.resolve();
  },
  wait: (ms) => {
    waited.push(ms);
    return Promise.resolve();
  },
  tell: () => {},
  isStopping: () => isStopping,
};

beforeEach(() => {
  waited.length = 0;
  paused = 0;
  isStopping = false;
});

async function all(read: (page: number) => Promise<Page<number>>, most = 3): Promise<number[]> {
  const entries: number[] = [];
  for await (const some of pages({ upstream: 'crm', most, read, idOf: String }, around))
    entries.push(...some);
  return entries;
}
const page = (n: number, last: number) =>
  Promise.resolve({ entries: [n], hasNext: n < last } satisfies Page<number>);

describe('a history', () => {
  it('is read to its end, with a pause before each request', async () => {
    expect(await all((n) => page(n, 2))).toEqual([0, 1, 2]);
    expect(paused).toBe(3);
  });

  it('that is longer than is read says so', async () => {
    await expect(all((n) => page(n, 3))).rejects.toMatchObject({ outcome: 'rejected' });
  });

  it('that grows while it is read is given out once', async () => {
    const shown = [[5, 4], [4, 3], [2]];
    const read = (n: number) =>
      Promise.resolve({ entries: shown[n] ?? [], hasNext: n < shown.length - 1 });
    expect(await all(read)).toEqual([5, 4, 3, 2]);
  });

  it('that shows the same whatever page it is asked for says so soon', async () => {
    let asked = 0;
    const read = () => {
      asked += 1;
      return Promise.resolve({ entries: [1], hasNext: true });
    };
    await expect(all(read, 500)).rejects.toMatchObject({ outcome: 'rejected' });
    expect(asked).toBe(21);
  });

  it('is asked for a page again that did not come, when it is told to', async () => {
    const errors = [
      new DeliveryError('not-sent', 'busy', { retryAfterMs: 7_000 }),
      new DeliveryError('unknown', 'lost'),
    ];
    const read = (n: number) => {
      const error = errors.shift();
      return error ? Promise.reject(error) : page(n, 0);
    };
    expect(await all(read)).toEqual([0]);
    expect(waited).toEqual([7_000, 2_000]);
  });

  it('is not waited for longer than a minute, nor more than three times', async () => {
    const busy = new DeliveryError('not-sent', 'busy', { retryAfterMs: 900_000 });
    await expect(all(() => Promise.reject(busy))).rejects.toBe(busy);
    expect(waited).toEqual([60_000, 60_000]);
  });

  it('that is shut is asked once', async () => {
    const shut = new DeliveryError('blocked', 'no such key');
    await expect(all(() => Promise.reject(shut))).rejects.toBe(shut);
    expect(waited).toEqual([]);
  });

  it('is left where the process ends', async () => {
    isStopping = true;
    await expect(all((n) => page(n, 2))).rejects.toBeInstanceOf(Interrupted);
  });
});
