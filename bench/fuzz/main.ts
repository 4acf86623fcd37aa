import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { OptionsError, readOptions, USAGE, type Options } from './options.ts';
import { fuzz, isGood, type Outcome } from './run.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');

function options(): Options {
  try {
    const read = readOptions(process.argv.slice(2));
    if (read !== 'help') return read;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** The specs of properties, more often than `npm test` tries them. */
function checkProperties({ runs, seed }: Options): boolean {
  if (runs === 0) return true;
  const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const words = ['--experimental-vm-modules', jest, 'property.spec', 'model.spec'];
  const env = { ...process.env, FUZZ_RUNS: `${runs}`, FUZZ_SEED: `${seed}` };
  return spawnSync(process.execPath, words, { cwd: ROOT, env, stdio: 'inherit' }).status === 0;
}

function inOneLine({ seed, store }: Options, outcome: Outcome): string {
  const {
    posted,
    statuses,
    wrong,
    lost,
    faults,
    errors,
    waiting,
    left,
    crashed,
    heapMb,
    residentMb,
  } = outcome;
  const answers = Object.entries(statuses).map(([status, count]) => `${status}×${count}`);
  return [
    `store ${store}, seed ${seed}, posted ${posted} (${answers.join(' ')})`,
    `wrong ${wrong}, lost ${lost}, faults ${faults}, errors ${errors}, waiting ${waiting}, left ${left}, crashed ${crashed ? 1 : 0}`,
    `heap ${heapMb.join(' → ')} MB${outcome.isFlat ? '' : ' NOT FLAT'}, resident ${residentMb} MB`,
  ].join(', ');
}

// Ended by hand, it takes the bridge along: that is done where this process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const chosen = options();
const holds = checkProperties(chosen);
const outcome = await fuzz(chosen);
for (const detail of outcome.details) console.error(detail);
console.error(outcome.filed);
console.log(inOneLine(chosen, outcome));
process.exit(holds && isGood(outcome) ? 0 : 1);
