import type { Change, Lane, Release } from '../../domain/journal.js';

/** What one worker has to write down about one lane. */
export interface Settlement {
  readonly lane: Lane;
  readonly changes: readonly Change[];
  readonly release?: Release;
}

export type ChangeOf<Type extends Change['type']> = Extract<Change, { type: Type }>;

/** A change and the lane it happened in. */
export type Placed<Type extends Change['type']> = ChangeOf<Type> & { readonly lane: Lane };
