import { Memory } from './memory.ts';
import { OptionsError, readOptions } from './options.ts';
import { fuzz, isGood } from './run.ts';

const MB = 1024 * 1024;

describe('the built bridge under bodies that are nearly right', () => {
  it.each([
    ['sqlite', 1_200],
    ['postgres', 400],
  ] as const)(
    'answers each as the contract says, and loses none, on %s',
    async (store, count) => {
      const outcome = await fuzz({ count, seed: 6, seconds: 60, store });
      expect(outcome.details).toEqual([]);
      expect(outcome).toMatchObject({ posted: count, wrong: 0, lost: 0, faults: 0, errors: 0 });
      expect(isGood(outcome)).toBe(true);
      expect(Object.keys(outcome.statuses)).toEqual(expect.arrayContaining(['200', '400', '401']));
      expect(outcome.filed['inbound new']).toBeGreaterThan(count / 20);
      expect(outcome.filed['outbound new']).toBeGreaterThan(count / 20);
    },
    180_000,
  );
});

describe('memory while bodies are posted', () => {
  const grown = (kilobytesPerPost: number, posts = 100_000) => {
    const memory = new Memory();
    for (let round = 1; round <= 5; round += 1) {
      const posted = (posts * round) / 5;
      memory.rested(posted, 150 * MB + posted * kilobytesPerPost * 1024);
    }
    return memory;
  };

  it('is flat where it stays, and not where each body leaves a kilobyte', () => {
    expect(grown(0).isFlat()).toBe(true);
    expect(grown(1).isFlat()).toBe(false);
    expect(grown(1).rounds()).toHaveLength(5);
  });

  it('says nothing while a process is still warming up', () => {
    expect(grown(1, 10_000).isFlat()).toBe(true);
    expect(new Memory().isFlat()).toBe(true);
  });
});

describe('the flags of `npm run fuzz`', () => {
  it('have defaults, except for the seed', () => {
    expect(readOptions(['--seed', '7'])).toEqual({
      count: 100_000,
      seed: 7,
      seconds: 600,
      store: 'sqlite',
      runs: 20,
    });
    expect(readOptions(['--help'])).toBe('help');
  });

  it.each([['--count', 'x'], ['--store', 'mysql'], ['--strange'], ['--seconds', '-1']])(
    'are refused in words: %s %s',
    (...words) => {
      expect(() => readOptions(words.filter(Boolean))).toThrow(OptionsError);
    },
  );
});
