import type { FaultRule } from '../../sandbox/faults.ts';
import { Dice } from './dice.ts';
import { KINDS, type Kind } from './options.ts';

const HOUR_MS = 3_600_000;

/** How a disk fails: no room, no writing, or a flush that comes back with an error. */
export const DISK_FAULTS = ['full', 'read-only', 'unflushed'] as const;
export type DiskFault = (typeof DISK_FAULTS)[number];

export interface Strokes {
  /** The replica of this number is killed, and started again after `downMs`. */
  readonly kill: { readonly replica: number; readonly downMs: number };
  readonly database: { readonly downMs: number };
  readonly upstream: {
    readonly twin: 'edna' | 'amojo';
    readonly rule: FaultRule;
    readonly forMs: number;
  };
  readonly disk: {
    readonly fault: DiskFault;
    readonly forMs: number;
    /** The bridge is killed while the disk still fails, so that it forgets what it only remembers. */
    readonly isKilled: boolean;
  };
  /** The wall clock of the replica of this number is ahead by so much. */
  readonly clock: { readonly replica: number; readonly aheadMs: number };
  readonly crowd: { readonly forMs: number };
}

export type Stroke<K extends Kind = Kind> = {
  readonly [one in K]: { readonly atMs: number; readonly kind: one } & Strokes[one];
}[K];

/** From the end of one stroke to the next of its kind, in milliseconds: at least, and at most. */
const PAUSES_MS: Record<Kind, readonly [number, number]> = {
  // 240 in ten minutes.
  kill: [1_500, 3_500],
  database: [4_000, 8_000],
  upstream: [600, 2_400],
  disk: [5_000, 9_000],
  clock: [3_000, 7_000],
  crowd: [2_000, 10_000],
};

const DRAWN: { readonly [K in Kind]: (dice: Dice, replicas: number) => Strokes[K] } = {
  kill: (dice, replicas) => ({ replica: dice.below(replicas), downMs: dice.between(0, 300) }),
  database: (dice) => ({ downMs: dice.between(100, 2_000) }),
  upstream: (dice) => {
    const twin = dice.oneOf(['edna', 'amojo'] as const);
    return { twin, rule: ruleOf(dice, twin), forMs: dice.between(500, 4_000) };
  },
  disk: (dice) => ({
    fault: dice.oneOf(DISK_FAULTS),
    forMs: dice.between(2_000, 6_000),
    isKilled: dice.below(2) === 0,
  }),
  clock: (dice, replicas) => ({
    replica: dice.below(replicas),
    aheadMs: dice.oneOf([-HOUR_MS, 0, HOUR_MS]),
  }),
  crowd: (dice) => ({ forMs: dice.between(5_000, 10_000) }),
};

/** Requests that carry messages and receipts, or lead to it; a file that cannot be fetched is lost for good. */
const REQUESTS = {
  edna: ['schedule', 'schedule', 'schedule', 'schedule', 'cascades', 'history'],
  amojo: [
    'message',
    'message',
    'message',
    'delivery-status',
    'delivery-status',
    'chats',
    'history',
  ],
};

function ruleOf(dice: Dice, twin: 'edna' | 'amojo'): FaultRule {
  const aim = { endpoint: dice.oneOf(REQUESTS[twin]), times: 1 + dice.below(12) };
  const posts = { endpoint: twin === 'amojo' ? 'hook' : dice.oneOf(['incoming', 'status']) };
  const some = { ...posts, times: 1 + dice.below(6) };
  const rules: readonly FaultRule[] = [
    { kind: 'latency', ms: dice.between(100, 3_000), ...aim },
    { kind: 'answer', status: 429, retryAfterSeconds: 1 + dice.below(2), ...aim },
    { kind: 'answer', status: dice.oneOf([500, 502, 503]), ...aim },
    { kind: 'reset-before', ...aim },
    { kind: 'reset-after', ...aim },
    { kind: 'hang-before', ...aim, times: 1 + dice.below(3) },
    { kind: 'hang-after', ...aim, times: 1 + dice.below(3) },
    { kind: 'double', ...some },
    { kind: 'reorder', ...some },
    { kind: 'delay', ms: dice.between(100, 2_000), ...some },
    { kind: 'drop', ...some },
    { kind: 'drop-answer', ...some },
    { kind: 'lose', ...some },
  ];
  return dice.oneOf(rules);
}

/** Everything that is broken in a run, in order; it follows from the seed, and each kind from it apart. */
export function planOf(
  seed: number,
  seconds: number,
  kinds: readonly Kind[],
  replicas: number,
): readonly Stroke[] {
  return KINDS.filter((kind) => kinds.includes(kind))
    .flatMap((kind) => [...strokesOf(kind, seed, seconds, replicas)])
    .toSorted((one, other) => one.atMs - other.atMs);
}

function* strokesOf(
  kind: Kind,
  seed: number,
  seconds: number,
  replicas: number,
): Generator<Stroke> {
  const dice = new Dice(seed, kind);
  const [least, most] = PAUSES_MS[kind];
  let atMs = dice.between(least / 2, least);
  while (atMs < seconds * 1000) {
    const drawn = DRAWN[kind](dice, replicas);
    yield { atMs, kind, ...drawn } as Stroke;
    const lastsMs = 'forMs' in drawn && kind !== 'upstream' ? drawn.forMs : 0;
    atMs += lastsMs + dice.between(least, most);
  }
}
