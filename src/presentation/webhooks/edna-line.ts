import type { QuarantineEvent } from '../../domain/journal.js';
import {
  takes,
  takesMessenger,
  type ChannelClaim,
  type Line,
  type Lines,
} from '../../domain/line.js';
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
 * channel nobody names, and with it its copies. A body that says nothing of its channel goes to the only one there is:
 * among several it is not guessed who the client wrote to.
 */
export function linesOf(
  { subjectId, subject, imType }: ChannelClaim,
  context: PostContext,
): readonly Line[] | QuarantineEvent {
  const opened = openedNow(context);
  for (const word of [subjectId, subject]) {
    if (word === undefined) continue;
    const naming = context.lines.all.filter((line) => takes(line, word));
    const open = naming.filter((line) => opened.includes(line));
    if (open.length > 0) return open;
    if (naming.some((line) => meansOne(word, line, opened))) return quarantine('wrong-secret');
  }
  // Every account has a messenger of this name, so it says nothing of the lines of others.
  const ofMessenger = opened.filter((line) => imType !== undefined && takesMessenger(line, imType));
  if (ofMessenger.length > 0) return ofMessenger;
  const anyChannel = opened.filter(({ edna }) => edna.channels === undefined);
  if (anyChannel.some(isNoCopy)) return firstWithCopies(anyChannel);
  const saysNothing = subjectId === undefined && subject === undefined;
  const isOnlyOne = opened.filter(isNoCopy).length === 1;
  return saysNothing && isOnlyOne ? firstWithCopies(opened) : quarantine('no-line');
}

/** A number is one channel's everywhere, a name within its account of edna: others may give theirs the same. */
function meansOne(word: string, { edna }: Line, opened: readonly Line[]): boolean {
  return /^\d+$/.test(word) || opened.some((line) => line.edna.apiKey === edna.apiKey);
}

/** The lines as they are now: they may have been read anew since the token was looked at. */
export function openedNow({ lines, opened }: PostContext): readonly Line[] {
  return lines.all.filter((line) => opened.some(({ key }) => key === line.key));
}

function isNoCopy({ isCopy }: Line): boolean {
  return !isCopy;
}

function firstWithCopies(lines: readonly Line[]): readonly Line[] {
  return [...lines.filter(isNoCopy).slice(0, 1), ...lines.filter(({ isCopy }) => isCopy)];
}
