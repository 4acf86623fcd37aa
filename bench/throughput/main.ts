import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleApps } from './bundle.ts';
import { isReached, judged, type Figure } from './figure.ts';
import { accept } from './figures/accept.ts';
import { answer } from './figures/answer.ts';
import { latency } from './figures/latency.ts';
import { memory } from './figures/memory.ts';
import { poison } from './figures/poison.ts';
import { ready } from './figures/ready.ts';
import { replicas } from './figures/replicas.ts';
import { route } from './figures/route.ts';
import { rows } from './figures/rows.ts';
import { slow } from './figures/slow.ts';
import type { Group } from './group.ts';
import { circumstances, inWords, machine } from './machine.ts';
import { intoPage } from './readme.ts';
import { Stage } from './stage.ts';
import { toTable } from './table.ts';

const GROUPS: readonly Group[] = [
  accept,
  answer,
  route,
  slow,
  latency,
  memory,
  rows,
  ready,
  poison,
  replicas,
];

const HELP = `npm run bench -- [options]

  --only <group,…>  ${GROUPS.map(({ name }) => name).join(', ')}
  --rounds <n>      rounds of each figure, 5 at least for a figure that counts (5)
  --quick           a tenth of everything: shows that it runs, measures nothing
  --json <file>     where the figures go (bench/results/bench.json)
  --folder <path>   where the journals lie; a file system that really syncs (${tmpdir()})
  --readme          writes the table into README.md
`;

const { values: given } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string', default: join(import.meta.dirname, '../results/bench.json') },
    folder: { type: 'string', default: tmpdir() },
    readme: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (given.help) {
  process.stdout.write(HELP);
  process.exit();
}
const groups = chosen(given.only);
const options = { folder: given.folder, rounds: Number(given.rounds), isQuick: given.quick };
if (!Number.isInteger(options.rounds) || options.rounds < 1) fail('--rounds expects a number');
if (given.readme && (given.only !== undefined || given.quick || options.rounds < 5)) {
  fail('--readme takes all figures, in five rounds at least');
}

await bundleApps();
const beganAt = performance.now();
const before = circumstances(options.folder);
process.stderr.write(`before: ${inWords(before)}\n`);
const stage = await Stage.open(options);
const figures: Figure[] = [];
let [isStopped, isWhole] = [false, true];
// What is being measured fails then, and everything is tidied up on the way out.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    isStopped = true;
    void stage.close();
  });
}
for (const group of groups) {
  const since = performance.now();
  process.stderr.write(`${group.name} …`);
  try {
    figures.push(...(await group.measure(stage)));
    process.stderr.write(` ${((performance.now() - since) / 1e3).toFixed(0)} s\n`);
  } catch (fault) {
    process.stderr.write(` ${fault instanceof Error ? fault.message : String(fault)}\n`);
    isWhole = false;
  }
  if (isStopped) process.exit(1);
  await stage.clear();
}
await stage.close();

const after = circumstances(options.folder);
const minutes = ((performance.now() - beganAt) / 60_000).toFixed(1);
const takenOn = `${machine()}; ${new Date().toISOString().slice(0, 10)}`;
process.stdout.write(`${toTable(figures)}\n\n${takenOn}, ${minutes} min\n`);
process.stdout.write(`before: ${inWords(before)}\nafter: ${inWords(after)}\n`);
if (given.readme && isWhole)
  intoPage(join(import.meta.dirname, '../../README.md'), figures, takenOn);
const path = resolve(given.json);
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, `${JSON.stringify(report(), undefined, 2)}\n`);
process.stdout.write(`${path}\n`);
process.exitCode = isWhole && figures.every(isReached) ? 0 : 1;

function report() {
  return {
    machine: machine(),
    at: new Date().toISOString(),
    ...options,
    before,
    after,
    figures: figures.map((one) => ({ ...one, judged: judged(one), isReached: isReached(one) })),
  };
}

function chosen(only: string | undefined): readonly Group[] {
  if (only === undefined) return GROUPS;
  return only.split(',').map((name) => {
    const group = GROUPS.find((one) => one.name === name);
    return group ?? fail(`--only knows ${GROUPS.map((one) => one.name).join(', ')}`);
  });
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}
