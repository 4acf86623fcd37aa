import type { Database } from './database.js';
import { dropFacts, factOf, forget, keepFact } from './memory.js';
import { inTransaction } from './transaction.js';

/*
 * Where a journal on SQLite is once it was carried to PostgreSQL. Two stores cannot commit at once, so it is said in
 * three steps: a mark that a commit is about to be asked for there, the commit, and the mark that it is there. With the
 * rows, the number of the move is committed there: whoever died between is told by it how it ended.
 */

/** The fact that a move was about to be committed there: only the database there knows whether it was. */
export const MOVING_TO = 'moving-to';

/** The fact that it was moved, and where to. */
export const MOVED_TO = 'moved-to';

/** Of the last move; the same on both sides once it is there. */
export const MOVE_ID = 'move-id';

export const MARKS = [MOVING_TO, MOVED_TO, MOVE_ID] as const;

const STAY = 'to stay here, drop what is there and call "bridge move-store --cancel"';

/** A SQLite file whose content has been carried to another store: in two places at once it would be worth nothing. */
export class MovedAway extends Error {
  override readonly name = 'MovedAway';

  constructor(to: string) {
    super(`this journal was moved to ${to}: set DATABASE_URL to that; ${STAY}`);
  }
}

/** A SQLite file whose content may have been carried to another store. */
export class MoveUnfinished extends Error {
  override readonly name = 'MoveUnfinished';

  constructor(to: string) {
    super(
      `a move of this journal to ${to} was broken off at its very end: call "bridge move-store" to there once more, which finishes it or begins anew; ${STAY}`,
    );
  }
}

/**
 * @throws {MovedAway}
 * @throws {MoveUnfinished}
 * @throws {JournalUnavailable}
 */
export async function mustBeHere({ db }: Database): Promise<void> {
  const moved = await factOf(db, MOVED_TO);
  if (moved !== undefined) throw new MovedAway(moved);
  const moving = await factOf(db, MOVING_TO);
  if (moving !== undefined) throw new MoveUnfinished(moving);
}

export async function markMoving(source: Database, to: string, id: string): Promise<void> {
  await inTransaction(source, async (trx) => {
    await keepFact(trx, MOVING_TO, to);
    await keepFact(trx, MOVE_ID, id);
  });
}

export async function markMoved(source: Database, to: string): Promise<void> {
  await inTransaction(source, async (trx) => {
    await keepFact(trx, MOVED_TO, `${to} on ${new Date().toISOString()}`);
    await dropFacts(trx, MOVING_TO);
  });
}

export async function unmark(source: Database): Promise<void> {
  await forget(source, ...MARKS);
}
