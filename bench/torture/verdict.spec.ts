import { isGood, judge, lineOf, type Facts, type Written } from './verdict.ts';

const SILENT = { missing: 0, doubled: 0, outOfOrder: 0, statusBackwards: 0 };

function written(words: string, postedSeq: number, more: Partial<Written> = {}): Written {
  return {
    words,
    stream: 'anna',
    isAccepted: true,
    postedSeq,
    acceptedSeq: postedSeq + 1,
    ...more,
  };
}

const shown = (...words: string[]) => words.map((one) => ({ words: one, stream: 'anna' }));

const GOOD: Facts = {
  written: [written('one', 1), written('two', 3, { mark: { accepted: 2, told: [-1, 1, 2] } })],
  arrived: shown('one', 'two'),
  strange: [],
  ledger: SILENT,
};

describe('the verdict', () => {
  it('is good where all that was accepted has come once and in order', () => {
    expect(lineOf(judge(GOOD))).toBe(
      'accepted 2, delivered 2, lost 0, doubled 0, out-of-order 0, status-backwards 0',
    );
    expect(isGood(judge(GOOD))).toBe(true);
  });

  it.each<[string, Partial<Facts>, object]>([
    ['what has not come', { arrived: shown('one') }, { delivered: 1, lost: 1 }],
    ['what came twice', { arrived: shown('one', 'two', 'one') }, { doubled: 1 }],
    ['what nobody wrote', { arrived: shown('one', 'two', 'three') }, { doubled: 1 }],
    ['what has no words', { strange: ['a file'] }, { doubled: 1 }],
    [
      'what came into another conversation',
      { arrived: [...shown('one'), { words: 'two', stream: 'oleg' }] },
      { lost: 1 },
    ],
    ['what overtook', { arrived: shown('two', 'one') }, { outOfOrder: 1 }],
    [
      'what overtook and was written later',
      {
        written: [written('one', 2, { writtenSeq: 1 }), written('two', 5, { writtenSeq: 4 })],
        arrived: shown('two', 'one'),
      },
      { outOfOrder: 1 },
    ],
    [
      'a receipt that was not told',
      { written: [written('one', 1), written('two', 3, { mark: { accepted: 2, told: [1] } })] },
      { lost: 1 },
    ],
    [
      'a mark that fell',
      { written: [written('one', 1), written('two', 3, { mark: { accepted: 2, told: [2, 1] } })] },
      { statusBackwards: 1 },
    ],
    [
      'what only the ledger saw',
      { ledger: { missing: 1, doubled: 2, outOfOrder: 3, statusBackwards: 4 } },
      { lost: 1, doubled: 2, outOfOrder: 3, statusBackwards: 4 },
    ],
  ])('counts %s', (_, change, counts) => {
    const verdict = judge({ ...GOOD, ...change });
    expect(verdict).toMatchObject({
      lost: 0,
      doubled: 0,
      outOfOrder: 0,
      statusBackwards: 0,
      ...counts,
    });
    expect(verdict.details).not.toHaveLength(0);
    expect(isGood(verdict)).toBe(false);
  });

  it('lets what was written first be first, though its hook was late', () => {
    const late = written('one', 9, { writtenSeq: 1 });
    const facts = { ...GOOD, written: [late, written('two', 3, { writtenSeq: 2 })] };
    expect(isGood(judge({ ...facts, arrived: shown('one', 'two') }))).toBe(true);
    expect(isGood(judge({ ...facts, arrived: shown('two', 'one') }))).toBe(true);
  });

  it('does not ask for what was not accepted, but sees it come twice', () => {
    const refused = written('two', 3, { isAccepted: false, acceptedSeq: undefined });
    const facts = { ...GOOD, written: [written('one', 1), refused] };
    expect(isGood(judge({ ...facts, arrived: shown('one') }))).toBe(true);
    expect(judge({ ...facts, arrived: shown('one', 'two', 'two') }).doubled).toBe(1);
  });

  it('lets two that were under way together come in any order', () => {
    const together = [written('one', 1, { acceptedSeq: 4 }), written('two', 3, { acceptedSeq: 5 })];
    expect(isGood(judge({ ...GOOD, written: together, arrived: shown('two', 'one') }))).toBe(true);
  });

  it('is not good where nothing was accepted', () => {
    expect(isGood(judge({ written: [], arrived: [], strange: [], ledger: SILENT }))).toBe(false);
  });
});
