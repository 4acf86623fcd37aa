import fc from 'fast-check';
import { runs } from '../../test/fuzzing/runs.ts';
import { advance, overall, type DeliveryStatus } from './delivery-status.js';

const ALL = ['sent', 'failed', 'delivered', 'read'] as const satisfies readonly DeliveryStatus[];
const PAIRS = ALL.flatMap((a) => ALL.map((b) => [a, b] as const));

/** What a message ends in, whatever the order of its receipts. */
const HIGHEST: Readonly<Record<DeliveryStatus, Readonly<Record<DeliveryStatus, DeliveryStatus>>>> =
  {
    sent: { sent: 'sent', failed: 'failed', delivered: 'delivered', read: 'read' },
    failed: { sent: 'failed', failed: 'failed', delivered: 'delivered', read: 'read' },
    delivered: { sent: 'delivered', failed: 'delivered', delivered: 'delivered', read: 'read' },
    read: { sent: 'read', failed: 'read', delivered: 'read', read: 'read' },
  };

describe('a delivery status', () => {
  it.each(PAIRS)('that is %s and hears of %s only climbs', (current, next) => {
    expect(advance(current, next)).toBe(HIGHEST[current][next]);
  });

  it.each(ALL)('begins with the first receipt: %s', (first) => {
    expect(advance(undefined, first)).toBe(first);
  });

  it.each(PAIRS)('ends the same whether %s or %s comes first', (a, b) => {
    expect(advance(advance(undefined, a), b)).toBe(advance(advance(undefined, b), a));
  });

  it('ends the same in every order and however often receipts come', () => {
    const ends = permutations(ALL).flatMap((order) => {
      const once = order.reduce<DeliveryStatus | undefined>(advance, undefined);
      const twice = [...order, ...order].reduce<DeliveryStatus | undefined>(advance, undefined);
      return [once, twice];
    });
    expect(new Set(ends)).toEqual(new Set(['read']));
  });
});

describe('the status of a message in parts', () => {
  it.each(PAIRS)('of which one is %s and one %s is the lower one, or failed', (a, b) => {
    const isFailed = a === 'failed' || b === 'failed';
    const lower = HIGHEST[a][b] === a ? b : a;
    expect(overall(undefined, [a, b])).toBe(isFailed ? 'failed' : lower);
  });

  it('is none while one of them has none, unless another failed', () => {
    expect(overall(undefined, [])).toBeUndefined();
    expect(overall(undefined, ['read', undefined])).toBeUndefined();
    expect(overall('sent', [undefined, 'read'])).toBe('sent');
    expect(overall('sent', [undefined, 'failed'])).toBe('failed');
  });

  it.each(ALL)('of which there is one is its own: %s', (status) => {
    expect(overall(undefined, [status])).toBe(status);
  });

  it('only climbs', () => {
    expect(overall('delivered', ['read', 'sent'])).toBe('delivered');
    expect(overall('failed', ['sent', 'sent'])).toBe('failed');
    expect(overall('failed', ['delivered', 'read'])).toBe('delivered');
    expect(overall('read', ['failed', 'read'])).toBe('read');
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]),
  );
}

describe('any receipts in any order', () => {
  const STATUS = fc.constantFrom(...ALL);
  const heightOf = (status: DeliveryStatus | undefined) =>
    status === undefined ? -1 : ALL.indexOf(status);
  /** Receipts of the parts of a message, as they come. */
  const RECEIPTS = fc.array(fc.record({ part: fc.nat(2), status: STATUS }), { maxLength: 12 });
  type Receipts = readonly { readonly part: number; readonly status: DeliveryStatus }[];

  /** The statuses of a message of three parts, one after each receipt. */
  function history(receipts: Receipts): (DeliveryStatus | undefined)[] {
    const parts: (DeliveryStatus | undefined)[] = [undefined, undefined, undefined];
    let whole: DeliveryStatus | undefined;
    return receipts.map(({ part, status }) => {
      parts[part] = advance(parts[part], status);
      whole = overall(whole, parts);
      return whole;
    });
  }

  it('never lower a message, in one part or in several', () => {
    fc.assert(
      fc.property(RECEIPTS, (receipts) => {
        const heights = history(receipts).map(heightOf);
        expect(heights).toEqual(heights.toSorted((one, other) => one - other));
      }),
      runs(200),
    );
  });

  it('end a part the same whatever their order, and however often they come', () => {
    fc.assert(
      fc.property(fc.array(STATUS), fc.array(STATUS), (some, others) => {
        const end = (all: readonly DeliveryStatus[]) =>
          all.reduce<DeliveryStatus | undefined>(advance, undefined);
        expect(end([...some, ...others])).toBe(end([...others, ...some, ...others]));
        expect(heightOf(end(some))).toBe(Math.max(-1, ...some.map(heightOf)));
      }),
      runs(200),
    );
  });

  it('end a message of several parts the same whatever their order, once each part has arrived', () => {
    const arrived = [0, 1, 2].map((part) => ({ part, status: 'delivered' as const }));
    fc.assert(
      fc.property(RECEIPTS, fc.array(fc.nat()), (receipts, keys) => {
        const order = (all: Receipts) =>
          all
            .map((one, i) => ({ one, key: keys[i] ?? 0 }))
            .toSorted((a, b) => a.key - b.key)
            .map(({ one }) => one);
        const all = [...receipts, ...arrived];
        expect(history(order(all)).at(-1)).toBe(history(all).at(-1));
      }),
      runs(200),
    );
  });
});
