import { serveApi } from './api/http-api.ts';
import { realClock } from './clock.ts';
import { startSandbox } from './sandbox.ts';

/** Starts the sandbox alone, for a bridge that is started elsewhere. */
const { env } = process;
const host = env.SANDBOX_HOST || '127.0.0.1';
const bridge = env.BRIDGE_URL || 'http://127.0.0.1:8000';

const sandbox = await startSandbox({
  host,
  clock: realClock({ speed: positive('SANDBOX_SPEED', 1) }),
  ports: {
    edna: port('SANDBOX_EDNA_PORT', 28101),
    amojo: port('SANDBOX_AMOJO_PORT', 28102),
  },
});
sandbox.pointAt(bridge);
const api = await serveApi(sandbox, port('SANDBOX_PORT', 28100), host);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stop());
}

console.log(`Sandbox: ${api.url}  (open it in a browser)
  edna:    ${sandbox.edna.server.url}
  amoCRM:  ${sandbox.amojo.server.url}
  bridge:  ${bridge}  (BRIDGE_URL, or POST ${api.url}/point-at)

Settings for the bridge:`);
for (const [name, value] of Object.entries(sandbox.environment())) console.log(`${name}=${value}`);

async function stop(): Promise<void> {
  await api.close();
  await sandbox.close();
}

function positive(name: string, otherwise: number): number {
  const number = Number(env[name] || otherwise);
  if (number > 0 && Number.isFinite(number)) return number;
  console.error(`${name} must be a number above zero`);
  process.exit(1);
}

function port(name: string, otherwise: number): number {
  const text = env[name];
  if (text === undefined || text === '') return otherwise;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  console.error(`${name} must be a port number`);
  process.exit(1);
}
