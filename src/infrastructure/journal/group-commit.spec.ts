import { Door } from '../../../test/fakes/door.ts';
import { GroupCommit, type Settled } from './group-commit.js';

describe('a group commit', () => {
  let groups: number[][];
  let door: Door;
  let fate: (item: number) => Settled<string>;
  let commit: GroupCommit<number, string>;
  beforeEach(() => {
    groups = [];
    door = new Door();
    fate = (item) => ({ value: `kept ${item}` });
    commit = new GroupCommit(async (items) => {
      groups.push([...items]);
      await door.pass();
      return items.map((item) => fate(item));
    }, 4);
  });

  it('writes what comes in one turn of the event loop together, in order', async () => {
    const kept = await Promise.all([3, 1, 2].map((item) => commit.add(item)));
    expect(groups).toEqual([[3, 1, 2]]);
    expect(kept).toEqual(['kept 3', 'kept 1', 'kept 2']);
  });

  it('writes what comes while a commit is under way with the next one', async () => {
    door.shut();
    const first = commit.add(1);
    await new Promise(setImmediate);
    const later = [commit.add(2), commit.add(3)];
    await new Promise(setImmediate);
    expect(groups).toEqual([[1]]);
    door.open();
    await Promise.all([first, ...later]);
    expect(groups).toEqual([[1], [2, 3]]);
  });

  it('writes one that comes after the end of a commit', async () => {
    await commit.add(1);
    expect(await commit.add(2)).toBe('kept 2');
    expect(groups).toEqual([[1], [2]]);
  });

  it('makes no group larger than its limit', async () => {
    await Promise.all([1, 2, 3, 4, 5, 6, 7, 8, 9].map((item) => commit.add(item)));
    expect(groups).toEqual([[1, 2, 3, 4], [5, 6, 7, 8], [9]]);
  });

  it('answers for each of a group apart', async () => {
    fate = (item) => (item === 2 ? { error: new Error('refused') } : { value: `kept ${item}` });
    const kept = await Promise.allSettled([1, 2, 3].map((item) => commit.add(item)));
    expect(kept).toEqual([
      { status: 'fulfilled', value: 'kept 1' },
      { status: 'rejected', reason: new Error('refused') },
      { status: 'fulfilled', value: 'kept 3' },
    ]);
  });

  it('of which nothing could be written fails for all, and goes on with the next', async () => {
    fate = () => {
      throw new Error('disk full');
    };
    const kept = await Promise.allSettled([commit.add(1), commit.add(2)]);
    expect(kept.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fate = (item) => ({ value: `kept ${item}` });
    expect(await commit.add(3)).toBe('kept 3');
  });

  it('keeps a value that is nothing', async () => {
    const silent = new GroupCommit<number, undefined>((items) =>
      Promise.resolve(items.map(() => ({ value: undefined }))),
    );
    expect(await silent.add(1)).toBeUndefined();
  });

  it('begins what waits at once where it is hurried, and what comes meanwhile as ever', async () => {
    door.shut();
    const first = [commit.add(1), commit.add(2)];
    commit.hurry();
    expect(groups).toEqual([[1, 2]]);
    const later = commit.add(3);
    commit.hurry();
    await new Promise(setImmediate);
    expect(groups).toEqual([[1, 2]]);
    door.open();
    await Promise.all([...first, later]);
    expect(groups).toEqual([[1, 2], [3]]);
    commit.hurry();
    expect(await commit.add(4)).toBe('kept 4');
    expect(groups).toHaveLength(3);
  });

  it('gives others their turn between two groups', async () => {
    const order: string[] = [];
    const kept = [1, 2, 3, 4, 5].map((item) => commit.add(item).then(() => order.push(`${item}`)));
    setImmediate(() => order.push('others'));
    await Promise.all(kept);
    expect(order).toEqual(['1', '2', '3', '4', 'others', '5']);
  });
});
