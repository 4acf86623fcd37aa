import type { FaultEffect } from '../sandbox/faults.ts';
import { Bridge, type BridgeOptions, SPEED } from './bridge.js';

const VERA = '79995550142';
const MINUTE_MS = 60_000;

const REFUSED = 'edna не приняла запрос: ключ или настройки канала. Сообщите администратору.';
const NOT_ACCEPTED_SINCE = { violations: 0, doubled: 0, outOfOrder: 0, missing: 0 };

/** Answers that say nothing about the message, and what the manager reads once a minute has passed. */
const BLOCKS: readonly (readonly [
  name: string,
  effect: Extract<FaultEffect, { kind: 'answer' }>,
  error: string,
])[] = [
  [
    'the key is wrong (401)',
    { kind: 'answer', status: 401, body: { title: 'unauthorized', status: 401, detail: '' } },
    `${REFUSED} (unauthorized)`,
  ],
  [
    'the key opens something else (403)',
    { kind: 'answer', status: 403, body: { title: 'access-denied', status: 403, detail: '' } },
    `${REFUSED} (access-denied)`,
  ],
  [
    'there is no such address (404)',
    { kind: 'answer', status: 404, body: '' },
    `${REFUSED} (HTTP 404)`,
  ],
  [
    'the channel is not known',
    { kind: 'answer', status: 400, body: { code: 'error-subject-unknown' } },
    'Канал отключён в edna. Сообщите администратору.',
  ],
  [
    'there is no money',
    {
      kind: 'answer',
      status: 400,
      body: { title: 'x', status: 400, detail: 'insufficient funds' },
    },
    'Закончились деньги на счёте edna. Сообщите администратору.',
  ],
];

/** One starts after the other: a start keeps the processor busy, and time runs fast for those at work. */
let last: Promise<unknown> = Promise.resolve();
function startNext(options?: BridgeOptions): Promise<Bridge> {
  const next = last.then(() => Bridge.start(options));
  last = next.catch(() => undefined);
  return next;
}

/** Bridges that wait at the same time, each between twins of its own; Vera has written to each. */
async function between<T>(
  act: (bridge: Bridge) => Promise<T>,
  environment?: Record<string, string>,
): Promise<T> {
  const bridge = await startNext({ environment, sandbox: { amojo: { connected: true } } });
  try {
    await bridge.sandbox.client(VERA).writes('Здравствуйте');
    await bridge.sandbox.until(() => bridge.sandbox.chat(VERA));
    return await act(bridge);
  } finally {
    await bridge.stop();
  }
}

async function untilGivenUp({ sandbox }: Bridge, text: string) {
  const beganAt = performance.now();
  const message = await sandbox.manager.writes(VERA, text);
  await sandbox.until(() => message.tick.state === 'error');
  return {
    tick: message.tick,
    reports: message.reports,
    afterMs: (performance.now() - beganAt) * SPEED,
  };
}

describe("a manager's message that edna does not take because", () => {
  it.concurrent('key, address, channel or money are wrong, waits a minute and is given up with code 902', async () => {
    const ends = BLOCKS.map(([name, effect]) =>
      between(async (bridge) => {
        bridge.sandbox.edna.faults.add({ ...effect, endpoint: 'schedule' });
        const { tick, reports, afterMs } = await untilGivenUp(bridge, 'one');
        expect(reports).toHaveLength(1);
        expect(bridge.sandbox.edna.messages).toEqual([]);
        return { name, tick, hadItsMinute: afterMs >= MINUTE_MS };
      }),
    );
    expect(await Promise.all(ends)).toEqual(
      BLOCKS.map(([name, , error]) => ({
        name,
        tick: { state: 'error', code: 902, error },
        hadItsMinute: true,
      })),
    );
  });

  it.concurrent('the key is wrong by now, has its minute from then on, however long it has waited before', () =>
    between(async (bridge) => {
      const { faults } = bridge.sandbox.edna;
      faults.add({ kind: 'answer', status: 503, endpoint: 'schedule', times: 3 });
      const shut = faults.add({ kind: 'answer', status: 401, endpoint: 'schedule' });
      const shutAt = shut.caught().then(() => performance.now());
      const { tick } = await untilGivenUp(bridge, 'one');
      expect(tick).toMatchObject({ state: 'error', code: 902 });
      expect((performance.now() - (await shutAt)) * SPEED).toBeGreaterThanOrEqual(MINUTE_MS);
    }));

  it.concurrent('the key is wrong, goes when it is right again within the minute', () =>
    between(async ({ sandbox }) => {
      const shut = sandbox.edna.faults.add({ kind: 'answer', status: 401 });
      const message = await sandbox.manager.writes(VERA, 'one');
      await shut.caught();
      shut.clear();
      await sandbox.until(() => message.reports.length > 0);
      expect(message.tick).not.toMatchObject({ state: 'error' });
      expect(sandbox.client(VERA).sees).toMatchObject([{ content: { text: 'one' } }]);
    }));

  it.concurrent('it is down for longer than OUTBOUND_TTL_MINUTES, is given up with code 903', () =>
    between(
      async (bridge) => {
        const { sandbox } = bridge;
        await sandbox.edna.server.goDown();
        const { tick, afterMs } = await untilGivenUp(bridge, 'one');
        expect(tick).toEqual({
          state: 'error',
          code: 903,
          error: 'Не отправлено: edna не отвечает 1 мин. Отправьте ещё раз.',
        });
        expect(afterMs).toBeGreaterThanOrEqual(MINUTE_MS);

        await sandbox.edna.server.comeBack();
        const next = await sandbox.manager.writes(VERA, 'two');
        await sandbox.until(() => next.tick.state === 'read');
        expect(sandbox.client(VERA).sees).toMatchObject([{ content: { text: 'two' } }]);
        expect(sandbox.ledger()).toMatchObject(NOT_ACCEPTED_SINCE);
      },
      { OUTBOUND_TTL_MINUTES: '1' },
    ));

  it.concurrent('it never answers, is not called unsent after OUTBOUND_TTL_MINUTES: it may have arrived', () =>
    between(
      async (bridge) => {
        bridge.sandbox.edna.faults.add({ kind: 'hang-before', endpoint: 'schedule' });
        const { tick } = await untilGivenUp(bridge, 'one');
        expect(tick).toEqual({
          state: 'error',
          code: 905,
          error:
            'Неизвестно, дошло ли: связь оборвалась. Уточните у клиента, прежде чем повторять.',
        });
      },
      { OUTBOUND_TTL_MINUTES: '1' },
    ));
});
