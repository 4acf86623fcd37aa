import type { Figure } from './figure.ts';
import type { Stage } from './stage.ts';

/** Figures that are measured together; bridges it leaves running are ended after it. */
export interface Group {
  /** As `--only` names it. */
  readonly name: string;
  measure(stage: Stage): Promise<readonly Figure[]>;
}
