import type { QuarantineEvent } from '../../domain/journal.js';
import type { ChannelClaim, Line, Lines } from '../../domain/line.js';
import { quarantine } from './reading.js';

/** How a post of edna's came. */
export interface PostContext {
  readonly lines: Lines;
  /** Lines that its token opens. */
  readonly opened: readonly Line[];
  /** When it came. */
  readonly at: Date;
}

/**
 * The lines that take what an edna channel posts: the one that names the channel, else the one that takes every
 * channel nobody names, and with it its copies. A body that says nothing of its channel goes to the first.
 */
export function linesOf(
  claim: ChannelClaim,
  { lines, opened }: PostContext,
): readonly Line[] | QuarantineEvent {
  const naming = lines.naming(claim);
  if (naming.length > 0) {
    const open = naming.filter((line) => opened.includes(line));
    return open.length > 0 ? open : quarantine('wrong-secret');
  }
  const anyChannel = opened.filter(({ edna }) => edna.channels === undefined);
  const [first] = anyChannel.filter(({ isCopy }) => !isCopy);
  if (first) return [first, ...anyChannel.filter(({ isCopy }) => isCopy)];
  const saysNothing = claim.subjectId === undefined && claim.subject === undefined;
  const [only] = saysNothing ? opened : [];
  return only ? [only] : quarantine('no-line');
}
