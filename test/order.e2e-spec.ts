import type { Sandbox } from '../sandbox/sandbox.ts';
import { Bridge, SPEED, type BridgeOptions } from './bridge.js';

const VERA = '79995550142';
const IVAN = '79995550177';
const KEPT = {
  violations: 0,
  doubled: 0,
  outOfOrder: 0,
  statusBackwards: 0,
  cancelled: 0,
  missing: 0,
};

/** One starts after the other: a start keeps the processor busy, and time runs fast for those at work. */
let last: Promise<unknown> = Promise.resolve();
function startNext(options: BridgeOptions): Promise<Bridge> {
  const next = last.then(() => Bridge.start(options));
  last = next.catch(() => undefined);
  return next;
}

/** Bridges that wait at the same time, each between twins of its own. */
async function between(
  act: (sandbox: Sandbox) => Promise<void>,
  store?: 'sqlite' | 'postgres',
): Promise<void> {
  const bridge = await startNext({ store, sandbox: { amojo: { connected: true } } });
  try {
    await act(bridge.sandbox);
  } finally {
    await bridge.stop();
  }
}

const rows = (sandbox: Sandbox, address: string) => sandbox.chat(address).messages;
const incoming = (sandbox: Sandbox, address: string) =>
  rows(sandbox, address)
    .filter(({ direction }) => direction === 'incoming')
    .map(({ text }) => text);
const shown = (sandbox: Sandbox, address: string) =>
  sandbox.client(address).sees.map(({ content }) => content.text);
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `№ ${i + 1}`);

describe('twenty messages in quick succession', () => {
  it.concurrent.each([
    ['sqlite', ['№ 3', '№ 8', '№ 15']],
    ['postgres', []],
  ] as const)(
    'of a client are in order, each with a time of its own, on %s',
    (store, [...struck]) =>
      between(async (sandbox) => {
        const { faults } = sandbox.amojo;
        faults.add({ kind: 'latency', ms: 5, endpoint: 'message' });
        for (const text of struck) {
          faults.add({ kind: 'reset-after', endpoint: 'message', text, times: 1 });
        }
        const receivedAt = new Date();
        for (const text of numbered(20)) await sandbox.client(VERA).writes(text, { receivedAt });

        await sandbox.until(() => rows(sandbox, VERA).length >= 20);
        expect(incoming(sandbox, VERA)).toEqual(numbered(20));
        const times = rows(sandbox, VERA).map(({ msecTimestamp }) => msecTimestamp);
        expect(times).toEqual([...new Set(times)].toSorted((one, other) => one - other));
        expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1, leads: 1 });
      }, store),
  );

  it.concurrent('of a manager are in order on the phone, on a bad day', () =>
    between(async (sandbox) => {
      await sandbox.client(VERA).writes('Здравствуйте');
      await sandbox.until(() => rows(sandbox, VERA).length === 1);
      const { faults } = sandbox.edna;
      faults.add({ kind: 'latency', ms: 5, endpoint: 'schedule' });
      faults.add({ kind: 'answer', status: 503, endpoint: 'schedule', text: '№ 3', times: 1 });
      faults.add({ kind: 'reset-after', endpoint: 'schedule', text: '№ 8', times: 1 });
      faults.add({ kind: 'hang-after', endpoint: 'schedule', text: '№ 15', times: 1 });
      for (const text of numbered(20)) await sandbox.manager.writes(VERA, text);

      await sandbox.until(() => shown(sandbox, VERA).length >= 20);
      expect(shown(sandbox, VERA)).toEqual(numbered(20));
      const answers = rows(sandbox, VERA).slice(1);
      await sandbox.until(() => answers.every(({ tick }) => tick.state === 'read'));
      expect(sandbox.ledger()).toMatchObject(KEPT);
    }));
});

describe('what is held up', () => {
  it.concurrent('are not the messages of other chats', () =>
    between(async (sandbox) => {
      const { amojo, edna } = sandbox;
      amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'message', address: VERA });
      edna.faults.add({ kind: 'answer', status: 503, endpoint: 'schedule', address: VERA });
      const held = await sandbox.manager.writesFirst(VERA, 'to Vera');
      await sandbox.client(VERA).writes('of Vera');
      await sandbox.client(IVAN).writes('of Ivan');
      await sandbox.until(() => rows(sandbox, IVAN).length === 1);
      const answer = await sandbox.manager.writes(IVAN, 'to Ivan');
      await sandbox.until(() => answer.tick.state === 'read');
      expect(held.chat.messages).toHaveLength(1);
      expect(shown(sandbox, VERA)).toEqual([]);

      amojo.faults.clear();
      edna.faults.clear();
      await sandbox.until(() => held.chat.messages.length === 2 && held.tick.state === 'read');
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 2 });
    }));

  it.concurrent('are not the messages of the same chat in the other direction', () =>
    between(async (sandbox) => {
      const { amojo, edna } = sandbox;
      await sandbox.client(VERA).writes('Здравствуйте');
      await sandbox.until(() => rows(sandbox, VERA).length === 1);

      amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'message' });
      await sandbox.client(VERA).writes('Есть?');
      const answer = await sandbox.manager.writes(VERA, 'Добрый день');
      await sandbox.until(() => answer.tick.state === 'read');
      expect(incoming(sandbox, VERA)).toEqual(['Здравствуйте']);
      amojo.faults.clear();
      await sandbox.until(() => incoming(sandbox, VERA).length === 2);

      edna.faults.add({ kind: 'answer', status: 503, endpoint: 'schedule' });
      const held = await sandbox.manager.writes(VERA, 'Есть');
      await sandbox.client(VERA).writes('Жду');
      await sandbox.until(() => incoming(sandbox, VERA).length === 3);
      expect(shown(sandbox, VERA)).toEqual(['Добрый день']);
      edna.faults.clear();
      await sandbox.until(() => held.tick.state === 'read');
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1 });
    }));

  it.concurrent('are not the messages of a channel that is well, by one that has no way out', () =>
    between(async (sandbox) => {
      await sandbox.client(IVAN).writes('on Viber', { channel: 'acme_viber' });
      await sandbox.client(VERA).writes('on WhatsApp');
      await sandbox.until(() => sandbox.ledger().seenByManagers === 2);
      // No cascade of the account sends to Viber, so this is refused before it leaves.
      await sandbox.manager.writes(IVAN, 'to Viber');
      await sandbox.until(() => sandbox.requests('channels').length === 1);
      await sandbox.client(VERA).writes('Есть?');
      await sandbox.until(() => incoming(sandbox, VERA).length === 2);

      await sandbox.manager.writes(VERA, 'to WhatsApp');
      const halfAMinute = 30_000 / SPEED;
      await sandbox.until(() => shown(sandbox, VERA).length === 1, halfAMinute);
    }));

  it.concurrent('by an outage that many chats have met goes on by itself once it is over', () =>
    between(async (sandbox) => {
      sandbox.amojo.faults.add({ kind: 'answer', status: 500, endpoint: 'message', times: 8 });
      const many = Array.from({ length: 12 }, (_, i) => `7999555${1000 + i}`);
      for (const address of many) {
        await sandbox.client(address).writes('раз');
        await sandbox.client(address).writes('два');
      }
      await sandbox.until(() => sandbox.ledger().seenByManagers === 24);
      const pairs = many.map((address) => incoming(sandbox, address));
      expect(pairs).toEqual(many.map(() => ['раз', 'два']));
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 12, leads: 12 });
    }));
});

describe('a webhook that comes twice', () => {
  it.concurrent('doubles nothing', () =>
    between(async (sandbox) => {
      sandbox.edna.faults.add({ kind: 'double', endpoint: 'incoming' });
      sandbox.edna.faults.add({ kind: 'double', endpoint: 'status' });
      sandbox.amojo.faults.add({ kind: 'double', endpoint: 'hook' });
      for (const text of numbered(3)) await sandbox.client(VERA).writes(text);
      await sandbox.until(() => rows(sandbox, VERA).length === 3);
      const answer = await sandbox.manager.writes(VERA, 'Есть');
      await sandbox.until(() => answer.tick.state === 'read');
      expect(shown(sandbox, VERA)).toEqual(['Есть']);
      expect(incoming(sandbox, VERA)).toEqual(numbered(3));
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1, leads: 1 });
    }));
});
