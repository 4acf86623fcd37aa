import { atRest } from './cli-at-rest.js';
import { askRunning, runningAt, tell } from './cli-running.js';
import { ConfigError, type Config } from './config.js';
import {
  verdictOf,
  type Finding,
  type Reconciliation,
  type Verdict,
} from './domain/reconciliation.js';
import { ReconcileController, toWish, type Wish } from './presentation/reconcile.controller.js';

/** The command `reconcile`: through the running bridge, or in the journal itself where none runs. */

export interface ReconcileWords {
  readonly since: string;
  readonly apply?: boolean;
  readonly line?: string;
  readonly json?: boolean;
}

/** 0: nothing is missing, or all of it was brought; 1: not all could be compared; 3: something is left over. */
const EXIT_CODES = {
  complete: 0,
  'not-compared': 1,
  'left-over': 3,
} as const satisfies Record<Verdict, number>;

/** A result that came as JSON: its times are texts. */
type Told = Omit<Reconciliation, 'since' | 'until' | 'findings'> & {
  readonly since: string;
  readonly until: string;
  readonly findings: readonly (Omit<Finding, 'writtenAt'> & { readonly writtenAt?: string })[];
};

/** @throws {Error} with words for the operator */
export async function reconcile(
  config: Config,
  { since, apply = false, line, json }: ReconcileWords,
): Promise<{ text: string; exitCode: number }> {
  const wish = wishOf({ since: sinceOf(since), apply, line });
  const base = await runningAt(config);
  const told = base
    ? await askRunning<Told>(base, config, { path: '/admin/reconcile', body: wish })
    : await ofJournal(wish);
  return {
    text: json ? JSON.stringify(told) : inLines(told),
    exitCode: EXIT_CODES[verdictOf(told)],
  };
}

/** Wrong words, not a fault. @throws {ConfigError} */
function wishOf(words: { since: string; apply: boolean; line: string | undefined }): Wish {
  if (words.line?.trim() === '') throw new ConfigError(['--line expects the name of a line']);
  try {
    return toWish(words);
  } catch {
    throw new ConfigError([
      '--since expects a time that is over, such as 2026-11-20T09:00:00Z, or 6h',
    ]);
  }
}

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `6h` is six hours ago. */
function sinceOf(text: string): string {
  const [, number, unit] = /^(\d{1,5})([mhd])$/.exec(text.trim()) ?? [];
  if (!number) return text;
  return new Date(Date.now() - Number(number) * UNITS[unit as keyof typeof UNITS]).toISOString();
}

/** What is brought waits in the journal until the bridge starts. */
async function ofJournal(wish: Wish): Promise<Told> {
  const app = await atRest();
  try {
    const result = await app.get(ReconcileController).compare(wish, tell);
    return JSON.parse(JSON.stringify(result)) as Told;
  } finally {
    await app.close();
  }
}

function inLines({ since, until, findings, counts, troubles }: Told): string {
  const rows = findings.map(({ fate, matter, id, writtenAt = '', note = '' }) =>
    [fate, matter, writtenAt, id, note].join('\t').trimEnd(),
  );
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const more = total > findings.length ? [`… and ${total - findings.length} more`] : [];
  const summary = Object.entries(counts).map(([fate, count]) => `${count} ${fate}`);
  return [
    ...rows,
    ...more,
    ...troubles.map((trouble) => `not compared: ${trouble}`),
    `${since} – ${until}: ${summary.join(', ')}`,
  ].join('\n');
}
