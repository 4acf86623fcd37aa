/*
 * What became of what was written, judged from plain facts. It knows a message by its words alone, which are never
 * written twice, and shares no code with the sandbox's ledger, which judges the same run in its own way.
 */

export interface Written {
  /** Never twice in a run. */
  readonly words: string;
  /** One conversation in one direction: whose order counts. */
  readonly stream: string;
  /** The writer's platform heard 200. */
  readonly isAccepted: boolean;
  /** In the order of all events: when it was written, when it was posted first, and when 200 was heard first. */
  readonly writtenSeq?: number;
  readonly postedSeq?: number;
  readonly acceptedSeq?: number;
  /** What the bridge was told of the client's phone and answered with 200, and what it made of it. */
  readonly mark?: Mark;
}

export interface Mark {
  /** The highest receipt that was accepted, as amoCRM's code: 1 delivered, 2 read; absent: none. */
  readonly accepted?: number;
  /** Every code that amoCRM was told, in order. */
  readonly told: readonly number[];
}

export interface Arrived {
  readonly words: string;
  readonly stream: string;
}

export interface Facts {
  readonly written: readonly Written[];
  /** Messages as the other side shows them, each stream in its order. */
  readonly arrived: readonly Arrived[];
  /** What arrived without words of its own, as a text for whoever reads the verdict. */
  readonly strange: readonly string[];
  /** What the sandbox's own ledger counts. */
  readonly ledger: {
    readonly missing: number;
    readonly doubled: number;
    readonly outOfOrder: number;
    readonly statusBackwards: number;
  };
}

export interface Verdict {
  readonly accepted: number;
  readonly delivered: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  readonly statusBackwards: number;
  /** What is wrong, one by one. */
  readonly details: readonly string[];
}

const COUNTED = ['missing', 'doubled', 'outOfOrder', 'statusBackwards'] as const;

/** The higher of what the facts and what the ledger say of each: neither may excuse the other. */
export function judge({ written, arrived, strange, ledger }: Facts): Verdict {
  const arrivals = Map.groupBy(arrived, ({ words }) => words);
  const known = new Map(written.map((one) => [one.words, one]));
  const accepted = written.filter(({ isAccepted }) => isAccepted);
  const absent = accepted.filter(({ words }) => !arrivals.has(words));
  const untold = written.filter(({ mark }) => mark && isUntold(mark));
  const surplus = [...arrivals.values()].filter(({ length }) => length > 1);
  const foreign = [
    ...arrived.filter(({ words }) => !known.has(words)).map(({ words }) => words),
    ...strange,
  ];
  const astray = arrived.filter(
    ({ words, stream }) => (known.get(words)?.stream ?? stream) !== stream,
  );
  const overtaking = overtakings(arrived, known);
  const backwards = written.filter(({ mark }) => mark && falls(mark.told));
  const doubled = surplus.reduce((sum, { length }) => sum + length - 1, 0) + foreign.length;
  return {
    accepted: accepted.length,
    delivered: accepted.length - absent.length,
    lost: Math.max(absent.length + untold.length + astray.length, ledger.missing),
    doubled: Math.max(doubled, ledger.doubled),
    outOfOrder: Math.max(overtaking.length, ledger.outOfOrder),
    statusBackwards: Math.max(backwards.length, ledger.statusBackwards),
    details: [
      ...absent.map(({ words, stream }) => `lost: «${words}» of ${stream}`),
      ...untold.map(({ words, mark }) => `lost: the receipt ${mark?.accepted} of «${words}»`),
      ...astray.map(({ words, stream }) => `lost: «${words}» came to ${stream}`),
      ...surplus.map(([one, ...more]) => `doubled: «${one?.words}» came ${more.length + 1} times`),
      ...foreign.map((words) => `doubled: nobody wrote «${words}»`),
      ...overtaking.map(({ words }) => `out of order: «${words}»`),
      ...backwards.map(({ words, mark }) => `status backwards: «${words}» ${mark?.told.join(' ')}`),
      ...COUNTED.flatMap((name) =>
        ledger[name] > 0 ? [`the ledger says: ${name} ${ledger[name]}`] : [],
      ),
    ],
  };
}

/** The one line a run ends with. */
export function lineOf({
  accepted,
  delivered,
  lost,
  doubled,
  outOfOrder,
  statusBackwards,
}: Verdict): string {
  return `accepted ${accepted}, delivered ${delivered}, lost ${lost}, doubled ${doubled}, out-of-order ${outOfOrder}, status-backwards ${statusBackwards}`;
}

/** A run in which nothing was accepted has proved nothing. */
export function isGood({ accepted, lost, doubled, outOfOrder, statusBackwards }: Verdict): boolean {
  return accepted > 0 && lost + doubled + outOfOrder + statusBackwards === 0;
}

/**
 * Messages shown after one that was posted when they had been accepted already. Of two that were under way at the same
 * time, either may be first; so may one that was written first and posted late, for a bridge that has lived through a gap
 * finds it in the history before its hook comes.
 */
function overtakings(arrived: readonly Arrived[], known: ReadonlyMap<string, Written>): Written[] {
  const seen = new Set<string>();
  const before = new Map<string, Written[]>();
  return arrived.flatMap(({ words, stream }) => {
    const one = known.get(words);
    if (!one || seen.has(words)) return [];
    seen.add(words);
    const sooner = before.get(stream) ?? [];
    before.set(stream, [...sooner, one]);
    return sooner.some((other) => isOvertaken(one, other)) ? [one] : [];
  });
}

function isOvertaken(one: Written, other: Written): boolean {
  const { acceptedSeq = Infinity, writtenSeq = -Infinity } = one;
  return (
    acceptedSeq < (other.postedSeq ?? -Infinity) && writtenSeq < (other.writtenSeq ?? Infinity)
  );
}

function isUntold({ accepted, told }: Mark): boolean {
  return accepted !== undefined && !told.some((code) => code >= accepted);
}

/** Proof of arrival beats a failure, so -1 before 1 or 2 is a climb. */
function falls(told: readonly number[]): boolean {
  return told.some((code, index) => index > 0 && code < (told[index - 1] ?? code));
}
