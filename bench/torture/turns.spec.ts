import { LATE_MS, Turns } from './turns.ts';

describe('turns', () => {
  let nowMs: number;
  let turns: Turns;
  let done: string[];
  beforeEach(() => {
    nowMs = 0;
    turns = new Turns(() => nowMs);
    done = [];
  });
  const lasting = (name: string, ms: number) => () => {
    nowMs += ms;
    done.push(name);
    return Promise.resolve();
  };
  const failed = (error: unknown): void => void done.push(String(error));

  it('come one after the other', async () => {
    turns.take(lasting('one', LATE_MS), failed);
    turns.take(lasting('two', 1), failed);
    await turns.ended();

    expect(done).toEqual(['one', 'two']);
    expect(turns.leftOut).toBe(0);
  });

  it('are left out where they would come too late', async () => {
    turns.take(lasting('one', LATE_MS + 1), failed);
    turns.take(lasting('two', 1), failed);
    turns.take(lasting('three', 1), failed);
    await turns.ended();
    turns.take(lasting('four', 1), failed);
    await turns.ended();

    expect(done).toEqual(['one', 'four']);
    expect(turns.leftOut).toBe(2);
  });

  it('go on after one that failed', async () => {
    turns.take(() => Promise.reject(new Error('no')), failed);
    turns.take(lasting('two', 1), failed);
    await turns.ended();

    expect(done).toEqual(['Error: no', 'two']);
  });
});
