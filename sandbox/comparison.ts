/**
 * What was written on one side against what arrived on the other. A message is known by its
 * content key (its text, or the hash of its file), never by an id of the bridge's making.
 */
export interface Written {
  readonly address: string;
  readonly key: string;
  /** The conversation whose order counts: one client may write on two channels. */
  readonly stream: string;
  /** Order of events: when it was written, when it was posted to the bridge, and when the bridge answered 200. */
  readonly writtenSeq?: number;
  readonly postedSeq: number | undefined;
  readonly takenSeq: number | undefined;
  /** Its writer was told that it did not arrive. */
  readonly isRefused?: boolean;
  /** It is no message any more: what became of it is seen elsewhere. */
  readonly isSettled?: boolean;
}

export interface Arrived {
  readonly address: string;
  readonly key: string;
}

/** A message as a whole, with all its keys, or with none. */
export interface WholeWritten extends Pick<
  Written,
  'address' | 'takenSeq' | 'isRefused' | 'isSettled'
> {
  readonly keys: readonly string[];
  /** Two of one kind may look alike once the bridge has put them into words. */
  readonly kind: string;
}

export interface WholeArrived {
  readonly address: string;
  readonly keys: readonly string[];
  /** Equal for two that cannot be told apart. */
  readonly looks: string;
}

/** Copies that arrived beyond those that were written; what was written elsewhere is not judged. */
export function surplus(written: readonly Written[], arrived: readonly Arrived[]): number {
  const counted = countByContent(written);
  let surplusCopies = 0;
  for (const [content, copies] of countByContent(arrived)) {
    const originals = counted.get(content) ?? 0;
    if (originals > 0) surplusCopies += Math.max(0, copies - originals);
  }
  return surplusCopies;
}

/** Messages the bridge answered 200 that have not arrived, and whose writer was told nothing. */
export function missing(written: readonly Written[], arrived: readonly Arrived[]): number {
  const expected = written.filter(isExpected);
  const counted = countByContent(arrived);
  let absent = 0;
  for (const [content, originals] of countByContent(expected)) {
    absent += Math.max(0, originals - (counted.get(content) ?? 0));
  }
  return absent;
}

/**
 * Messages that overtook an earlier one of the same conversation. Only a pair whose first was answered
 * 200 before the second was posted has an order the bridge must keep; and not where the second was written first, for
 * a bridge may find that one in the history before its late hook comes.
 */
export function overtakings(written: readonly Written[], arrived: readonly Arrived[]): number {
  const originals = new Map<string, Written[]>();
  for (const one of written) {
    const content = contentOf(one);
    originals.set(content, [...(originals.get(content) ?? []), one]);
  }
  const inOrder = arrived.flatMap((one) => originals.get(contentOf(one))?.shift() ?? []);
  const cameLater = new Map<string, { earliestTaken: number; all: Written[] }>();
  let count = 0;
  for (const one of inOrder.reverse()) {
    const later = cameLater.get(one.stream) ?? { earliestTaken: Infinity, all: [] };
    cameLater.set(one.stream, later);
    const posted = one.postedSeq ?? -Infinity;
    if (later.earliestTaken < posted && later.all.some((other) => hasOvertaken(one, other)))
      count += 1;
    later.earliestTaken = Math.min(later.earliestTaken, one.takenSeq ?? Infinity);
    later.all.push(one);
  }
  return count;
}

function hasOvertaken(one: Written, other: Written): boolean {
  const isWrittenLater = (one.writtenSeq ?? Infinity) > (other.writtenSeq ?? -Infinity);
  return isWrittenLater && (other.takenSeq ?? Infinity) < (one.postedSeq ?? -Infinity);
}

/**
 * Judges by number what has no key: a bridge makes what it can of it. Of each client, what arrived
 * and is no known message stands against what was written and has not arrived as it was.
 * - missing: what has no key and nothing that could be it;
 * - doubled: equal copies beyond all that was written. One of a kind may be the bridge's own word.
 */
export function unrecognised(
  written: readonly WholeWritten[],
  arrived: readonly WholeArrived[],
): { missing: number; doubled: number } {
  const isNotAmong = (others: readonly (WholeWritten | WholeArrived)[]) => {
    const known = new Set(byKey(others).map(contentOf));
    return (one: WholeWritten | WholeArrived) =>
      !byKey([one]).some((keyed) => known.has(contentOf(keyed)));
  };
  const strange = Map.groupBy(arrived.filter(isNotAmong(written)), ({ address }) => address);
  const waiting = Map.groupBy(written.filter(isNotAmong(arrived)), ({ address }) => address);
  let [absent, surplusCopies] = [0, 0];
  for (const address of new Set([...strange.keys(), ...waiting.keys()])) {
    const came = strange.get(address) ?? [];
    const open = waiting.get(address) ?? [];
    const expected = open.filter((one) => one.keys.length === 0 && isExpected(one));
    absent += Math.max(0, expected.length - came.length);
    const alike = Math.max(1, ...sizes(open, ({ kind }) => kind));
    const copies = sizes(came, ({ looks }) => looks)
      .map((size) => Math.max(0, size - alike))
      .reduce((one, other) => one + other, 0);
    surplusCopies += Math.max(0, Math.min(copies, came.length - open.length));
  }
  return { missing: absent, doubled: surplusCopies };
}

function isExpected({
  takenSeq,
  isRefused,
  isSettled,
}: Omit<WholeWritten, 'keys' | 'kind'>): boolean {
  return takenSeq !== undefined && isRefused !== true && isSettled !== true;
}

function sizes<T>(items: readonly T[], groupOf: (item: T) => string): number[] {
  return [...Map.groupBy(items, groupOf).values()].map(({ length }) => length);
}

/** Whole messages, once for each of their keys. */
export function byKey<T extends { readonly keys: readonly string[] }>(
  messages: readonly T[],
): (T & { readonly key: string })[] {
  return messages.flatMap((message) => message.keys.map((key) => ({ ...message, key })));
}

function countByContent(items: readonly Arrived[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const content = contentOf(item);
    counts.set(content, (counts.get(content) ?? 0) + 1);
  }
  return counts;
}

function contentOf({ address, key }: Arrived): string {
  return `${address}\n${key}`;
}
