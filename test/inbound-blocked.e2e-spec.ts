import { dig } from '../sandbox/json.ts';
import { Bridge, SPEED, type BridgeOptions } from './bridge.js';
import { disconnect } from './disconnect.js';

const MINUTE_MS = 60_000;
const VERA = '79995550142';
const IVAN = '79995550177';
const KEPT = { doubled: 0, outOfOrder: 0, missing: 0, chats: 1, leads: 1 };

/** One starts after the other: a start keeps the processor busy, and time runs fast for those at work. */
let last: Promise<unknown> = Promise.resolve();
function startNext(options?: BridgeOptions): Promise<Bridge> {
  const next = last.then(() => Bridge.start(options));
  last = next.catch(() => undefined);
  return next;
}

async function between(act: (bridge: Bridge) => Promise<void>): Promise<void> {
  const bridge = await startNext();
  try {
    await bridge.connected();
    await act(bridge);
  } finally {
    await bridge.stop();
  }
}

async function failedInbound({ sandbox, url }: Bridge): Promise<unknown> {
  const { body } = await sandbox.post(`${url}/health/ready`, { method: 'GET' });
  return dig(JSON.parse(body.toString()), 'failedInbound');
}

async function bothArrive({ sandbox }: Bridge): Promise<void> {
  await sandbox.until(() => sandbox.ledger().seenByManagers === 2);
  expect(sandbox.chat(VERA).messages.map(({ text }) => text)).toEqual(['one', 'two']);
  expect(sandbox.ledger()).toMatchObject(KEPT);
}

describe('while amoCRM lets nothing of ours in,', () => {
  it.concurrent.each([401, 403, 404])(
    'a %i fails no message of a client: all waits, and goes on by itself',
    (status) =>
      between(async (bridge) => {
        const { sandbox } = bridge;
        const shut = sandbox.amojo.faults.add({ kind: 'answer', status });
        const vera = sandbox.client(VERA);
        await vera.writes('one');
        await vera.writes('two');
        await shut.caught();
        expect(await failedInbound(bridge)).toBe(0);
        await sandbox.until(() => sandbox.requests('message').every(({ answer }) => answer));
        shut.clear();

        await bothArrive(bridge);
        expect(await failedInbound(bridge)).toBe(0);
        expect(sandbox.ledger().violations).toBe(0);
        // One before the gate was shut (a 403 is signed anew once), and the two that went through.
        expect(sandbox.requests('message').length).toBeLessThanOrEqual(status === 403 ? 4 : 3);
      }),
  );

  it.concurrent('the channel that was disconnected is connected again before the first message', () =>
    between(async (bridge) => {
      const { sandbox } = bridge;
      const before = sandbox.requests('connect').length;
      await disconnect(sandbox);
      expect(sandbox.amojo.isConnected).toBe(false);
      const vera = sandbox.client(VERA);
      await vera.writes('one');
      await vera.writes('two');

      await bothArrive(bridge);
      expect(sandbox.violations).toMatchObject([{ endpoint: 'message', status: 404 }]);
      expect(sandbox.requests('connect')).toHaveLength(before + 1);
    }));

  it.concurrent('one message a minute is tried, however many wait', () =>
    between(async ({ sandbox }) => {
      const shut = sandbox.amojo.faults.add({ kind: 'answer', status: 401, endpoint: 'message' });
      const since = performance.now();
      await sandbox.client(VERA).writes('one');
      await shut.caught();
      const minutes = () => 1 + Math.floor(((performance.now() - since) * SPEED) / MINUTE_MS);
      await sandbox.manager.writesFirst(IVAN, 'Добрый день');
      await sandbox.until(() => sandbox.client(IVAN).sees.length === 1);
      for (let i = 0; i < 9; i += 1) await sandbox.client(`7999555100${i}`).writes('one');
      expect(shut.hits).toBeLessThanOrEqual(minutes());

      await shut.caught(2);
      await sandbox.manager.writes(sandbox.chat(IVAN), 'Удобно говорить?');
      await sandbox.until(() => sandbox.client(IVAN).sees.length === 2);
      expect(shut.hits).toBeLessThanOrEqual(minutes());
    }));
});

describe('a clock that is off by more than amoCRM allows', () => {
  it.each([20, -20])('by %i minutes costs one refused signature', (minutes) =>
    between(async (bridge) => {
      const { sandbox } = bridge;
      sandbox.amojo.server.skewMs = minutes * 60_000;
      const vera = sandbox.client(VERA);
      await vera.writes('one');
      await vera.writes('two');

      await bothArrive(bridge);
      expect(sandbox.violations).toMatchObject([{ endpoint: 'message', status: 403 }]);
      expect(sandbox.requests('message')).toHaveLength(3);
    }),
  );
});

describe('a start while amoCRM is away', () => {
  it('connects the channel once it can, and what waited goes in', () =>
    between(async (bridge) => {
      const { sandbox } = bridge;
      const before = sandbox.requests('connect').length;
      await sandbox.amojo.server.goDown();
      await bridge.restart();
      const vera = sandbox.client(VERA);
      await vera.writes('one');
      await vera.writes('two');
      await sandbox.amojo.server.comeBack();

      await bothArrive(bridge);
      await sandbox.until(() => sandbox.requests('connect').length === before + 1);
      expect(sandbox.ledger().violations).toBe(0);
    }));
});
