import type { lookup } from 'node:dns';
import { boundedLookup, MOST_NAMES } from './bounded-lookup.js';

type Tell = (error: unknown, found?: unknown) => void;

/** A name server that answers when the spec wants. */
class Names {
  readonly asked: { name: string; tell: Tell }[] = [];

  readonly lookup = ((name: string, _: object, tell: Tell) => {
    this.asked.push({ name, tell });
  }) as unknown as typeof lookup;
}

describe('names that are looked up', () => {
  let names: Names;
  let ask: (name: string, options?: object) => Promise<unknown>;
  beforeEach(() => {
    names = new Names();
    const bounded = boundedLookup(names.lookup) as unknown as (
      name: string,
      options: object,
      tell: Tell,
    ) => void;
    ask = (name, options = { all: true }) =>
      new Promise((resolve, reject) => {
        bounded(name, options, (error, found) => (error ? reject(error as Error) : resolve(found)));
      });
  });

  it('are asked for once, whoever else asks meanwhile', async () => {
    const both = [ask('a.test'), ask('a.test')];
    const other = ask('a.test', { all: false });
    expect(names.asked.map(({ name }) => name)).toEqual(['a.test', 'a.test']);
    for (const { tell } of names.asked) tell(null, 'there');
    expect(await Promise.all([...both, other])).toEqual(['there', 'there', 'there']);
    void ask('a.test');
    expect(names.asked).toHaveLength(3);
  });

  it('are so many at most, and the next one is not stood in line', async () => {
    const first = Array.from({ length: MOST_NAMES }, (_, i) => ask(`${i}.test`));
    await expect(ask('late.test')).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    expect(names.asked).toHaveLength(MOST_NAMES);
    names.asked[0]?.tell(Object.assign(new Error('gone'), { code: 'ENOTFOUND' }));
    await expect(first[0]).rejects.toMatchObject({ code: 'ENOTFOUND' });
    void ask('late.test');
    expect(names.asked.at(-1)?.name).toBe('late.test');
  });
});
