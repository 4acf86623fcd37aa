import type { Arrival, Event, Filed, Origin } from './journal.js';
import type { LineKey, SourceId } from './ids.js';
import type { Line } from './line.js';

/*
 * What comes of comparing the journal with the histories of both platforms after a time in which somebody may not
 * have been told of something.
 */

/**
 * What is wrong with a message:
 * - `client`: the client wrote it, and it never came here
 * - `manager`: a manager wrote it, and it never came here
 * - `status`: the messenger knows better how far a manager's message has come
 * - `not-in-crm`, `not-in-messenger`: it was taken there, and does not stand there
 */
export type Matter = 'client' | 'manager' | 'status' | 'not-in-crm' | 'not-in-messenger';

/**
 * What is done about it:
 * - `missing`: nothing yet, for nobody asked
 * - `brought`: it takes its usual way now
 * - `too-late`: the manager is told to send it again
 * - `in-doubt`: nothing ever by itself: a person has to look
 */
export type Fate = 'missing' | 'brought' | 'too-late' | 'in-doubt';

export interface Finding {
  readonly line: LineKey;
  readonly matter: Matter;
  readonly fate: Fate;
  readonly id: string;
  readonly writtenAt?: Date;
  /** Why it is in doubt, or what it goes as. */
  readonly note?: string;
}

/** How often each fate befell each matter. */
export type Counts = Readonly<Record<Fate, number>>;

export interface Reconciliation {
  readonly since: Date;
  readonly until: Date;
  readonly applied: boolean;
  readonly counts: Counts;
  /** The first ones; `counts` has them all. */
  readonly findings: readonly Finding[];
  /** What could not be compared, and why: by line. */
  readonly troubles: readonly string[];
}

/** As many as a person reads; the rest is counted. */
const MOST_FINDINGS = 1_000;

/** Collects what is found. */
export class Tally {
  readonly findings: Finding[] = [];
  readonly troubles: string[] = [];
  readonly counts: Record<Fate, number> = {
    missing: 0,
    brought: 0,
    'too-late': 0,
    'in-doubt': 0,
  };

  private readonly once = new Set<string>();

  add(finding: Finding): void {
    this.counts[finding.fate] += 1;
    if (this.findings.length < MOST_FINDINGS) this.findings.push(finding);
  }

  /** Of what several lines are told; again it is not counted. @param of whom the id belongs to */
  addOnce(of: string, finding: Finding): void {
    const key = `${of} ${finding.id}`;
    if (!this.once.has(key)) this.add(finding);
    this.once.add(key);
  }

  trouble(line: Line, what: string): void {
    this.troubles.push(`${line.name ?? line.key}: ${what}`);
  }
}

/** How a comparison ended, for whoever started it as a command. */
export type Verdict = 'complete' | 'not-compared' | 'left-over';

/** `left-over`: something is missing still, or waits for a person. */
export function verdictOf({
  counts,
  troubles,
}: Pick<Reconciliation, 'counts' | 'troubles'>): Verdict {
  if (troubles.length > 0) return 'not-compared';
  return counts.missing + counts['in-doubt'] > 0 ? 'left-over' : 'complete';
}

/** Files what a webhook should have brought, just as if it had. */
export interface LateIntake {
  /** What the body says, to each line it is for; never throws. */
  read(origin: Origin, body: object, at: Date): readonly Event[];
  /** @throws JournalUnavailable */
  accept(arrivals: readonly Arrival[]): Promise<readonly Filed[]>;
}

/**
 * Whether entries of a history are the messages that an id stands for in the journal. Nobody promises that a history
 * and a webhook call a message by the same id, so one that says the same at the same second under another id may be
 * the same one: unless the history has that other id too.
 */
export function likenessOf(
  alike: readonly SourceId[],
  inHistory: ReadonlySet<string>,
): SourceId | undefined {
  return alike.find((id) => !inHistory.has(id));
}
