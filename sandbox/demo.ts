import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BridgeProcess } from './demo/bridge-process.ts';
import { webhookCurls } from './demo/curls.ts';
import { ANNA, play } from './demo/play.ts';
import { serveApi, type HttpApi } from './api/http-api.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';

/** `npm run demo`: the bridge and both twins, a conversation, then a place to try things. */
const BRIDGE = join(import.meta.dirname, '..', 'dist', 'main.js');
/** So that a mark can be watched while it changes. */
const HUMAN_DELAYS_MS = { fetch: 50, sent: 100, delivered: 700, read: 1500 };

const isOnce = process.argv.includes('--once');
const say = (text = ''): void => console.log(text);

if (!existsSync(BRIDGE)) fail('Мост ещё не собран: сначала `npm run build`.');

// Delivered and read are told one by one by the play itself.
const sandbox = await startSandbox({ edna: { statuses: ['SENT'] } });
const port = portOf('DEMO_PORT', 0);
const pagePort = portOf('SANDBOX_PORT', 28_100);
const bridge = await BridgeProcess.start(BRIDGE, sandbox.environment(), port);
let api: HttpApi | undefined;
let stopping: Promise<void> | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));
void bridge.dies().then(() => giveUp('Мост остановился.'));

say('Мост edna ↔ amoCRM. Двойники обеих платформ на этой машине: без аккаунтов и настроек.\n');
if (!(await bridge.isUp())) await giveUp('Мост не запустился.');
sandbox.pointAt(bridge.url);

const unseen = await play(sandbox, say);
if (unseen !== undefined) say(`\nМост сообщает:\n${bridge.tail() || '(ничего)'}`);
tellLedger(sandbox);
if (isOnce) await stop(unseen === undefined ? 0 : 1);

Object.assign(sandbox.edna.settings, {
  statuses: ['SENT', 'DELIVERED', 'READ'],
  delaysMs: HUMAN_DELAYS_MS,
});
api = await serveApiNear(pagePort);
if (unseen === undefined) tellCurls(sandbox);
tellAddresses(sandbox, api.url);
say(`
Откройте в браузере  ${api.url}/
Слева телефон клиента, справа чат amoCRM, между ними то, что делает мост. Остановить: Ctrl-C`);

function tellLedger(box: Sandbox): void {
  const { violations } = box;
  const { doubled, missing, outOfOrder } = box.ledger();
  say(
    `\nСчёт: потеряно ${missing}, удвоено ${doubled}, не по порядку ${outOfOrder},` +
      ` нарушений ${violations.length}.`,
  );
  for (const { endpoint, reason } of violations) say(`  нарушение (${endpoint}): ${reason}`);
}

function tellCurls(box: Sandbox): void {
  const { edna, amocrm } = webhookCurls(box);
  say(`\nСообщение клиента, как его присылает edna:\n\n  ${edna}`);
  say(`\nОтвет менеджера, как его присылает amoCRM (подпись настоящая):\n\n  ${amocrm}`);
  say('\nПовтор той же команды мост узнаёт: второго сообщения не будет.');
}

function tellAddresses(box: Sandbox, apiUrl: string): void {
  const json = "-H 'Content-Type: application/json' -d";
  say(`
Что посмотреть:
  ${bridge.url}/docs           описание API моста, с примерами
  ${bridge.url}/health         мост жив
  ${bridge.url}/health/ready   готовность, линии, очередь
  ${bridge.url}/metrics        метрики Prometheus
  ${bridge.url}/webhooks/edna
  ${bridge.url}/webhooks/amocrm/${box.scopeId}

Песочница (все её адреса: ${apiUrl}/):
  написать за клиента     curl -sS ${apiUrl}/client/${ANNA}/messages ${json} '{"text":"Спасибо!"}'
  ответить за менеджера   curl -sS ${apiUrl}/manager/chats/${ANNA}/messages ${json} '{"text":"Ждём вас"}'
  телефон клиента         curl -sS ${apiUrl}/client/${ANNA}
  чаты в amoCRM           curl -sS ${apiUrl}/manager/chats
  счёт                    curl -sS ${apiUrl}/ledger`);
}

/** A second demonstration on the same machine takes a free port. */
async function serveApiNear(wanted: number): Promise<HttpApi> {
  try {
    return await serveApi(sandbox, wanted, '127.0.0.1');
  } catch {
    return serveApi(sandbox, 0, '127.0.0.1');
  }
}

async function giveUp(why: string): Promise<void> {
  if (stopping !== undefined) return stopping;
  console.error(`\n${why} Последнее, что он сообщил:\n${bridge.tail() || '(ничего)'}`);
  await stop(1);
}

/** Ends everything, once, and the process with it. */
function stop(code: number): Promise<void> {
  stopping ??= (async () => {
    await bridge.stop();
    await api?.close();
    await sandbox.close();
    process.exit(code);
  })();
  return stopping;
}

function portOf(name: string, otherwise: number): number {
  const port = Number(process.env[name] || otherwise);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  return fail(`${name}: номер порта`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
