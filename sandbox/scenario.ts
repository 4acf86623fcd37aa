import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { realClock } from './clock.ts';
import { BridgeProcess } from './demo/bridge-process.ts';
import { post } from './post.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';
import { play, type BridgeControl } from './scenario/player.ts';
import { settingsChange } from './settings.ts';
import { readScenario, ScenarioError, type Scenario, type Step } from './scenario/scenario.ts';

/** `npm run scenario <file>…`: plays scenarios on a bridge and prints what differs. */
const USAGE = `npm run scenario -- <файл.yaml>… [--bridge <адрес>] [--script <main.js>]

  без --bridge    каждому сценарию свой мост из dist/, со своим пустым журналом
  --bridge        адрес работающего моста; его настройки печатает --settings,
                  переменных bridge: из сценария он не узнает
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
const patienceSeconds = Number(options.patience);
if (!(patienceSeconds > 0)) leave('--patience: число секунд больше нуля', 2);
if (options.bridge === undefined && !existsSync(options.script)) {
  leave('Мост ещё не собран: сначала `npm run build`.', 2);
}
if (options.bridge !== undefined) await checkBridge(options.bridge);

/** What runs now, for whoever is told to end. */
let running: { bridge?: BridgeProcess; sandbox?: Sandbox } = {};
const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;
for (const [signal, code] of SIGNALS) {
  process.once(signal, () => void endRunning().then(() => process.exit(code)));
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
  const wrong = await playOne(scenario).catch((error: unknown) => [
    `сценарий не сыгран: ${error instanceof Error ? error.message : String(error)}`,
  ]);
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
  running = { sandbox };
  try {
    if (!isRunning) {
      const settings = { ...sandbox.environment(), ...scenario.bridge };
      running.bridge = await BridgeProcess.start(options.script, settings, 0);
      if (!(await running.bridge.isUp())) {
        return [`мост не запустился:\n${running.bridge.tail()}`];
      }
    }
    const { bridge } = running;
    sandbox.pointAt(options.bridge ?? bridge?.url ?? '');
    const wrong = await play(scenario, {
      sandbox,
      bridge: bridge && controlOf(bridge),
      clock: realClock(),
      patienceSeconds,
    });
    return wrong.length === 0 ? [] : [...wrong, ...troubles(sandbox, bridge)];
  } finally {
    await endRunning();
  }
}

async function endRunning(): Promise<void> {
  const { bridge, sandbox } = running;
  running = {};
  await bridge?.stop();
  await sandbox?.close();
}

async function checkBridge(url: string): Promise<void> {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    leave('--bridge: адрес моста вместе с http://', 2);
  }
  const { status, error } = await post(`${url.replace(/\/+$/, '')}/webhooks/edna`, {
    method: 'HEAD',
    timeoutMs: 3000,
  });
  if (status !== 200) leave(`--bridge: ${url} не отвечает как мост (${error ?? status})`, 2);
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
