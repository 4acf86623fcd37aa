import { chmodSync, cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { post } from '../../sandbox/post.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { startPostgres } from '../../test/postgres.ts';
import { answerTimes, Control } from './answers.ts';
import { Balancer } from './balancer.ts';
import type { Breakage } from './breakage.ts';
import { ClockJumps } from './breakages/clock.ts';
import { Crowds } from './breakages/crowd.ts';
import { DatabaseKills } from './breakages/database.ts';
import { countFlushes, DiskFaults, hasStrace, mountStore, unmountStore } from './breakages/disk.ts';
import { Kills } from './breakages/kill.ts';
import { UpstreamFaults } from './breakages/upstream.ts';
import type { Kind, Options } from './options.ts';
import { planOf, type Stroke } from './plan.ts';
import { pause, Replica } from './replica.ts';
import type { Stage } from './stage.ts';
import { Traffic } from './traffic.ts';
import { isGood, judge, lineOf } from './verdict.ts';

/** edna waits 4, 128 and 2048 s; a run that waited so long would say no more. */
const RESENDS_SECONDS = Array.from({ length: 100 }, () => 3);
const RETRY_MAX_SECONDS = '2';
const ADMIN_TOKEN = 'torture';
/** So long nothing may change before a run counts as settled. */
const QUIET_MS = 3_000;
const LOOK_MS = 500;
const DETAILS_SHOWN = 30;
/** Webhooks one after the other, while their flushes are counted. */
const COUNTED = 20;
/** Who writes them; nobody else has this number. */
const COUNTED_PHONE = '79995569999';

const SILENT = { missing: 0, doubled: 0, outOfOrder: 0, statusBackwards: 0 };

/**
 * Tortures the bridge and judges it.
 * @param folder for the journal and the logs; it stays where something went wrong
 * @returns whether all promises were kept
 */
export async function run(
  options: Options,
  folder: string,
  say: (line: string) => void,
): Promise<boolean> {
  const storeFolder = join(folder, 'store');
  mkdirSync(storeFolder, { recursive: true });
  const isMounted = options.kinds.includes('disk') && mountStore(storeFolder);
  const ends: (() => Promise<void> | void)[] = [];
  let isGood = false;
  if (isMounted) {
    ends.unshift(() => {
      // What it is mounted from is memory, and gone with it.
      if (!isGood || options.isKept) {
        cpSync(storeFolder, join(folder, 'kept'), { recursive: true });
      }
      unmountStore(storeFolder);
    });
  }
  try {
    isGood = await tortured(options, { folder, storeFolder, isMounted }, ends, say);
    return isGood;
  } finally {
    for (const end of ends) await end();
  }
}

interface Places {
  readonly folder: string;
  readonly storeFolder: string;
  readonly isMounted: boolean;
}

async function tortured(
  options: Options,
  places: Places,
  ends: (() => Promise<void> | void)[],
  say: (line: string) => void,
): Promise<boolean> {
  const { seed, seconds, kinds, replicas, perSecond } = options;
  const stage = await setUp(options, places, ends, say);
  const breakages = breakagesOf(stage, places.isMounted);
  if (kinds.includes('disk')) breakages.disk.tellLimits();
  const traffic = new Traffic(stage.sandbox, seed, seconds, perSecond);
  const control = new Control(() => stage.replicas.map(({ pid }) => pid));
  await control.begin();
  ends.unshift(() => control.end());
  const cpu = process.cpuUsage();
  const beganAt = performance.now();
  traffic.begin();
  for (const stroke of planOf(seed, seconds, kinds, replicas)) {
    await pause(Math.max(0, beganAt + stroke.atMs - performance.now()));
    strike(breakages, stroke);
  }
  await pause(Math.max(0, beganAt + seconds * 1000 - performance.now()));
  for (const kind of kinds) await breakages[kind].heal();
  for (const twin of [stage.sandbox.edna, stage.sandbox.amojo]) twin.faults.clear();
  await traffic.end();
  const healedAt = performance.now();
  await Promise.all(stage.replicas.map((replica) => replica.isUp()));
  const isSettled = await settles(stage, traffic, options.settleSeconds);
  const settledMs = performance.now() - healedAt;

  const verdict = judge(traffic.facts(stage.sandbox.ledger()));
  const failures = [
    ...replicaFailures(stage, kinds),
    ...kinds.flatMap((kind) => breakages[kind].failures),
  ];
  if (!isSettled) failures.push(`not settled within ${options.settleSeconds} s`);
  tellCounts(stage, breakages, kinds, traffic, say);
  if (kinds.includes('crowd')) {
    const times = answerTimes(traffic.parcels, breakages.crowd.sieges, control);
    const { answers, maxMs, slow, excused, controlMaxMs, starved } = times;
    say(
      `crowd: ${answers} honest webhooks, the longest ${Math.round(maxMs)} ms, over a second ${slow}` +
        (excused > 0 ? ` (and ${excused} void: the bridge waited for a processor)` : '') +
        `; control ${Math.round(controlMaxMs)} ms, the bridge without a processor ${Math.round(starved * 100)} % of the time`,
    );
    // Beside other breakages the bridge is also being started, stopped and deprived of its disk.
    if (slow > 0 && kinds.length === 1) failures.push(`${slow} honest webhooks over a second`);
  }
  if (kinds.includes('disk'))
    failures.push(...(await diskFailures(stage, breakages.disk, traffic, kinds)));
  const { user, system } = process.cpuUsage(cpu);
  const share = (user + system) / 1000 / (performance.now() - beganAt);
  say(
    `settled after ${(settledMs / 1000).toFixed(1)} s; twins, writers and judge took ${Math.round(share * 100)} % of a core`,
  );
  for (const line of verdict.details.slice(0, DETAILS_SHOWN)) say(`  ${line}`);
  for (const line of failures) say(`  failed: ${line}`);
  say(lineOf(verdict));
  return isGood(verdict) && failures.length === 0;
}

async function setUp(
  { store, replicas: count, script }: Options,
  { folder, storeFolder }: Places,
  ends: (() => Promise<void> | void)[],
  say: (line: string) => void,
): Promise<Stage> {
  const sandbox = await startSandbox({
    amojo: { connected: false },
    edna: { resendAfterSeconds: RESENDS_SECONDS },
  });
  ends.unshift(() => sandbox.close());
  // PostgreSQL runs as somebody else where this is run by root.
  for (const open of [folder, storeFolder]) chmodSync(open, 0o755);
  const postgres =
    store === 'postgres'
      ? await startPostgres({
          within: storeFolder,
          durable: true,
          // A full disk that ends the checkpointer twice, the second time at the end of a recovery, leaves the start
          // waiting for a checkpoint nobody remembers, until the next one by the clock (18.4: five minutes).
          settings: ['max_wal_size=64MB', 'checkpoint_timeout=30s'],
        })
      : undefined;
  if (postgres) {
    ends.unshift(() => postgres.remove());
    process.once('exit', () => {
      for (const pid of postgres.processes()) process.kill(pid, 'SIGKILL');
    });
  }
  const environment = {
    ...sandbox.environment(),
    DATABASE_URL: postgres?.url ?? `file:${join(storeFolder, 'bridge.db')}`,
    RETRY_MAX_SECONDS,
    EDNA_RATE_PER_SECOND: '0',
    AMOJO_RATE_PER_SECOND: '0',
    ADMIN_TOKEN,
    DOCS: 'off',
  };
  const replicas = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      Replica.start({ script, folder, name: `bridge-${index}`, environment }),
    ),
  );
  ends.unshift(async () => {
    for (const replica of replicas) await replica.end();
  });
  const urls = replicas.map(({ url }) => url);
  const balancer = count > 1 ? await Balancer.before(urls) : undefined;
  if (balancer) ends.unshift(() => balancer.close());
  sandbox.pointAt(balancer?.url ?? urls[0] ?? '');
  return { sandbox, replicas, postgres, storeFolder, say };
}

type Breakages = ReturnType<typeof breakagesOf>;

function breakagesOf(stage: Stage, isMounted: boolean) {
  return {
    kill: new Kills(stage),
    database: new DatabaseKills(stage),
    upstream: new UpstreamFaults(stage),
    disk: new DiskFaults(stage, isMounted),
    clock: new ClockJumps(stage),
    crowd: new Crowds(stage),
  } satisfies { readonly [K in Kind]: Breakage<K> };
}

function strike(breakages: Breakages, stroke: Stroke): void {
  const breakage: Breakage = breakages[stroke.kind];
  breakage.strike(stroke);
}

/** Waits until all that was accepted has arrived and been told, and nothing moves any more. */
async function settles(stage: Stage, traffic: Traffic, seconds: number): Promise<boolean> {
  const { sandbox, replicas } = stage;
  const until = performance.now() + seconds * 1000;
  let last = '';
  let quietSince = performance.now();
  while (performance.now() < until) {
    const facts = traffic.facts(SILENT);
    const moves = [
      facts.arrived.length,
      sandbox.log.repeats,
      sandbox.requests('delivery-status').length,
    ];
    if (moves.join() !== last) quietSince = performance.now();
    last = moves.join();
    const isAnswered = sandbox.edna.callbacks.every(({ state }) => state !== 'under way');
    const isDone = isAnswered && judge(facts).lost === 0 && (await allIdle(replicas));
    if (isDone && performance.now() - quietSince > QUIET_MS) return true;
    await pause(LOOK_MS);
  }
  return false;
}

async function allIdle(replicas: readonly Replica[]): Promise<boolean> {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  const answers = await Promise.all(
    replicas.map(({ url }) => post(`${url}/health/ready`, { method: 'GET', headers })),
  );
  return answers.every(({ status, body }) => {
    if (status !== 200) return false;
    const { oldestWaitingSeconds: oldest } = JSON.parse(body.toString()) as {
      oldestWaitingSeconds: { inbound: number; outbound: number };
    };
    return oldest.inbound === 0 && oldest.outbound === 0;
  });
}

/** A bridge that works goes on whatever fails around it; only one that starts needs its store for it. */
function replicaFailures({ replicas }: Stage, kinds: readonly Kind[]): string[] {
  const hasStore = !kinds.includes('database') && !kinds.includes('disk');
  return replicas.flatMap(({ crashes, failedStarts }) => [
    ...crashes,
    ...(hasStore ? failedStarts : []),
  ]);
}

function tellCounts(
  { sandbox, replicas }: Stage,
  breakages: Breakages,
  kinds: readonly Kind[],
  traffic: Traffic,
  say: (line: string) => void,
): void {
  const attempts = traffic.parcels.flatMap((parcel) => parcel.attempts);
  const counts: Record<string, number> = {
    ...Object.assign({}, ...kinds.map((kind) => breakages[kind].counts)),
    restarts: replicas.reduce((sum, { restarts }) => sum + restarts, 0),
    'starts without a store': replicas.reduce((sum, one) => sum + one.failedStarts.length, 0),
    'webhooks posted': attempts.length,
    'answered 200': attempts.filter(({ status }) => status === 200).length,
    'answered 503': attempts.filter(({ status }) => status === 503).length,
    'without an answer': attempts.filter(({ status }) => status === undefined).length,
    'repeats to the twins': sandbox.log.repeats,
    'refused by the twins': sandbox.violations.length,
  };
  say(
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', '),
  );
  const reasons = Map.groupBy(
    sandbox.violations,
    ({ endpoint, status, reason }) => `${endpoint} ${status} ${reason}`,
  );
  for (const [reason, { length }] of reasons) say(`  refused ${length}×: ${reason}`);
}

/** Whether the bridge took webhooks again by itself, and flushed each that it took. */
async function diskFailures(
  stage: Stage,
  disk: DiskFaults,
  traffic: Traffic,
  kinds: readonly Kind[],
): Promise<string[]> {
  const failures: string[] = [];
  const taken = traffic.parcels
    .flatMap(({ attempts }) => attempts)
    .filter(({ status }) => status === 200)
    .map(({ at }) => at - performance.timeOrigin);
  const waits = disk.healedAt.map(
    (healed) => Math.min(...taken.filter((at) => at >= healed)) - healed,
  );
  const late = waits.filter((ms) => ms > disk.recoveryMs && ms !== Infinity);
  if (waits.length > 0) {
    const longest = Math.max(0, ...waits.filter((ms) => ms !== Infinity));
    stage.say(`disk: webhooks taken again at most ${Math.round(longest)} ms after it was mended`);
  }
  if (late.length > 0 && kinds.length === 1) {
    failures.push(
      `${late.length} times no webhook was taken ${disk.recoveryMs} ms after the disk was mended`,
    );
  }
  return [...failures, ...(await flushFailures(stage))];
}

async function flushFailures({ sandbox, postgres, replicas, say }: Stage): Promise<string[]> {
  if (!hasStrace()) {
    say('disk: flushes are not counted, there is no strace');
    return [];
  }
  const pids = postgres ? postgres.processes() : replicas.flatMap(({ pid }) => pid ?? []);
  // The first of the lane is held, so that none of the others is sent, and no settle adds to the commits.
  const held = sandbox.amojo.faults.add({ kind: 'hold', address: COUNTED_PHONE });
  const client = sandbox.client(COUNTED_PHONE);
  await client.writes('Считаем: 0');
  let commits = 0;
  const flushes = await countFlushes(pids, async () => {
    for (let index = 1; index <= COUNTED; index += 1) {
      const { parcel } = await client.writes(`Считаем: ${index}`);
      if (parcel?.takenSeq !== undefined) commits += 1;
    }
  });
  held.clear();
  say(`disk: ${flushes} flushes for ${commits} webhooks taken one after the other`);
  if (commits < COUNTED)
    return [`only ${commits} of ${COUNTED} webhooks were taken from a whole disk`];
  return flushes >= commits ? [] : [`${flushes} flushes for ${commits} commits`];
}

export function forget(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
