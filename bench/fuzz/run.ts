import { FuzzedBridge, pause } from './bridge.ts';
import { posts } from './bodies.ts';
import { flood, noAnswers, type Answers } from './flood.ts';
import { Memory } from './memory.ts';
import type { Store } from './options.ts';
import { environment } from './settings.ts';
import { makeStore, type FuzzStore } from './store.ts';
import { startUpstream } from './upstream.ts';

const MB = 1024 * 1024;

/** The bridge rests after each, so that what it keeps can be seen. */
const ROUNDS = 5;
/** By then what had just been accepted is on its way, or over. */
const REST_MS = 3_000;
/** Short runs say nothing about memory, and need no rest. */
const RESTING_POSTS = 20_000;
/** How long what was accepted may take to be worked off. */
const SETTLE_MS = 120_000;

/** A lane that has been due for so long when the bridge ends is in nobody's hands. */
const LEFT_MS = 15_000;

/** What a run came to. Everything but `posted` and `filed` is to be nothing. */
export interface Outcome {
  readonly posted: number;
  /** Elements that were filed, by what became of them. */
  readonly filed: Readonly<Record<string, number>>;
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers that the contract does not have for such a request. */
  readonly wrong: number;
  /** What was answered 200, and is nowhere. */
  readonly lost: number;
  /** Elements that a mapper threw at. */
  readonly faults: number;
  /** Lines of the log that tell of a fault of the bridge's own. */
  readonly errors: number;
  /**
   * Messages that still wait at the end: all that name no client are of one lane, one in forty of them meets an odd
   * answer, and those to channels that edna does not have wait a minute each.
   */
  readonly waiting: number;
  /** Those of them that nobody would ever have come to. */
  readonly left: number;
  readonly crashed: boolean;
  /** After each round, without garbage. */
  readonly heapMb: readonly number[];
  /** After the last one. */
  readonly residentMb: number;
  readonly isFlat: boolean;
  readonly details: readonly string[];
}

/** Mutated bodies against the built bridge, until there were enough of them or the time is over. */
export async function fuzz(options: {
  readonly count: number;
  readonly seed: number;
  readonly seconds: number;
  readonly store: Store;
}): Promise<Outcome> {
  const upstream = await startUpstream(options.seed);
  const store = await makeStore(options.store);
  const bridge = await FuzzedBridge.start(environment(upstream.url, store.url));
  const memory = new Memory();
  const until = performance.now() + options.seconds * 1_000;
  const answers = noAnswers();
  const bodies = posts(options.seed);
  let posted = 0;
  let residentMb = 0;
  try {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const most = Math.ceil((options.count * round) / ROUNDS);
      await flood(bridge.url, bodies, answers, () => {
        if (posted >= most || performance.now() > until || bridge.isDead) return false;
        posted += 1;
        return true;
      });
      if (options.count < RESTING_POSTS) continue;
      await pause(REST_MS);
      const { heap, resident } = (await bridge.memory()) ?? {};
      memory.rested(posted, heap);
      residentMb = Math.round((resident ?? 0) / MB);
    }
    if (!bridge.isDead) await worksOff(bridge);
    const filed = bridge.isDead ? new Map<string, number>() : await filedBy(bridge);
    const crashed = bridge.isDead || !(await bridge.stop());
    const { lost, faults, waiting, left, missing } = await compare(store, answers, filed);
    return {
      posted,
      filed: Object.fromEntries(filed),
      statuses: Object.fromEntries([...answers.counts].toSorted(([a], [b]) => a - b)),
      wrong: answers.wrongs,
      lost,
      faults,
      errors: bridge.errors.length,
      waiting,
      left,
      crashed,
      heapMb: memory.rounds().map((bytes) => Math.round(bytes / MB)),
      residentMb,
      isFlat: memory.isFlat(),
      details: [...answers.wrong, ...missing, ...bridge.errors.slice(0, 5)],
    };
  } finally {
    await bridge.stop();
    await upstream.close();
    await store.remove();
  }
}

export function isGood(outcome: Outcome): boolean {
  const { wrong, lost, faults, errors, left, crashed, isFlat } = outcome;
  return wrong + lost + faults + errors + left === 0 && !crashed && isFlat;
}

/** Until nothing waits any more, or the time for it is over. */
async function worksOff(bridge: FuzzedBridge): Promise<void> {
  const until = performance.now() + SETTLE_MS;
  for (;;) {
    // Asked for first: the gauges are set when the state is read.
    const metrics = await bridge.metrics();
    const waits = [...metrics]
      .filter(([name]) => name.startsWith('bridge_oldest_waiting_seconds'))
      .map(([, seconds]) => seconds);
    if (Math.max(...waits) === 0 || performance.now() > until || bridge.isDead) return;
    await pause(250);
  }
}

/** The bridge's own count of elements, by `kind filed`. */
async function filedBy(bridge: FuzzedBridge): Promise<ReadonlyMap<string, number>> {
  const filed = new Map<string, number>();
  for (const [name, count] of await bridge.metrics()) {
    const labels = /^bridge_accepted_total\{.*kind="([^"]*)",filed="([^"]*)"\}$/.exec(name);
    if (!labels) continue;
    const key = `${labels[1]} ${labels[2]}`;
    filed.set(key, (filed.get(key) ?? 0) + count);
  }
  return filed;
}

/** What `bodies.ts` makes ids of its own with. */
const OWN_ID = /fuzz-\d+-|\d+/g;

/** With what the bridge's own lines end, which it puts in the place of what amoCRM refuses. */
const NOTICE = ':notice';

/** Without those lines. */
function idsOf(messages: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  const all = messages.map(({ source_id }) => String(source_id));
  const ids = new Set(all);
  return all.filter((id) => !(id.endsWith(NOTICE) && ids.has(id.slice(0, -NOTICE.length))));
}

/** Whether nobody would ever come to a message that waits in such a lane: it is due, and in nobody's hands. */
export function isLeft(
  { due_at, held_by }: Readonly<Record<string, unknown>>,
  endedAt: number,
): boolean {
  return due_at === null ? held_by === null : Number(due_at) < endedAt - LEFT_MS;
}

/** The store beside what the bridge said of it, and beside what was posted. */
async function compare(
  store: FuzzStore,
  { elements, honest }: Answers,
  filed: ReadonlyMap<string, number>,
): Promise<Pick<Outcome, 'lost' | 'faults' | 'waiting' | 'left'> & { missing: readonly string[] }> {
  const endedAt = Date.now();
  const messages = idsOf(await store.rows('select source_id from message'));
  // Old entries give way to new ones, so the number of the last one says how many there were.
  const [kept] = await store.rows('select coalesce(max(id), 0) as last from quarantine');
  const faults = await store.rows("select raw from quarantine where reason = 'fault'");
  const waiting = await store.rows(
    `select lane.due_at, lane.held_by from message left join lane
      on lane.conversation = message.conversation and lane.kind = message.direction
      where state = 'waiting'`,
  );
  const left = waiting.filter((lane) => isLeft(lane, endedAt));
  const ids = new Set(messages.flatMap((id) => id.match(OWN_ID) ?? []));
  const missing = [...honest].filter((id) => !ids.has(id));
  const sum = (fits: (key: string) => boolean) =>
    [...filed].reduce((all, [key, count]) => all + (fits(key) ? count : 0), 0);
  const claimed = sum((key) => /^(?:inbound|outbound) new$/.test(key));
  const quarantined = sum((key) => key.endsWith(' quarantined'));
  const lost = {
    'messages of those said to be filed': claimed - messages.length,
    'of those said to lie in the quarantine': quarantined - Number(kept?.['last']),
    'messages that were just right': missing.length,
    'elements that were answered 200 and not counted': elements - sum(() => true),
  };
  return {
    lost: Object.values(lost).reduce((all, count) => all + Math.max(0, count), 0),
    faults: faults.length,
    waiting: waiting.length,
    left: left.length,
    missing: [
      ...Object.entries(lost).flatMap(([what, count]) =>
        count > 0 ? `lost: ${count} ${what}` : [],
      ),
      ...faults.slice(0, 3).map(({ raw }) => `fault: ${String(raw)}`),
    ],
  };
}
