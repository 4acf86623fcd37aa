import type { FaultEffect } from '../sandbox/faults.ts';
import { Bridge, SPEED, type BridgeOptions } from './bridge.js';

const VERA = '79995550142';
const IVAN = '79995550177';

const KEPT = {
  violations: 0,
  doubled: 0,
  outOfOrder: 0,
  statusBackwards: 0,
  missing: 0,
};

/** What amojo can do to a client's message without meaning it. */
const TROUBLES = {
  '408': { kind: 'answer', status: 408 },
  '429 without Retry-After': { kind: 'answer', status: 429 },
  '500': { kind: 'answer', status: 500 },
  '502 with a page of HTML': { kind: 'answer', status: 502, body: '<h1>Bad Gateway</h1>' },
  '503': { kind: 'answer', status: 503 },
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

/** Bridges that wait at the same time, each between twins of its own. */
async function between(act: (bridge: Bridge) => Promise<void>, store?: 'postgres'): Promise<void> {
  const bridge = await startNext({ store, sandbox: { amojo: { connected: true } } });
  try {
    await act(bridge);
  } finally {
    await bridge.stop();
  }
}

/** Three messages, of which the first meets the trouble, are there once, in order, under one id each. */
async function threeArrive({ sandbox }: Bridge, trouble: FaultEffect, times = 1): Promise<void> {
  sandbox.amojo.faults.add({ ...trouble, endpoint: 'message', times });
  const vera = sandbox.client(VERA);
  const { id } = await vera.writes('one');
  await vera.writes('two');
  await vera.writes('three');

  await sandbox.until(() => sandbox.chat(VERA).messages.length >= 3);
  const { messages } = sandbox.chat(VERA);
  expect(messages.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  expect(messages[0]?.clientId).toBe(`edna:71844:${id}`);
  const tries = sandbox.requests('message').filter(({ text }) => text === 'one');
  expect(tries.length).toBeGreaterThan(times);
  expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1, leads: 1 });
}

describe("a client's message, when amoCRM answers", () => {
  it.concurrent.each(Object.entries(TROUBLES))('%s, is there once and in order', (_, trouble) =>
    between((bridge) => threeArrive(bridge, trouble)),
  );

  it.concurrent('503 again and again, is there once and in order', () =>
    between((bridge) => threeArrive(bridge, TROUBLES['503'], 3)));

  it.concurrent('nothing though it took it, is there once and in order on PostgreSQL as well', () =>
    between(
      (bridge) => threeArrive(bridge, TROUBLES['no answer, though it took the message']),
      'postgres',
    ));

  it.concurrent('that the repeat is not unique, is known to be there from the history', () =>
    between(async (bridge) => {
      bridge.sandbox.amojo.settings.duplicateMsgid = 'reject400';
      await threeArrive(bridge, TROUBLES['no answer, though it took the message']);
      expect(bridge.sandbox.requests('history').length).toBeGreaterThan(0);
    }));

  it.concurrent('429 with Retry-After, is not tried before that, nor is any other', () =>
    between(async ({ sandbox }) => {
      const triedAt: number[] = [];
      sandbox.amojo.faults.add({
        kind: 'latency',
        ms: 0,
        endpoint: 'message',
        when: () => triedAt.push(performance.now()) > 0,
      });
      const busy = sandbox.amojo.faults.add({
        kind: 'answer',
        status: 429,
        retryAfterSeconds: 6,
        endpoint: 'message',
        times: 1,
      });
      await sandbox.client(VERA).writes('one');
      await busy.caught();
      await sandbox.client(IVAN).writes('two');

      await sandbox.until(() => sandbox.ledger().seenByManagers === 2);
      const [refused = 0, next = 0] = triedAt;
      expect((next - refused) * SPEED).toBeGreaterThanOrEqual(6_000);
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 2, leads: 2 });
    }));

  it.concurrent('nothing, for it refuses connections, waits until it is back', () =>
    between(async ({ sandbox }) => {
      const vera = sandbox.client(VERA);
      await vera.writes('one');
      await sandbox.until(() => sandbox.chat(VERA).messages.length === 1);
      await sandbox.amojo.server.goDown();
      const messages = [
        await vera.writes('two'),
        await sandbox.client(IVAN).writes('of another client'),
        await vera.writes('three'),
      ];
      expect(messages.map(({ parcel }) => parcel?.state)).toEqual(['taken', 'taken', 'taken']);
      await sandbox.amojo.server.comeBack();

      await sandbox.until(() => sandbox.ledger().seenByManagers === 4);
      const texts = sandbox.chat(VERA).messages.map(({ text }) => text);
      expect(texts).toEqual(['one', 'two', 'three']);
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 2, leads: 2 });
    }));
});
