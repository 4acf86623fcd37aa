import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OptionsError, readOptions, USAGE, type Options } from './torture/options.ts';
import { forget, run } from './torture/run.ts';

/** `npm run torture`: breaks things around the built bridge while messages go through it, and counts what arrived. */
const ROOT = join(import.meta.dirname, '..');
const say = (line: string): void => console.log(line);

const options = read();
const { seed, seconds, store, replicas, kinds } = options;
if (!existsSync(options.script)) leave('Мост ещё не собран: сначала `npm run build`.', 2);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const folder = mkdtempSync(join(tmpdir(), 'bridge-torture-'));
say(`seed ${seed}, ${store}, replicas ${replicas}, ${seconds} s: ${kinds.join(', ')}`);
const isGood = await run(options, folder, say);
if (isGood && !options.isKept) forget(folder);
else say(`Журналы работы и хранилище: ${folder}`);
process.exit(isGood ? 0 : 1);

function read(): Options {
  try {
    const found = readOptions(process.argv.slice(2), join(ROOT, 'dist', 'main.js'));
    return found === 'help' ? leave(USAGE, 0) : found;
  } catch (error) {
    if (error instanceof OptionsError) leave(`${error.message}\n\n${USAGE}`, 2);
    throw error;
  }
}

function leave(text: string, code: number): never {
  say(text);
  process.exit(code);
}
