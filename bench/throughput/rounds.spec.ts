import { figure, isReached, type Figure } from './figure.ts';
import { inTurn, median, type Run } from './rounds.ts';
import { toTable } from './table.ts';

/** Runs that give these numbers one after the other, the busiest beside them in shares of a core. */
function runs(...all: readonly (readonly [perSecond: number, busiest?: number])[]) {
  const left = [...all];
  return (): Promise<Run<'perSecond'>> => {
    const [perSecond, busiest = 0] = left.shift() ?? [NaN];
    return Promise.resolve({ measured: { perSecond }, busiest });
  };
}

describe('rounds', () => {
  it('run all in turn, and none that warms up counts', async () => {
    const order: string[] = [];
    const named = (name: string, run: () => Promise<Run<'perSecond'>>) => () => {
      order.push(name);
      return run();
    };
    const { valid } = await inTurn(
      { a: named('a', runs([9], [1], [2])), b: named('b', runs([9], [3], [4])) },
      { rounds: 2, warmUps: 1 },
    );
    expect(order.join('')).toBe('ababab');
    expect(valid).toEqual([
      { a: { perSecond: 1 }, b: { perSecond: 3 } },
      { a: { perSecond: 2 }, b: { perSecond: 4 } },
    ]);
  });

  it('are void where somebody beside the bridge was busy, and run again', async () => {
    const done = await inTurn(
      { a: runs([1, 0.5], [2, 0.81], [3, 0.8]) },
      { rounds: 2, warmUps: 0 },
    );
    expect(done).toEqual({
      valid: [{ a: { perSecond: 1 } }, { a: { perSecond: 3 } }],
      void: 1,
      busiest: 0.8,
    });
  });

  it('end where all are void', async () => {
    const done = await inTurn({ a: async () => runs([1, 0.9])() }, { rounds: 3, warmUps: 0 });
    expect(done).toMatchObject({ valid: [], void: 4 });
  });

  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
  ])('have %j a median of %d', (values, middle) => {
    expect(median(values)).toBe(middle);
  });
});

describe('a figure', () => {
  const of = (values: readonly number[], more: Partial<Figure> = {}): Figure => ({
    ...figure(
      { name: 'route-manager', title: 'messages/s', must: { atLeast: 0.8 } },
      { valid: values.map((perSecond) => ({ a: { perSecond } })), void: 0, busiest: 0 },
      ({ a: { perSecond } }) => perSecond,
    ),
    ...more,
  });

  it('is reached by the round in the middle', () => {
    expect(isReached(of([0.5, 0.8, 0.9]))).toBe(true);
    expect(isReached(of([0.7, 0.79, 0.9]))).toBe(false);
    expect(isReached(of([1.4, 1.2, 1.1], { must: { atMost: 1.2 } }))).toBe(true);
  });

  it('is reached by each round where it is a limit', () => {
    const limit = { must: { atMost: 260 }, judgedBy: 'worst' } as const;
    expect(isReached(of([100, 100, 261], limit))).toBe(false);
    expect(isReached(of([100, 100, 260], limit))).toBe(true);
  });

  it('is not reached where nothing counts, or most did not', () => {
    expect(isReached(of([]))).toBe(false);
    expect(isReached(of([0.9, 0.9], { void: 3 }))).toBe(false);
  });

  it('stands in the table with its spread', () => {
    const [, row] = toTable([of([0.5, 0.7, 0.9])]).split('\n');
    expect(row).toBe('messages/s  ≥ 0.80      0.70  ← missed  0.50 … 0.90  3');
  });
});
