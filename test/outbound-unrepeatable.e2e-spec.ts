import { Journal } from '../src/domain/journal.js';
import { Bridge, SPEED, type BridgeOptions } from './bridge.js';

const VERA = '79995550142';
const KEPT = { violations: 0, doubled: 0, outOfOrder: 0, cancelled: 0 };
const UNKNOWN = {
  state: 'error',
  code: 905,
  error: 'Неизвестно, дошло ли: связь оборвалась. Уточните у клиента, прежде чем повторять.',
};

interface Dialect {
  /** As faults name it. */
  readonly endpoint: 'simple' | 'legacy' | 'max-bot' | 'max';
  readonly path?: string;
  readonly channel?: string;
  readonly address: string;
}

const SIMPLE: Dialect = { endpoint: 'simple', path: '/api/messages/send', address: VERA };
const LEGACY: Dialect = { endpoint: 'legacy', path: '/api/old/imOutMessage', address: VERA };
const MAX_BOT: Dialect = { endpoint: 'max-bot', channel: 'acme_max_bot', address: '40117702' };
const MAX: Dialect = { endpoint: 'max', channel: 'acme_max', address: '40117703' };

/** One starts after the other: a start keeps the processor busy, and time runs fast for those at work. */
let last: Promise<unknown> = Promise.resolve();
function startNext(options?: BridgeOptions): Promise<Bridge> {
  const next = last.then(() => Bridge.start(options));
  last = next.catch(() => undefined);
  return next;
}

async function between(
  dialect: Dialect,
  act: (bridge: Bridge) => Promise<void>,
  edna: { legacyRefusalStatus?: 200 | 400; historyContent?: 'object' | 'string' } = {},
): Promise<void> {
  const { path, channel, address } = dialect;
  const bridge = await startNext({
    environment: path ? { EDNA_SEND_PATH: path } : {},
    sandbox: {
      amojo: { connected: true },
      edna: { ...edna, simpleDialect: true, statuses: 'manual' },
    },
  });
  try {
    await bridge.sandbox.client(address).writes('Здравствуйте', { channel });
    await bridge.sandbox.until(() => bridge.sandbox.chat(address));
    await act(bridge);
  } finally {
    await bridge.stop();
  }
}

/** The next commit before a send keeps the process so long that another one might take it for dead. */
function stallOnce(journal: Journal, ms: number): void {
  const begin = journal.begin.bind(journal);
  journal.begin = async (...what) => {
    journal.begin = begin;
    await begin(...what);
    const end = performance.now() + ms / SPEED;
    while (performance.now() < end);
  };
}

/** What the client got, after edna has told that all of it was read. */
async function readBy({ sandbox }: Bridge, address: string): Promise<(string | null)[]> {
  const { addressed } = sandbox.client(address);
  for (const message of addressed) await sandbox.edna.report(message, 'READ');
  await sandbox.until(() =>
    sandbox
      .chat(address)
      .messages.filter(({ direction }) => direction === 'outgoing')
      .every(({ tick }) => tick.state !== 'none'),
  );
  return addressed.map(({ content }) => content.text);
}

describe('a send', () => {
  it.concurrent('without an answer is called unknown where it is not found twice, and never repeated', () =>
    between(SIMPLE, async (bridge) => {
      const { sandbox } = bridge;
      sandbox.edna.faults.add({ kind: 'hang-before', endpoint: 'simple', times: 1 });
      const one = await sandbox.manager.writes(VERA, 'one');
      const two = await sandbox.manager.writes(VERA, 'two');

      await sandbox.until(() => one.tick.state === 'error');
      expect(one.tick).toEqual(UNKNOWN);
      await sandbox.until(() => sandbox.client(VERA).addressed.length === 1);
      expect(await readBy(bridge, VERA)).toEqual(['two']);
      expect(two.tick.state).toBe('read');
      expect(sandbox.requests('simple')).toHaveLength(2);
      expect(sandbox.requests('history').length).toBeGreaterThan(1);
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0 });
    }));

  it.concurrent('without an answer is not taken for an earlier one of the same text', () =>
    between(SIMPLE, async (bridge) => {
      const { sandbox } = bridge;
      await sandbox.manager.writes(VERA, 'ok');
      await sandbox.until(() => sandbox.client(VERA).addressed.length === 1);
      expect(await readBy(bridge, VERA)).toEqual(['ok']);

      sandbox.edna.faults.add({ kind: 'hang-before', endpoint: 'simple', times: 1 });
      const again = await sandbox.manager.writes(VERA, 'ok');
      await sandbox.manager.writes(VERA, 'next');
      await sandbox.until(() => again.tick.state === 'error');
      expect(again.tick).toEqual(UNKNOWN);
      await sandbox.until(() => sandbox.client(VERA).addressed.length === 2);
      expect(await readBy(bridge, VERA)).toEqual(['ok', 'next']);
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0 });
    }));

  it.concurrent.each([SIMPLE, MAX_BOT, MAX])(
    'without an answer through "$endpoint" is looked up, and not repeated where it is found',
    (dialect) =>
      between(dialect, async (bridge) => {
        const { sandbox } = bridge;
        const { endpoint, address } = dialect;
        sandbox.edna.faults.add({ kind: 'hang-after', endpoint, times: 1 });
        const one = await sandbox.manager.writes(address, 'one');
        const two = await sandbox.manager.writes(address, 'two');

        await sandbox.until(() => sandbox.client(address).addressed.length === 2);
        expect(await readBy(bridge, address)).toEqual(['one', 'two']);
        expect([one.tick.state, two.tick.state]).toEqual(['read', 'read']);
        expect(sandbox.requests(endpoint)).toHaveLength(2);
        expect(sandbox.requests('history').length).toBeGreaterThan(0);
        expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0 });
      }),
  );

  it.concurrent('without an answer is found in a history that writes contents as text, too', () =>
    between(
      SIMPLE,
      async (bridge) => {
        const { sandbox } = bridge;
        sandbox.edna.faults.add({ kind: 'hang-after', endpoint: 'simple', times: 1 });
        const one = await sandbox.manager.writes(VERA, { type: 'picture', text: 'Прайс' });
        await sandbox.until(() => sandbox.client(VERA).addressed.length === 2);
        expect(await readBy(bridge, VERA)).toEqual([null, 'Прайс']);
        await sandbox.until(() => one.tick.state === 'read');
        expect(sandbox.requests('simple')).toHaveLength(2);
        expect(sandbox.ledger()).toMatchObject(KEPT);
      },
      { historyContent: 'string' },
    ));

  it.concurrent.each([200, 400] as const)(
    'without an answer from the old API is repeated, and "not unique" under a %i is a yes',
    (legacyRefusalStatus) =>
      between(
        LEGACY,
        async (bridge) => {
          const { sandbox } = bridge;
          sandbox.edna.faults.add({ kind: 'hang-after', endpoint: 'legacy', times: 1 });
          await sandbox.manager.writes(VERA, 'one');
          await sandbox.manager.writes(VERA, 'two');

          await sandbox.until(() => sandbox.client(VERA).addressed.length === 2);
          expect(await readBy(bridge, VERA)).toEqual(['one', 'two']);
          expect(sandbox.requests('legacy')).toHaveLength(3);
          expect(sandbox.requests('history')).toHaveLength(0);
          expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0, repeats: 1 });
        },
        { legacyRefusalStatus },
      ),
  );

  it.concurrent.each([SIMPLE, MAX_BOT])(
    'that "$endpoint" refuses for now is repeated, for nothing was sent',
    (dialect) =>
      between(dialect, async (bridge) => {
        const { sandbox } = bridge;
        const { endpoint, address } = dialect;
        sandbox.edna.faults.add({ kind: 'answer', status: 503, endpoint, times: 2 });
        await sandbox.manager.writes(address, 'one');
        await sandbox.manager.writes(address, 'two');

        await sandbox.until(() => sandbox.client(address).addressed.length === 2);
        expect(await readBy(bridge, address)).toEqual(['one', 'two']);
        expect(sandbox.requests('history')).toHaveLength(0);
        expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0 });
      }),
  );
});

describe('a send that was not begun', () => {
  it('because writing that down took too long, is begun as soon as that is well again', () =>
    between(SIMPLE, async (bridge) => {
      const { sandbox } = bridge;
      stallOnce(bridge.app.get<Journal>(Journal), 5_000);
      await sandbox.manager.writes(VERA, 'one');

      await sandbox.until(() => sandbox.client(VERA).addressed.length === 1);
      expect(await readBy(bridge, VERA)).toEqual(['one']);
      expect(sandbox.requests('history')).toHaveLength(0);
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0 });
    }));
});
