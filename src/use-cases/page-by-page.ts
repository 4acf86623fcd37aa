import { DeliveryError } from '../domain/errors.js';
import type { Page } from '../domain/history.js';
import type { LateIntake } from '../domain/reconciliation.js';

/** What a comparison needs of whoever starts it. */
export interface Surroundings {
  readonly intake: LateIntake;
  /** The wall clock. */
  readonly now: () => Date;
  /** Before each request after the first: messages that are under way go first. */
  readonly pause: (upstream: 'crm' | 'messenger') => Promise<void>;
  readonly wait: (ms: number) => Promise<void>;
  /** Is given a line of progress at a time. */
  readonly tell: (progress: string) => void;
  /** The process is ending. */
  readonly isStopping: () => boolean;
}

/** It was to end before it was done. Nothing is lost: whatever was not looked at is looked at the next time. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor() {
    super('The bridge is stopping. Ask again once it runs.');
  }
}

/** How often a page is asked for that did not come. */
const TRIES = 3;
const FIRST_WAIT_MS = 1_000;
const MOST_WAIT_MS = 60_000;

/** What is read page by page. */
interface Book<Entry> {
  readonly upstream: 'crm' | 'messenger';
  /** How many pages are read. */
  readonly most: number;
  readonly read: (page: number) => Promise<Page<Entry>>;
  /** Of an entry, the same on whichever page it stands; empty where it has none. */
  readonly idOf: (entry: Entry) => string;
}

/** So many pages in a row without anything new are none that shifted, or whose items we left out: they do not end. */
const MOST_STALE = 20;
const TOLD_EVERY = 10;

/**
 * The pages of a history, one at a time. A history may grow while it is read, so that what stood on one page stands
 * on the next one, too: it is given out once.
 * @throws {DeliveryError} where a page does not come, `rejected` where there are more than are read
 * @throws {Interrupted}
 */
export async function* pages<Entry>(
  { upstream, most, read, idOf }: Book<Entry>,
  around: Surroundings,
): AsyncGenerator<readonly Entry[], void> {
  const seen = new Set<string>();
  let stale = 0;
  for (let page = 0; page < most; page += 1) {
    if (page % TOLD_EVERY === 0 && page > 0) around.tell(`${page} pages read`);
    await around.pause(upstream);
    const { entries, hasNext } = await patiently(() => read(page), around);
    const fresh = entries.filter((entry) => {
      const id = idOf(entry);
      const isNew = id === '' || !seen.has(id);
      seen.add(id);
      return isNew;
    });
    yield fresh;
    if (!hasNext) return;
    stale = fresh.length === 0 ? stale + 1 : 0;
    if (stale === MOST_STALE) {
      throw new DeliveryError('rejected', 'its pages show the same again and again');
    }
  }
  throw new DeliveryError('rejected', `more than ${most} pages: ask for a shorter time`);
}

/** A page can be asked for again, whatever became of the question. */
async function patiently<T>(read: () => Promise<T>, around: Surroundings): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    if (around.isStopping()) throw new Interrupted();
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof DeliveryError) || !mayPass(error) || tries >= TRIES) throw error;
      const asked = error.details.retryAfterMs ?? FIRST_WAIT_MS * 2 ** (tries - 1);
      await around.wait(Math.min(asked, MOST_WAIT_MS));
    }
  }
}

function mayPass({ outcome }: DeliveryError): boolean {
  return outcome === 'not-sent' || outcome === 'unknown';
}
