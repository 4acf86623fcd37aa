import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { post } from '../post.ts';
import { BridgeProcess } from './bridge-process.ts';

let folder: string;
let bridge: BridgeProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-spec-'));
});

afterEach(async () => {
  await bridge?.stop();
  delete process.env.EDNA_OF_A_REAL_BRIDGE;
  await rm(folder, { recursive: true });
});

async function start(script: string, settings: Record<string, string> = {}) {
  const path = join(folder, 'main.cjs');
  await writeFile(path, script);
  bridge = await BridgeProcess.start(path, settings, 0);
  return bridge;
}

/** Answers `/health`, and anything else with its settings and its folder. */
const HEALTHY = `require('node:http').createServer((request, response) => {
  const about = { ...process.env, cwd: process.cwd() };
  response.end(request.url === '/health' ? '' : JSON.stringify(about));
}).listen(process.env.PORT, process.env.HOST);`;

describe('the bridge as a child process', () => {
  it('gets the settings it is given, none of a real bridge, and an empty folder', async () => {
    process.env.EDNA_OF_A_REAL_BRIDGE = 'yes';
    const child = await start(HEALTHY, { EDNA_API_KEY: 'invented' });
    expect(await child.isUp()).toBe(true);
    const { body } = await post(`${child.url}/about`, { method: 'GET' });
    const about = JSON.parse(body.toString()) as Record<string, string>;
    expect(about).toMatchObject({ EDNA_API_KEY: 'invented', HOST: '127.0.0.1', LOG_LEVEL: 'warn' });
    expect(about).not.toHaveProperty('EDNA_OF_A_REAL_BRIDGE');
    expect(about.DATABASE_URL).toBe(`file:${join(about.cwd ?? '', 'bridge.db')}`);
    await child.stop();
    expect(child.isDead).toBe(false);
    expect(existsSync(about.cwd ?? '')).toBe(false);
    expect((await post(child.url)).error).toMatch(/ECONNREFUSED/);
  });

  it('that ends by itself is not up, and its last words are kept', async () => {
    const child = await start(`console.error('EDNA_API_KEY: required'); process.exit(1);`);
    expect(await child.isUp()).toBe(false);
    await child.dies();
    expect(child.isDead).toBe(true);
    expect(child.tail()).toBe('EDNA_API_KEY: required');
  });
});
