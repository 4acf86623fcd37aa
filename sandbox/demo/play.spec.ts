import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { NaiveRelay } from '../naive-relay.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';
import { webhookCurls } from './curls.ts';
import { ANNA, play } from './play.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;
let relay: NaiveRelay;
let told: string[];

beforeEach(async () => {
  sandbox = await startSandbox({ edna: { statuses: ['SENT'] } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
  relay = new NaiveRelay(bridge);
  told = [];
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

async function connect(): Promise<void> {
  const { channelId, accountId } = sandbox.amojo.settings;
  await bridge.amojo('POST', `/v2/origin/custom/${channelId}/connect`, {
    account_id: accountId,
    hook_api_version: 'v2',
  });
}

const playing = (patienceMs = 4000) => play(sandbox, (line) => told.push(line), patienceMs);

describe('the play', () => {
  it('tells every step from what the twins received', async () => {
    await connect();
    expect(await playing()).toBeUndefined();
    expect(told).toHaveLength(8);
    expect(told.every((line) => line.includes('✓'))).toBe(true);
    expect(told.join('\n')).toMatch(/термос[^]*Есть, вот такой[^]*image\/png[^]*image\/png/);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, missing: 0, doubled: 0 });
  });

  it('names the step that was not seen', async () => {
    expect(await playing(10)).toBe('мост подключает канал к аккаунту');
    await connect();
    relay.passes = ({ raw }) => !raw.includes('READ');
    expect(await playing(500)).toBe('отметка «прочитано» в amoCRM');
    expect(told.at(-1)).toMatch(/✗.*не дождались/);
  });
});

/** What a shell makes of a command that begins with `curl`, sent by us: curl need not be there. */
async function run(command: string): Promise<number | undefined> {
  const printing = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const { stdout } = await promisify(execFile)('sh', ['-c', printing]);
  const words = stdout.split('\0');
  const valuesOf = (option: string) => words.filter((_, index) => words[index - 1] === option);
  const headers = valuesOf('-H').map((header) => header.split(': ') as [string, string]);
  const { status } = await sandbox.post(words.find((word) => word.startsWith('http')) ?? '', {
    headers: Object.fromEntries(headers),
    body: valuesOf('-d')[0],
  });
  return status;
}

describe('the curls', () => {
  it('post what the bridge accepts, once a shell has read them', async () => {
    await connect();
    await sandbox.client(ANNA).writes("It's me");
    const { edna, amocrm } = webhookCurls(sandbox);
    expect(await run(edna)).toBe(200);
    expect(await run(amocrm)).toBe(200);
    const incoming = bridge.posted.find(({ raw }) => raw.includes('доставка'));
    expect(incoming?.headers.authorization).toBe(`Token ${sandbox.edna.settings.webhookToken}`);
    const hook = bridge.posted.find(({ path }) => path.includes('/amocrm/'));
    expect(hook?.headers['x-signature']).toBe(sandbox.signHook(hook?.raw ?? ''));
    await sandbox.until(() => sandbox.client(ANNA).sees.length === 1);
    expect(sandbox.chat(ANNA).messages).toHaveLength(3);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, doubled: 0 });
  });
});
