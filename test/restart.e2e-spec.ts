import type { ChatMessage } from '../sandbox/amojo/chat.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { ChildBridge } from './child-bridge.js';
import { freshDatabase } from './fresh-database.js';
import { caddyPath, HttpsFront, NO_CADDY } from './https-front.js';

const VERA = '79995550142';
const KEPT = { violations: 0, doubled: 0, outOfOrder: 0, statusBackwards: 0, missing: 0 };

if (caddyPath === undefined) process.stderr.write(`${NO_CADDY}\n`);
const behindCaddy = caddyPath === undefined ? describe.skip : describe;

/* amoCRM sends a hook once and waits for five seconds. What the front waits for the bridge is longer here, and so is amoCRM's
   patience: how long a start takes is the machine's affair. */
behindCaddy('a restart behind the HTTPS front', () => {
  let sandbox: Sandbox;
  let bridge: ChildBridge;
  let front: HttpsFront;

  beforeEach(async () => {
    sandbox = await startSandbox({ amojo: { connected: true, hookTimeoutMs: 40_000 } });
    bridge = await ChildBridge.start(sandbox);
    front = await HttpsFront.start(caddyPath ?? '', [bridge.url], 'lb_try_duration 30s');
    sandbox.pointAt(front.url);
    await sandbox.client(VERA).writes('Здравствуйте');
    await sandbox.until(() => sandbox.chat(VERA));
  });
  afterEach(async () => {
    await front.stop();
    await bridge.remove();
    await sandbox.close();
  });

  const writes = (number: number) => sandbox.manager.writes(VERA, `№ ${number}`);

  async function hasAll(sent: readonly ChatMessage[]): Promise<void> {
    expect(sent.map(({ parcel }) => parcel?.attempts)).toMatchObject(
      Array.from({ length: 20 }, () => [{ status: 200 }]),
    );
    await sandbox.until(() => sandbox.ledger().missing === 0);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, writtenByManagers: 20, seenByClients: 20 });
  }

  it('in good order loses none of twenty hooks, and none of those that come while it ends', async () => {
    const sent = [];
    for (let number = 1; number <= 5; number += 1) sent.push(await writes(number));
    const ended = bridge.end('SIGTERM');
    const whileItEnds = [6, 7, 8, 9, 10].map(writes);
    expect(await ended).toEqual({ code: 0, signal: null });
    const whileAway = [11, 12, 13, 14, 15].map(writes);
    const started = bridge.again();
    const whileItStarts = [16, 17, 18, 19, 20].map(writes);
    await started;
    const all = await Promise.all([...whileItEnds, ...whileAway, ...whileItStarts]);
    await hasAll([...sent, ...all]);
  });

  it('by SIGKILL loses none of twenty hooks, once the front has seen it', async () => {
    const sent = [];
    for (let number = 1; number <= 5; number += 1) sent.push(await writes(number));
    const seen = front.missesIt();
    await bridge.end('SIGKILL');
    await seen;
    const whileAway = [6, 7, 8, 9, 10, 11, 12].map(writes);
    const started = bridge.again();
    const whileItStarts = [13, 14, 15, 16, 17, 18, 19, 20].map(writes);
    await started;
    const all = await Promise.all([...whileAway, ...whileItStarts]);
    await hasAll([...sent, ...all]);
  });
});

behindCaddy('a bridge that is told to end, behind the HTTPS front with what it waits', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox({ amojo: { connected: true } });
  });
  afterEach(() => sandbox.close());

  /** One after the other, as long as each of them is taken. */
  async function write(count: number): Promise<void> {
    for (let number = 1; number <= count; number += 1) {
      const { parcel } = await sandbox.manager.writes(VERA, `№ ${number}`);
      expect(parcel?.attempts).toMatchObject([{ status: 200 }]);
    }
  }

  it('takes every hook while it waits for a slow answer', async () => {
    const bridge = await ChildBridge.start(sandbox);
    const front = await HttpsFront.start(caddyPath ?? '', [bridge.url]);
    sandbox.pointAt(front.url);
    await sandbox.client(VERA).writes('Здравствуйте');
    await sandbox.until(() => sandbox.chat(VERA));
    const held = sandbox.amojo.faults.add({ kind: 'hold', endpoint: 'message', times: 1 });
    await sandbox.client(VERA).writes('Есть?');
    await held.caught();
    const ended = bridge.end('SIGTERM');
    await bridge.says('"msg":"ending"');
    await write(20);
    const ready = await sandbox.post(`${front.url}/health/ready`, { method: 'GET' });
    expect(ready.status).toBe(200);
    held.clear();
    expect(await ended).toEqual({ code: 0, signal: null });
    await bridge.again();
    await sandbox.until(() => sandbox.ledger().missing === 0);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, writtenByManagers: 20, seenByClients: 20 });
    await front.stop();
    await bridge.remove();
  });

  it('leaves every hook to the other one on the same database', async () => {
    const { url, drop } = await freshDatabase();
    const [first, second] = [
      await ChildBridge.start(sandbox, sandbox.environment(), url),
      await ChildBridge.start(sandbox, sandbox.environment(), url),
    ];
    const front = await HttpsFront.start(caddyPath ?? '', [first.url, second.url]);
    sandbox.pointAt(front.url);
    await sandbox.client(VERA).writes('Здравствуйте');
    await sandbox.until(() => sandbox.chat(VERA));
    const ended = first.end('SIGTERM');
    let hasEnded = false;
    void ended.then(() => (hasEnded = true));
    let count = 0;
    for (; !hasEnded; count += 1) await write(1);
    await write(5);
    expect(await ended).toEqual({ code: 0, signal: null });
    await sandbox.until(() => sandbox.ledger().missing === 0);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, writtenByManagers: count + 5 });
    await front.stop();
    await Promise.all([first, second].map((bridge) => bridge.remove()));
    await drop();
  });
});
