import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualClock } from './clock.ts';
import type { FaultRule } from './faults.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';
import { StandInBridge } from './stand-in-bridge.ts';

let clock: ManualClock;
let sandbox: Sandbox;
let bridge: StandInBridge;
let told: string[];
const write = process.stderr.write.bind(process.stderr);

beforeEach(async () => {
  clock = new ManualClock();
  sandbox = await startSandbox({ clock });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
  told = [];
  process.stderr.write = (text: string | Uint8Array) => told.push(String(text)) > 0;
});

afterEach(async () => {
  process.stderr.write = write;
  await sandbox.close();
  await bridge.close();
});

const PHONE = '79995550142';

describe('what goes wrong with one callback', () => {
  const when = (): boolean => {
    throw new Error('a question that stumbles');
  };

  it.each<FaultRule>([
    { kind: 'lose', when },
    { kind: 'double', when },
    { kind: 'unsigned', when },
  ])('ends neither the process nor the one who waits for it: $kind', async (rule) => {
    const fault = sandbox.edna.faults.add(rule);
    const { parcel } = await sandbox.client(PHONE).writes('one');
    expect(parcel).toMatchObject({
      state: 'given up',
      attempts: [{ error: 'a question that stumbles' }],
    });
    expect(told).toHaveLength(1);
    fault.clear();
    expect((await sandbox.client(PHONE).writes('two')).parcel?.state).toBe('taken');
  });

  it('ends no resend either', async () => {
    bridge.answers = () => 500;
    const { parcel } = await sandbox.client(PHONE).writes('one');
    sandbox.edna.faults.add({ kind: 'unsigned', when });
    clock.advance(4000);
    await sandbox.until(() => parcel?.state === 'given up');
  });

  it('is told where a token is no header', async () => {
    sandbox.edna.settings.webhookToken = 'секрет';
    const { parcel } = await sandbox.client(PHONE).writes('one');
    expect(parcel).toMatchObject({
      state: 'under way',
      attempts: [{ error: expect.stringContaining('Authorization') }],
    });
  });
});

describe('an answer to a callback', () => {
  it('counts by its status, and is not read beyond 64 KiB', async () => {
    const long = createServer((_request, response) => response.end(Buffer.alloc(100_000)));
    await new Promise<void>((resolve) => long.listen(0, '127.0.0.1', resolve));
    sandbox.pointAt(`http://127.0.0.1:${(long.address() as AddressInfo).port}`);
    const { parcel } = await sandbox.client(PHONE).writes('one');
    await new Promise((resolve) => long.close(resolve));
    expect(parcel).toMatchObject({
      state: 'taken',
      attempts: [{ status: 200, error: 'larger than 65536 bytes' }],
    });
  });
});
