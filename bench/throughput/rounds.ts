/** What one run measured, by name, and the share of a core the busiest of those beside the bridge took. */
export interface Run<Name extends string = string> {
  readonly measured: Readonly<Record<Name, number>>;
  readonly busiest: number;
}

/** One run of each, one after the other, so that what else the machine does meets all of them alike. */
export type Round<Who extends string, What extends string> = Readonly<
  Record<Who, Readonly<Record<What, number>>>
>;

export interface Rounds<Who extends string, What extends string> {
  readonly valid: readonly Round<Who, What>[];
  /** Rounds in which the generator or the upstream may have been what held everything up. */
  readonly void: number;
  /** The greatest share of a core either took in a round that counts. */
  readonly busiest: number;
}

/** A generator or an upstream that takes more of a core may be the slow one itself. */
export const BUSIEST = 0.8;

/**
 * Runs all of them in turn, A B A B, until enough rounds count; what is void is run again, as often as there are rounds.
 * @param warmUps rounds before those: the first thousands of messages meet code that is not compiled yet
 */
export async function inTurn<Who extends string, What extends string>(
  runs: Readonly<Record<Who, () => Promise<Run<What>>>>,
  { rounds, warmUps }: { readonly rounds: number; readonly warmUps: number },
): Promise<Rounds<Who, What>> {
  const valid: Round<Who, What>[] = [];
  let [isVoid, busiest] = [0, 0];
  const once = async (): Promise<{ round: Round<Who, What>; busy: number }> => {
    const done: [string, Run<What>][] = [];
    for (const who of Object.keys(runs) as Who[]) done.push([who, await runs[who]()]);
    return {
      round: Object.fromEntries(done.map(([who, { measured }]) => [who, measured])) as Round<
        Who,
        What
      >,
      busy: Math.max(...done.map(([, run]) => run.busiest)),
    };
  };
  for (let n = 0; n < warmUps; n += 1) await once();
  while (valid.length < rounds && isVoid <= rounds) {
    const { round, busy } = await once();
    if (busy > BUSIEST) isVoid += 1;
    else {
      valid.push(round);
      busiest = Math.max(busiest, busy);
    }
  }
  return { valid, void: isVoid, busiest };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}
