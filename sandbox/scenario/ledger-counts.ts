import type { LedgerSummary } from '../summary.ts';

const COUNTS = {
  violations: true,
  doubled: true,
  outOfOrder: true,
  statusBackwards: true,
  cancelled: true,
  ignoredTexts: true,
  missing: true,
  repeats: true,
  chats: true,
  leads: true,
  writtenByClients: true,
  seenByManagers: true,
  writtenByManagers: true,
  seenByClients: true,
} as const satisfies Record<keyof LedgerSummary, true>;

/** Every count of the ledger, so that a misspelt one is a mistake and not a condition that holds. */
export const LEDGER_COUNTS = Object.keys(COUNTS) as readonly (keyof LedgerSummary)[];
