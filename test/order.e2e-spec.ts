import { Bridge } from './bridge.js';

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

let bridge: Bridge;

async function start(store?: 'sqlite' | 'postgres'): Promise<Bridge> {
  bridge = await Bridge.start({ store, sandbox: { amojo: { connected: true } } });
  return bridge;
}

afterEach(() => bridge.stop());

const rows = (address: string) => bridge.sandbox.chat(address).messages;
const incoming = (address: string) =>
  rows(address)
    .filter(({ direction }) => direction === 'incoming')
    .map(({ text }) => text);
const shown = (address: string) =>
  bridge.sandbox.client(address).sees.map(({ content }) => content.text);
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `№ ${i + 1}`);

describe('twenty messages in quick succession', () => {
  it.each([
    ['sqlite', ['№ 3', '№ 8', '№ 15']],
    ['postgres', ['№ 8']],
  ] as const)(
    'of a client are in order, each with a time of its own, on a bad day on %s',
    async (store, [...struck]) => {
      const { sandbox } = await start(store);
      const { faults } = sandbox.amojo;
      faults.add({ kind: 'latency', ms: 5, endpoint: 'message' });
      for (const text of struck) {
        faults.add({ kind: 'reset-after', endpoint: 'message', text, times: 1 });
      }
      const receivedAt = new Date();
      for (const text of numbered(20)) await sandbox.client(VERA).writes(text, { receivedAt });

      await sandbox.until(() => rows(VERA).length >= 20, 8_000);
      expect(incoming(VERA)).toEqual(numbered(20));
      const times = rows(VERA).map(({ msecTimestamp }) => msecTimestamp);
      expect(times).toEqual([...new Set(times)].toSorted((one, other) => one - other));
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1, leads: 1 });
    },
    12_000,
  );

  it('of a manager are in order on the phone, on a bad day', async () => {
    const { sandbox } = await start();
    await sandbox.client(VERA).writes('Здравствуйте');
    await sandbox.until(() => rows(VERA).length === 1);
    const { faults } = sandbox.edna;
    faults.add({ kind: 'latency', ms: 5, endpoint: 'schedule' });
    faults.add({ kind: 'answer', status: 503, endpoint: 'schedule', text: '№ 3', times: 1 });
    faults.add({ kind: 'reset-after', endpoint: 'schedule', text: '№ 8', times: 1 });
    faults.add({ kind: 'hang-after', endpoint: 'schedule', text: '№ 15', times: 1 });
    for (const text of numbered(20)) await sandbox.manager.writes(VERA, text);

    await sandbox.until(() => shown(VERA).length >= 20);
    expect(shown(VERA)).toEqual(numbered(20));
    await sandbox.until(() =>
      rows(VERA)
        .slice(1)
        .every(({ tick }) => tick.state === 'read'),
    );
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, repeats: 0 });
  });
});

describe('what is held up', () => {
  it('are not the messages of other chats', async () => {
    const { sandbox } = await start();
    sandbox.amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'message', address: VERA });
    sandbox.edna.faults.add({ kind: 'answer', status: 503, endpoint: 'schedule', address: VERA });
    const held = await sandbox.manager.writesFirst(VERA, 'to Vera');
    await sandbox.client(VERA).writes('of Vera');
    await sandbox.client(IVAN).writes('of Ivan');
    await sandbox.until(() => rows(IVAN).length === 1);
    const answer = await sandbox.manager.writes(IVAN, 'to Ivan');
    await sandbox.until(() => answer.tick.state === 'read');
    expect(held.chat.messages).toHaveLength(1);
    expect(shown(VERA)).toEqual([]);

    sandbox.amojo.faults.clear();
    sandbox.edna.faults.clear();
    await sandbox.until(() => held.chat.messages.length === 2 && held.tick.state === 'read');
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 2 });
  });

  it('are not the messages of the same chat in the other direction', async () => {
    const { sandbox } = await start();
    await sandbox.client(VERA).writes('Здравствуйте');
    await sandbox.until(() => rows(VERA).length === 1);

    sandbox.amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'message' });
    await sandbox.client(VERA).writes('Есть?');
    const answer = await sandbox.manager.writes(VERA, 'Добрый день');
    await sandbox.until(() => answer.tick.state === 'read');
    expect(incoming(VERA)).toEqual(['Здравствуйте']);
    sandbox.amojo.faults.clear();
    await sandbox.until(() => incoming(VERA).length === 2);

    sandbox.edna.faults.add({ kind: 'answer', status: 503, endpoint: 'schedule' });
    const held = await sandbox.manager.writes(VERA, 'Есть');
    await sandbox.client(VERA).writes('Жду');
    await sandbox.until(() => incoming(VERA).length === 3);
    expect(shown(VERA)).toEqual(['Добрый день']);
    sandbox.edna.faults.clear();
    await sandbox.until(() => held.tick.state === 'read');
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1 });
  });

  it('by an outage that many chats have met goes on by itself once it is over', async () => {
    const { sandbox } = await start();
    sandbox.amojo.faults.add({ kind: 'answer', status: 500, endpoint: 'message', times: 8 });
    const many = Array.from({ length: 12 }, (_, i) => `7999555${1000 + i}`);
    for (const address of many) {
      await sandbox.client(address).writes('раз');
      await sandbox.client(address).writes('два');
    }
    await sandbox.until(() => sandbox.ledger().seenByManagers === 24);
    expect(many.map(incoming)).toEqual(many.map(() => ['раз', 'два']));
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 12, leads: 12 });
  });
});

describe('a webhook that comes twice or in the wrong order', () => {
  it('doubles nothing', async () => {
    const { sandbox } = await start();
    sandbox.edna.faults.add({ kind: 'double', endpoint: 'incoming' });
    sandbox.edna.faults.add({ kind: 'double', endpoint: 'status' });
    sandbox.amojo.faults.add({ kind: 'double', endpoint: 'hook' });
    for (const text of numbered(3)) await sandbox.client(VERA).writes(text);
    await sandbox.until(() => rows(VERA).length === 3);
    const answer = await sandbox.manager.writes(VERA, 'Есть');
    await sandbox.until(() => answer.tick.state === 'read');
    expect(answer.reports.map(({ statusCode }) => statusCode).at(-1)).toBe(2);
    expect(shown(VERA)).toEqual(['Есть']);
    expect(incoming(VERA)).toEqual(numbered(3));
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1, leads: 1 });
  });
});
