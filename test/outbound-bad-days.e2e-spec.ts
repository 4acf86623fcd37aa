import type { FaultEffect } from '../sandbox/faults.ts';
import { dig } from '../sandbox/json.ts';
import { Bridge, SPEED } from './bridge.js';

const VERA = '79995550142';

const KEPT = {
  violations: 0,
  doubled: 0,
  outOfOrder: 0,
  statusBackwards: 0,
  cancelled: 0,
  missing: 0,
};

/** What edna can do to a manager's message without meaning it. */
const TROUBLES = {
  '408': { kind: 'answer', status: 408 },
  '429 without Retry-After': { kind: 'answer', status: 429 },
  '500': { kind: 'answer', status: 500 },
  '502 with a page of HTML': { kind: 'answer', status: 502, body: '<h1>Bad Gateway</h1>' },
  '503': { kind: 'answer', status: 503 },
  'error-system': { kind: 'answer', status: 400, body: { code: 'error-system' } },
  'a reset before it took the message': { kind: 'reset-before' },
  'a reset after it took the message': { kind: 'reset-after' },
  'no answer, and it did not take the message': { kind: 'hang-before' },
  'no answer, though it took the message': { kind: 'hang-after' },
} as const satisfies Record<string, FaultEffect>;

let bridge: Bridge;

/** Vera has a chat, so she can be answered. */
async function start(store?: 'postgres'): Promise<Bridge> {
  bridge = await Bridge.start({
    store,
    sandbox: { amojo: { connected: true }, edna: { statuses: 'manual' } },
  });
  const { sandbox } = bridge;
  await sandbox.client(VERA).writes('Здравствуйте');
  await sandbox.until(() => sandbox.chat(VERA));
  return bridge;
}

afterEach(() => bridge.stop());

/** Two messages, of which the first meets the trouble, are at the client once, in order, and get their marks. */
async function twoArrive(trouble: FaultEffect, times: number): Promise<void> {
  bridge.sandbox.edna.faults.add({ ...trouble, endpoint: 'schedule', times });
  await sendTwo();
  await twoAreRead();
  const tries = bridge.sandbox.requests('schedule').filter(({ text }) => text === 'one');
  expect(tries).toHaveLength(times + 1);
  expect(new Set(tries.map(({ body }) => dig(body, 'requestId'))).size).toBe(1);
}

async function sendTwo(): Promise<void> {
  const { manager } = bridge.sandbox;
  const answers = [await manager.writes(VERA, 'one'), await manager.writes(VERA, 'two')];
  expect(answers.map(({ parcel }) => parcel?.state)).toEqual(['taken', 'taken']);
}

/** What the client reads, once edna has both. */
async function twoAreRead(): Promise<void> {
  const { sandbox } = bridge;
  const { addressed } = await sandbox.until(() => {
    const client = sandbox.client(VERA);
    return client.addressed.length >= 2 ? client : undefined;
  });
  for (const message of addressed) await sandbox.edna.report(message, 'READ');

  const answers = sandbox.chat(VERA).messages.filter(({ direction }) => direction === 'outgoing');
  await sandbox.until(() => answers.every(({ tick }) => tick.state === 'read'));
  expect(answers.map(({ reports }) => reports.length)).toEqual([1, 1]);
  const texts = sandbox.client(VERA).sees.map(({ content }) => content.text);
  expect(texts).toEqual(['one', 'two']);
  expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1 });
}

describe("a manager's message, when edna answers", () => {
  it.each(Object.entries(TROUBLES))('%s, is there once and in order', async (_, trouble) => {
    await start();
    await twoArrive(trouble, 1);
  });

  it('503 again and again, is there once and in order', async () => {
    await start();
    await twoArrive(TROUBLES['503'], 3);
  });

  it('nothing though it took it, is there once and in order on PostgreSQL as well', async () => {
    await start('postgres');
    await twoArrive(TROUBLES['no answer, though it took the message'], 1);
  });

  it('429 with Retry-After, is not tried before that', async () => {
    const { sandbox } = await start();
    const triedAt: number[] = [];
    sandbox.edna.faults.add({
      kind: 'latency',
      ms: 0,
      endpoint: 'schedule',
      when: () => triedAt.push(performance.now()) > 0,
    });
    await twoArrive({ kind: 'answer', status: 429, retryAfterSeconds: 6 }, 1);

    const [refused = 0, next = 0] = triedAt;
    expect((next - refused) * SPEED).toBeGreaterThanOrEqual(6_000);
  });

  it('nothing, but a receipt proves that it took it, is not sent again', async () => {
    const { sandbox } = await start();
    const hung = sandbox.edna.faults.add({ kind: 'hang-after', endpoint: 'schedule', times: 1 });
    await sendTwo();
    await hung.caught();
    const [first] = sandbox.client(VERA).addressed;
    if (first) await sandbox.edna.report(first, 'SENT');

    await twoAreRead();
    expect(sandbox.requests('schedule')).toHaveLength(2);
  });

  it('nothing, for it refuses connections, waits until it is back', async () => {
    const { sandbox } = await start();
    await sandbox.edna.server.goDown();
    await sendTwo();
    await sandbox.edna.server.comeBack();
    await twoAreRead();
  });

  it('nothing to the question for its cascades, waits until they are known', async () => {
    const { sandbox } = await start();
    sandbox.edna.faults.add({ kind: 'hang-before', endpoint: 'cascades', times: 1 });
    sandbox.edna.faults.add({ kind: 'answer', status: 500, endpoint: 'cascades', times: 1 });
    await sendTwo();
    await twoAreRead();
    expect(sandbox.requests('schedule')).toHaveLength(2);
  });
});
