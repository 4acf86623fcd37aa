import { median, type Rounds } from './rounds.ts';

export type FigureName =
  | 'accept-paused'
  | 'accept-working'
  | 'accept-postgres'
  | 'answer-paused'
  | 'answer'
  | 'route-manager'
  | 'route-client'
  | 'cpu-manager'
  | 'cpu-client'
  | 'slow-route'
  | 'slow-answer'
  | 'slow-answer-full'
  | 'latency-answer-p50'
  | 'latency-answer-p99'
  | 'latency-p50'
  | 'latency-p99'
  | 'memory-idle'
  | 'memory-after'
  | 'memory-waiting'
  | 'rows'
  | 'ready-empty'
  | 'ready-waiting'
  | 'poison'
  | 'replicas';

/** One line of the table. */
export interface Figure {
  /** As JSON names it. */
  readonly name: FigureName;
  readonly title: string;
  /** Empty for a ratio. */
  readonly unit: '' | 'ms' | 's' | 'MB';
  readonly must: { readonly atLeast: number } | { readonly atMost: number };
  /** One a round. */
  readonly values: readonly number[];
  /** What has to reach it: the round in the middle, or the worst one too. */
  readonly judgedBy: 'median' | 'worst';
  readonly void: number;
  /** Of those beside the bridge, in shares of a core. */
  readonly busiest: number;
  /** What the values were made of, a round each. */
  readonly of: readonly unknown[];
}

/** A figure of rounds: each round gives one value. */
export function figure<Who extends string, What extends string>(
  what: Pick<Figure, 'name' | 'title' | 'must'> & Partial<Pick<Figure, 'unit'>>,
  rounds: Rounds<Who, What>,
  valueOf: (round: Rounds<Who, What>['valid'][number]) => number,
): Figure {
  return {
    unit: '',
    judgedBy: 'median',
    ...what,
    values: rounds.valid.map(valueOf),
    void: rounds.void,
    busiest: rounds.busiest,
    of: rounds.valid,
  };
}

export function judged({ values, judgedBy, must }: Figure): number {
  if (judgedBy === 'median') return median(values);
  return 'atMost' in must ? Math.max(...values) : Math.min(...values);
}

/** Too few rounds that count are no proof. */
export function isReached(one: Figure): boolean {
  const { must, values, void: isVoid } = one;
  if (values.length === 0 || isVoid > values.length) return false;
  return 'atMost' in must ? judged(one) <= must.atMost : judged(one) >= must.atLeast;
}
