import { Injectable } from '@nestjs/common';
import { DeliveryError } from '../domain/errors.js';
import { FiledMessages } from '../domain/filed-messages.js';
import type { Line } from '../domain/line.js';
import { Tally, type Reconciliation } from '../domain/reconciliation.js';
import type { Surroundings } from './page-by-page.js';
import { ReconcileClients } from './reconcile-clients.js';
import { ReconcileManagers } from './reconcile-managers.js';
import { ReconcileReceipts } from './reconcile-receipts.js';

/** Whatever a history shows would look missing, also what was there before the bridge. */
export class NothingToCompare extends Error {
  override readonly name = 'NothingToCompare';

  constructor() {
    super('The journal is empty: there is nothing to compare the histories with.');
  }
}

/** What is asked for. */
export interface Question {
  readonly since: Date;
  readonly until: Date;
  /** Brings what is missing; else it is only listed. */
  readonly apply: boolean;
}

/**
 * Compares the journal with the histories of both platforms. May be repeated at any time and beside live traffic: what
 * is brought has the ids its webhook would have given it.
 */
@Injectable()
export class Reconcile {
  constructor(
    private readonly filed: FiledMessages,
    private readonly managers: ReconcileManagers,
    private readonly clients: ReconcileClients,
    private readonly receipts: ReconcileReceipts,
  ) {}

  /**
   * What one platform does not answer is named in the result, and keeps nothing of the others back. What managers
   * wrote comes first: which of a client's messages are answered depends on it.
   * @throws {NothingToCompare}
   * @throws {Interrupted}
   * @throws {JournalUnavailable} what was brought until then stays
   */
  async execute(
    lines: readonly Line[],
    { since, until, apply }: Question,
    around: Surroundings,
  ): Promise<Reconciliation> {
    if (await this.filed.isEmpty()) throw new NothingToCompare();
    const span = { since, until };
    const tally = new Tally();
    const steps = [
      ['the chats of amoCRM', this.managers],
      ['what clients wrote to edna', this.clients],
      ['what edna sent', this.receipts],
    ] as const;
    for (const line of lines) {
      for (const [what, step] of steps) {
        around.tell(`${line.name ?? line.key}: comparing ${what}`);
        try {
          await step.execute(line, span, apply, around, tally);
        } catch (error) {
          if (!(error instanceof DeliveryError)) throw error;
          tally.trouble(line, `${what}: ${error.message}`);
        }
      }
    }
    const { counts, findings, troubles } = tally;
    return { ...span, applied: apply, counts, findings, troubles };
  }
}
