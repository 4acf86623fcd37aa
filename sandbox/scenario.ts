import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { realClock } from './clock.ts';
import { BridgeProcess } from './demo/bridge-process.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';
import { play, type BridgeControl } from './scenario/player.ts';
import { settingsChange } from './settings.ts';
import { readScenario, ScenarioError, type Scenario, type Step } from './scenario/scenario.ts';

/** `npm run scenario <file>…`: plays scenarios on a bridge and prints what differs. */
const USAGE = `npm run scenario -- <файл.yaml>… [--bridge <адрес>] [--script <main.js>]

  без --bridge    каждому сценарию свой мост из dist/, со своим пустым журналом
  --bridge        адрес работающего моста; его настройки печатает --settings
  --settings      напечатать настройки для такого моста и выйти
  --patience      сколько секунд ждать того, что должно случиться (20)

Код выхода: 0 всё сошлось, 1 есть расхождения, 2 файл сценария или параметры с ошибкой.`;

const DIST = join(import.meta.dirname, '..', 'dist', 'main.js');
const PORTS = { edna: 28_101, amojo: 28_102 };

z.config(z.locales.ru());
const { values: options, positionals: files } = readArguments();
if (options.settings) {
  const sandbox = await startSandbox({ ports: PORTS });
  for (const [name, value] of Object.entries(sandbox.environment())) say(`${name}=${value}`);
  await sandbox.close();
  process.exit(0);
}
if (options.help || files.length === 0) leave(USAGE, options.help ? 0 : 2);
if (options.bridge === undefined && !existsSync(options.script)) {
  leave('Мост ещё не собран: сначала `npm run build`.', 2);
}

const scenarios = await Promise.all(files.map(read));
let failed = 0;
let skipped = 0;
for (const [index, scenario] of scenarios.entries()) {
  const startedAt = performance.now();
  const file = basename(files[index] ?? '', '.yaml');
  if (options.bridge !== undefined && stopsBridge(scenario.steps)) {
    say(`– ${file.padEnd(28)} ${scenario.name}  (пропущен: останавливает мост)`);
    skipped += 1;
    continue;
  }
  const wrong = await playOne(scenario);
  const took = `${((performance.now() - startedAt) / 1000).toFixed(1)} с`;
  say(`${wrong.length === 0 ? '✓' : '✗'} ${file.padEnd(28)} ${scenario.name}  (${took})`);
  for (const line of wrong) say(`    ${line}`);
  if (wrong.length > 0) failed += 1;
}
say(`\nСценариев: ${scenarios.length}, разошлись: ${failed}, пропущены: ${skipped}.`);
process.exit(failed === 0 ? 0 : 1);

async function playOne(scenario: Scenario): Promise<string[]> {
  const { edna, amojo } = settingsChange(scenario.sandbox ?? {});
  // A bridge that runs already has connected its channel: it will not do so again for each scenario.
  const isRunning = options.bridge !== undefined;
  const sandbox = await startSandbox({
    ports: isRunning ? PORTS : undefined,
    edna,
    amojo: { connected: isRunning, ...amojo },
  });
  let bridge: BridgeProcess | undefined;
  try {
    if (options.bridge === undefined) {
      const settings = { ...sandbox.environment(), ...scenario.bridge };
      bridge = await BridgeProcess.start(options.script, settings, 0);
      if (!(await bridge.isUp())) return [`мост не запустился:\n${bridge.tail()}`];
    }
    sandbox.pointAt(options.bridge ?? bridge?.url ?? '');
    const wrong = await play(scenario, {
      sandbox,
      bridge: bridge && controlOf(bridge),
      clock: realClock(),
      patienceSeconds: Number(options.patience),
    });
    return wrong.length === 0 ? [] : [...wrong, ...troubles(sandbox, bridge)];
  } finally {
    await bridge?.stop();
    await sandbox.close();
  }
}

function stopsBridge(steps: readonly Step[]): boolean {
  return steps.some((step) => {
    if ('together' in step) return stopsBridge(step.together);
    return 'steps' in step ? stopsBridge(step.steps) : 'bridge' in step;
  });
}

function controlOf(bridge: BridgeProcess): BridgeControl {
  return {
    restart: () => bridge.restart(),
    kill: () => bridge.killAndRestart(),
    stop: () => bridge.end('SIGTERM'),
    start: () => bridge.begin(),
  };
}

/** What may explain a difference. */
function troubles(sandbox: Sandbox, bridge: BridgeProcess | undefined): string[] {
  const broken = sandbox.violations.map(
    ({ platform, endpoint, reason }) => `нарушение (${platform} ${endpoint}): ${reason}`,
  );
  const tail = bridge?.tail() ?? '';
  return tail === '' ? broken : [...broken, `мост сообщает:\n${tail}`];
}

async function read(file: string): Promise<Scenario> {
  try {
    return readScenario(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof ScenarioError) return leave(error.message, 2);
    return leave(`${file}: ${error instanceof Error ? error.message : String(error)}`, 2);
  }
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        bridge: { type: 'string' },
        script: { type: 'string', default: DIST },
        patience: { type: 'string', default: '20' },
        settings: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return leave(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, 2);
  }
}

function say(line: string): void {
  console.log(line);
}

function leave(message: string, code: number): never {
  (code === 0 ? console.log : console.error)(message);
  process.exit(code);
}
