import { createHash } from 'node:crypto';

/**
 * Numbers that follow from a seed alone. Each name has a row of its own, so that one more throw for one purpose
 * changes nothing of another.
 */
export class Dice {
  readonly #name: string;
  #thrown = 0;

  constructor(seed: number | string, purpose: string) {
    this.#name = `${seed}/${purpose}`;
  }

  /** From `low` to below `high`. */
  between(low: number, high: number): number {
    const digest = createHash('sha256').update(`${this.#name}/${this.#thrown}`).digest();
    this.#thrown += 1;
    return low + (digest.readUInt32BE() / 2 ** 32) * (high - low);
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.between(0, count));
  }

  /** @throws {Error} where there is nothing to choose from */
  oneOf<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  }
}
