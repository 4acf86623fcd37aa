import type { FaultEffect } from '../sandbox/faults.ts';
import { dig } from '../sandbox/json.ts';
import { Bridge, SPEED, type BridgeOptions } from './bridge.js';

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

/** One starts after the other: a start keeps the processor busy, and time runs fast for those at work. */
let last: Promise<unknown> = Promise.resolve();
function startNext(options: BridgeOptions): Promise<Bridge> {
  const next = last.then(() => Bridge.start(options));
  last = next.catch(() => undefined);
  return next;
}

/** Bridges that wait at the same time, each between twins of its own. Vera has a chat, so she can be answered. */
async function between(act: (bridge: Bridge) => Promise<void>, store?: 'postgres'): Promise<void> {
  const bridge = await startNext({
    store,
    sandbox: { amojo: { connected: true }, edna: { statuses: 'manual' } },
  });
  try {
    await bridge.sandbox.client(VERA).writes('Здравствуйте');
    await bridge.sandbox.until(() => bridge.sandbox.chat(VERA));
    await act(bridge);
  } finally {
    await bridge.stop();
  }
}

/** Two messages, of which the first meets the trouble, are at the client once, in order, and get their marks. */
async function twoArrive(bridge: Bridge, trouble: FaultEffect, times = 1): Promise<void> {
  const { sandbox } = bridge;
  sandbox.edna.faults.add({ ...trouble, endpoint: 'schedule', times });
  await sendTwo(bridge);
  await twoAreRead(bridge);
  const tries = sandbox.requests('schedule').filter(({ text }) => text === 'one');
  expect(tries.length).toBeGreaterThan(times);
  expect(new Set(tries.map(({ body }) => dig(body, 'requestId'))).size).toBe(1);
}

async function sendTwo({ sandbox: { manager } }: Bridge): Promise<void> {
  const answers = [await manager.writes(VERA, 'one'), await manager.writes(VERA, 'two')];
  expect(answers.map(({ parcel }) => parcel?.state)).toEqual(['taken', 'taken']);
}

/** What the client reads, once edna has both. */
async function twoAreRead({ sandbox }: Bridge): Promise<void> {
  const { addressed } = await sandbox.until(() => {
    const client = sandbox.client(VERA);
    return client.addressed.length >= 2 ? client : undefined;
  });
  for (const message of addressed) await sandbox.edna.report(message, 'READ');

  const answers = sandbox.chat(VERA).messages.filter(({ direction }) => direction === 'outgoing');
  await sandbox.until(() => answers.every(({ tick }) => tick.state === 'read'));
  const texts = sandbox.client(VERA).sees.map(({ content }) => content.text);
  expect(texts).toEqual(['one', 'two']);
  expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1 });
}

describe("a manager's message, when edna answers", () => {
  it.concurrent.each(Object.entries(TROUBLES))('%s, is there once and in order', (_, trouble) =>
    between((bridge) => twoArrive(bridge, trouble)),
  );

  it.concurrent('503 again and again, is there once and in order', () =>
    between((bridge) => twoArrive(bridge, TROUBLES['503'], 3)));

  it.concurrent('nothing though it took it, is there once and in order on PostgreSQL as well', () =>
    between(
      (bridge) => twoArrive(bridge, TROUBLES['no answer, though it took the message']),
      'postgres',
    ));

  it.concurrent('429 with Retry-After, is not tried before that', () =>
    between(async (bridge) => {
      const triedAt: number[] = [];
      bridge.sandbox.edna.faults.add({
        kind: 'latency',
        ms: 0,
        endpoint: 'schedule',
        when: () => triedAt.push(performance.now()) > 0,
      });
      await twoArrive(bridge, { kind: 'answer', status: 429, retryAfterSeconds: 6 });

      const [refused = 0, next = 0] = triedAt;
      expect((next - refused) * SPEED).toBeGreaterThanOrEqual(6_000);
    }));

  it.concurrent('nothing, but a receipt proves that it took it, is not sent again', () =>
    between(async (bridge) => {
      const { sandbox } = bridge;
      const hung = sandbox.edna.faults.add({ kind: 'hang-after', endpoint: 'schedule', times: 1 });
      await sendTwo(bridge);
      await hung.caught();
      const first = await sandbox.until(() => sandbox.client(VERA).addressed[0]);
      await sandbox.edna.report(first, 'SENT');

      await twoAreRead(bridge);
      const tries = sandbox.requests('schedule').filter(({ text }) => text === 'one');
      expect(tries).toHaveLength(1);
    }));

  it.concurrent('nothing, for it refuses connections, waits until it is back', () =>
    between(async (bridge) => {
      await bridge.sandbox.edna.server.goDown();
      await sendTwo(bridge);
      await bridge.sandbox.edna.server.comeBack();
      await twoAreRead(bridge);
    }));

  it.concurrent('nothing to the question for its cascades, waits until they are known', () =>
    between(async (bridge) => {
      const { faults } = bridge.sandbox.edna;
      faults.add({ kind: 'hang-before', endpoint: 'cascades', times: 1 });
      faults.add({ kind: 'answer', status: 500, endpoint: 'cascades', times: 1 });
      await sendTwo(bridge);
      await twoAreRead(bridge);
    }));
});
