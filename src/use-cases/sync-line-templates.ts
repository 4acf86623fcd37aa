import { Injectable } from '@nestjs/common';
import { DeliveryError } from '../domain/errors.js';
import { scopesOf, type Line } from '../domain/line.js';
import { RegisterModeration, type Registration } from './register-moderation.js';
import { SyncTemplates, type SyncReport } from './sync-templates.js';

/** What was done for a line, and where the CRM tells that a template is to be approved. */
export type Done = SyncReport & { readonly line: string; readonly webhook: Registration };

/** That, or why it was not done. */
export type Synced = Done | { readonly line: string; readonly error: string };

/** How operators know a line. */
export const titleOf = ({ name, key }: Line): string => name ?? key;

/** Brings the templates of one line into its account, and has its approvals told to the bridge. */
@Injectable()
export class SyncLineTemplates {
  constructor(
    private readonly templates: SyncTemplates,
    private readonly moderation: RegisterModeration,
  ) {}

  /**
   * What keeps one company's from being done keeps no other's, so a refusal is part of the answer.
   * @param open lines whose accounts can be reached: one that is not meant may still share its cards with this one
   */
  async execute(
    line: Line,
    open: readonly Line[],
    { dryRun, tell }: { readonly dryRun: boolean; readonly tell: (progress: string) => void },
  ): Promise<Synced> {
    const together = scopesOf(open).find((some) => some.includes(line));
    try {
      const report = await this.templates.execute(line, { together, dryRun, tell });
      const webhook = await this.moderation.execute(line, dryRun);
      return { line: titleOf(line), ...report, webhook };
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      return { line: titleOf(line), error: error.message };
    }
  }
}
