import { FuzzedBridge, pause } from './bridge.ts';
import { posts } from './bodies.ts';
import { flood, type Answers } from './flood.ts';
import { Memory } from './memory.ts';
import type { Store } from './options.ts';
import { environment } from './settings.ts';
import { makeStore, type FuzzStore } from './store.ts';
import { startUpstream } from './upstream.ts';

const SAMPLE_MS = 200;
/** How long what was accepted may take to be worked off. */
const SETTLE_MS = 120_000;

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
  /** Messages that still wait at the end. */
  readonly waiting: number;
  readonly crashed: boolean;
  readonly memoryMb: readonly number[];
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
  let posted = 0;
  const watch = setInterval(() => memory.note(posted, bridge.memory()), SAMPLE_MS);
  try {
    const answers = await flood(bridge.url, posts(options.seed), (count) => {
      posted = count;
      return count < options.count && performance.now() < until && !bridge.isDead;
    });
    clearInterval(watch);
    const waiting = bridge.isDead ? -1 : await worksOff(bridge);
    const filed = bridge.isDead ? new Map<string, number>() : await filedBy(bridge);
    const crashed = bridge.isDead || !(await bridge.stop());
    const { lost, faults, missing } = await compare(store, answers, filed);
    return {
      posted,
      filed: Object.fromEntries(filed),
      statuses: Object.fromEntries([...answers.counts].toSorted(([a], [b]) => a - b)),
      wrong: answers.wrongs,
      lost,
      faults,
      errors: bridge.errors.length,
      waiting,
      crashed,
      memoryMb: memory.windows().map((bytes) => Math.round(bytes / 1024 / 1024)),
      isFlat: memory.isFlat(),
      details: [...answers.wrong, ...missing, ...bridge.errors.slice(0, 5)],
    };
  } finally {
    clearInterval(watch);
    await bridge.stop();
    await upstream.close();
    await store.remove();
  }
}

export function isGood(outcome: Outcome): boolean {
  const { wrong, lost, faults, errors, waiting, crashed, isFlat } = outcome;
  return wrong + lost + faults + errors === 0 && waiting === 0 && !crashed && isFlat;
}

/** @returns how many seconds the oldest message has waited when the time was over; 0: nothing waits */
async function worksOff(bridge: FuzzedBridge): Promise<number> {
  const until = performance.now() + SETTLE_MS;
  for (;;) {
    // Asked for first: the gauges are set when the state is read.
    const metrics = await bridge.metrics();
    const waits = [...metrics]
      .filter(([name]) => name.startsWith('bridge_oldest_waiting_seconds'))
      .map(([, seconds]) => seconds);
    const longest = Math.max(...waits);
    if (longest === 0 || performance.now() > until || bridge.isDead) return longest;
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

/** The store beside what the bridge said of it, and beside what was posted. */
async function compare(
  store: FuzzStore,
  { elements, honest }: Answers,
  filed: ReadonlyMap<string, number>,
): Promise<{ lost: number; faults: number; missing: readonly string[] }> {
  const messages = await store.rows(
    // Without the lines that the bridge itself puts in the place of what amoCRM refuses.
    "select source_id from message where source_id not in (select source_id || ':notice' from message)",
  );
  // Old entries give way to new ones, so the number of the last one says how many there were.
  const [kept] = await store.rows('select coalesce(max(id), 0) as last from quarantine');
  const faults = await store.rows("select raw from quarantine where reason = 'fault'");
  const ids = messages.map(({ source_id }) => String(source_id)).join('\n');
  const missing = [...honest].filter((id) => !ids.includes(id));
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
    missing: [
      ...Object.entries(lost).flatMap(([what, count]) =>
        count > 0 ? `lost: ${count} ${what}` : [],
      ),
      ...faults.slice(0, 3).map(({ raw }) => `fault: ${String(raw)}`),
    ],
  };
}
