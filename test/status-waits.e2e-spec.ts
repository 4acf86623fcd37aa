import type { FaultEffect } from '../sandbox/faults.ts';
import { Bridge } from './bridge.js';

const VERA = '79995550142';
const KEPT = { violations: 0, doubled: 0, outOfOrder: 0, statusBackwards: 0, missing: 0 };

const TROUBLES = {
  '503': { kind: 'answer', status: 503 },
  'a reset after it took the mark': { kind: 'reset-after' },
} as const satisfies Record<string, FaultEffect>;

let bridge: Bridge;

async function start(): Promise<Bridge> {
  bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
  await bridge.sandbox.client(VERA).writes('Здравствуйте');
  await bridge.sandbox.until(() => bridge.sandbox.chat(VERA));
  return bridge;
}

afterEach(() => bridge.stop());

describe('a mark that amoCRM does not take for now', () => {
  it.each(Object.entries(TROUBLES))('(%s) comes later', async (_, trouble) => {
    const { sandbox } = await start();
    sandbox.amojo.faults.add({ ...trouble, endpoint: 'delivery-status', times: 2 });
    const answer = await sandbox.manager.writes(VERA, 'Есть');
    await sandbox.until(() => answer.tick.state === 'read');
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('holds up neither messages of this chat nor marks of another', async () => {
    const { sandbox } = await start();
    const ivan = sandbox.client('79995550177');
    await ivan.writes('Добрый день');
    await sandbox.until(() => sandbox.chat(ivan.address));
    sandbox.amojo.faults.add({
      kind: 'answer',
      status: 503,
      endpoint: 'delivery-status',
      address: VERA,
    });
    await sandbox.manager.writes(VERA, 'Есть');
    const other = await sandbox.manager.writes(ivan.address, 'Добрый');
    await sandbox.until(() => other.tick.state === 'read');
    await sandbox.client(VERA).writes('Спасибо');
    await sandbox.until(() => sandbox.chat(VERA).messages.length === 3);
    await sandbox.until(() => sandbox.client(VERA).sees.length === 1);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('is not asked for for ever where amoCRM does not know the message', async () => {
    const { sandbox } = await start();
    const unknown = sandbox.amojo.faults.add({
      kind: 'answer',
      status: 404,
      body: '',
      endpoint: 'delivery-status',
      times: 1,
    });
    sandbox.edna.settings.statuses = ['READ'];
    const answer = await sandbox.manager.writes(VERA, 'Есть');
    await unknown.caught();
    const next = await sandbox.manager.writes(VERA, 'Отправляем');
    await sandbox.until(() => next.tick.state === 'read');
    expect(answer.reports).toEqual([]);
    expect(sandbox.requests('delivery-status')).toHaveLength(2);
  });
});
