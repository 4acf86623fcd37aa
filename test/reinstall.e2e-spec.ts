import { Bridge, type BridgeOptions } from './bridge.js';
import { disconnect } from './disconnect.js';

const VERA = '79995550142';
const IVAN = '79995550188';
const OLGA = '79995550177';
const KEPT = { doubled: 0, outOfOrder: 0, statusBackwards: 0 };

/** One starts after the other: a start keeps the processor busy, and time runs fast for those at work. */
let last: Promise<unknown> = Promise.resolve();
function startNext(options: BridgeOptions): Promise<Bridge> {
  const next = last.then(() => Bridge.start(options));
  last = next.catch(() => undefined);
  return next;
}

/** Bridges that wait at the same time, each between twins of its own, with its channel connected. */
async function between(
  act: (bridge: Bridge) => Promise<void>,
  options: BridgeOptions = {},
): Promise<void> {
  const bridge = await startNext({ ...options, sandbox: { amojo: { connected: true } } });
  try {
    await bridge.connected();
    await act(bridge);
  } finally {
    await bridge.stop();
  }
}

/**
 * Everything that can wait for amoCRM waits, and an administrator switches the integration off: a question and its
 * correction, the answer to a manager who wrote first, a reaction, and the marks of two managers' messages.
 */
async function whileAllWaits({ sandbox }: Bridge) {
  const [vera, ivan, olga] = [VERA, IVAN, OLGA].map((address) => sandbox.client(address));
  if (!vera || !ivan || !olga) throw new Error('nobody');
  await vera.writes('Есть?');
  await sandbox.until(() => sandbox.chats.length === 1);
  const marks = sandbox.amojo.faults.add({
    kind: 'answer',
    status: 503,
    endpoint: 'delivery-status',
  });
  const answer = await sandbox.manager.writes(VERA, 'Есть два');
  const hello = await sandbox.manager.writesFirst(IVAN, 'Добрый день!');
  await sandbox.until(() => vera.sees.length === 1 && ivan.sees.length === 1);
  await marks.caught(2);

  await disconnect(sandbox);
  marks.clear();
  await vera.writes('Беру', { replyTo: vera.sees[0] });
  await vera.writes('Беру оба', { id: Number(vera.wrote[1]?.id), replyTo: vera.sees[0] });
  await ivan.writes('Здравствуйте');
  await vera.writes({ type: 'REACTION', emoji: '👍' }, { replyTo: vera.sees[0] });
  await ivan.writes('Это кто?');
  await olga.writes('А доставка?');
  return { answer, hello };
}

async function allArrivedOnce(
  { sandbox, url }: Bridge,
  { answer, hello }: Awaited<ReturnType<typeof whileAllWaits>>,
) {
  await sandbox.until(
    () =>
      [answer, hello].every(({ tick }) => tick.state === 'read') &&
      answer.reactions.length === 1 &&
      sandbox.ledger().seenByManagers === 5,
  );
  const textsOf = (address: string) => sandbox.chat(address).messages.map(({ text }) => text);
  expect(textsOf(VERA)).toEqual(['Есть?', 'Есть два', 'Беру оба']);
  expect(textsOf(IVAN)).toEqual(['Добрый день!', 'Здравствуйте', 'Это кто?']);
  expect(textsOf(OLGA)).toEqual(['А доставка?']);
  expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0, chats: 3, leads: 2 });
  const { body } = await sandbox.post(`${url}/health/ready`, { method: 'GET' });
  expect(JSON.parse(body.toString())).toMatchObject({ failedInbound: 0, quarantined: 0 });
}

describe('an integration that was switched off and on again', () => {
  it.concurrent.each([404, 403] as const)(
    'is connected anew when amoCRM answers %i, and all that waited arrives once',
    (status) =>
      between(async (bridge) => {
        bridge.sandbox.amojo.settings.disconnectedScope = status;
        await allArrivedOnce(bridge, await whileAllWaits(bridge));
        expect(bridge.sandbox.requests('connect').length).toBeGreaterThanOrEqual(2);
      }),
  );

  it.concurrent('is connected once it may be: until then all waits', () =>
    between(async (bridge) => {
      const { sandbox } = bridge;
      const off = sandbox.amojo.faults.add({ kind: 'answer', status: 403, endpoint: 'connect' });
      const waiting = await whileAllWaits(bridge);
      // A refused connect is signed anew once.
      await off.caught(4);
      expect(sandbox.ledger().seenByManagers).toBe(1);
      off.clear();
      await allArrivedOnce(bridge, waiting);
    }));

  it.concurrent.each(['sqlite', 'postgres'] as const)(
    'is connected by the start, where the bridge was restarted meanwhile (%s)',
    (store) =>
      between(
        async (bridge) => {
          const waiting = await whileAllWaits(bridge);
          await bridge.restart();
          await allArrivedOnce(bridge, waiting);
        },
        { store },
      ),
  );
});
