import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { Bridge } from './bridge.js';
import { ChildBridge } from './child-bridge.js';

const VERA = '79995550142';
const IVAN = '79995550177';
const OLGA = '79995550188';
const KEPT = { violations: 0, doubled: 0, outOfOrder: 0, statusBackwards: 0, missing: 0 };

async function withChild(act: (child: ChildBridge, sandbox: Sandbox) => Promise<void>) {
  const sandbox = await startSandbox({ amojo: { connected: true }, edna: { statuses: 'manual' } });
  const child = await ChildBridge.start(sandbox);
  try {
    await act(child, sandbox);
  } finally {
    await child.remove();
    await sandbox.close();
  }
}

const textsIn = (sandbox: Sandbox, address: string) =>
  sandbox.chat(address).messages.map(({ text }) => text);
const textsAt = (sandbox: Sandbox, address: string) =>
  sandbox.client(address).addressed.map(({ content }) => content.text);

describe('a bridge', () => {
  it.concurrent('killed between send and save has sent everything once when it is back', () =>
    withChild(async (child, sandbox) => {
      for (const address of [VERA, IVAN, OLGA]) {
        await sandbox.client(address).writes('Здравствуйте');
        await sandbox.until(() => sandbox.chat(address));
      }
      const marked = await sandbox.manager.writes(OLGA, 'Добрый день');
      const shown = await sandbox.until(() => sandbox.client(OLGA).addressed[0]);
      const { amojo, edna } = sandbox;
      const held = [
        amojo.faults.add({ kind: 'hold', endpoint: 'message', address: VERA }),
        edna.faults.add({ kind: 'hold', endpoint: 'schedule', address: IVAN }),
        amojo.faults.add({ kind: 'hold', endpoint: 'delivery-status', address: OLGA }),
      ];
      await sandbox.client(VERA).writes('Есть?');
      await sandbox.manager.writes(IVAN, 'Есть');
      await sandbox.edna.report(shown, 'READ');
      await Promise.all(held.map((fault) => fault.caught()));
      expect(await child.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
      for (const fault of held) fault.clear();
      await child.again();

      await sandbox.until(
        () => marked.reports.length === 2 && sandbox.ledger().repeats === 2,
        20_000,
      );
      await sandbox.client(VERA).writes('Жду');
      await sandbox.manager.writes(IVAN, 'Отправляем');
      await sandbox.until(
        () => textsAt(sandbox, IVAN).length === 2 && textsIn(sandbox, VERA).length === 3,
      );
      expect(textsIn(sandbox, VERA)).toEqual(['Здравствуйте', 'Есть?', 'Жду']);
      expect(textsAt(sandbox, IVAN)).toEqual(['Есть', 'Отправляем']);
      expect(marked.tick.state).toBe('read');
      for (const message of edna.messages) await edna.report(message, 'READ');
      const answers = sandbox.chat(IVAN).messages.slice(1);
      await sandbox.until(() => answers.every(({ tick }) => tick.state === 'read'));
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 3, leads: 3 });
    }));

  it.concurrent('killed while amoCRM is slow with a report lets no later report overtake it', () =>
    withChild(async (child, sandbox) => {
      await sandbox.client(VERA).writes('Здравствуйте');
      await sandbox.until(() => sandbox.chat(VERA));
      const answer = await sandbox.manager.writes(VERA, 'Добрый день');
      const shown = await sandbox.until(() => sandbox.client(VERA).addressed[0]);
      const slow = sandbox.amojo.faults.add({
        kind: 'latency',
        ms: 5000,
        endpoint: 'delivery-status',
        times: 1,
      });
      await sandbox.edna.report(shown, 'DELIVERED');
      await slow.caught();
      // Killed again while it waits, it has not forgotten what it waits for.
      for (const _ of ['first', 'second']) {
        await child.end('SIGKILL');
        await child.again();
      }
      await sandbox.edna.report(shown, 'READ');
      const codes = () => answer.reports.map(({ statusCode }) => statusCode);
      const isOver = () =>
        codes().includes(2) &&
        sandbox.requests('delivery-status').every(({ isHandled }) => isHandled);
      await sandbox.until(isOver, 20_000);
      expect(codes()).toEqual([1, 2]);
      expect(sandbox.ledger()).toMatchObject(KEPT);
    }));

  it.concurrent('told to end finishes what is under way, takes what comes meanwhile, and loses nothing', () =>
    withChild(async (child, sandbox) => {
      await sandbox.client(VERA).writes('Здравствуйте');
      await sandbox.until(() => sandbox.chat(VERA));
      const held = sandbox.amojo.faults.add({ kind: 'hold', endpoint: 'message', times: 1 });
      await sandbox.client(VERA).writes('Есть?');
      await held.caught();
      const ending = child.end('SIGTERM');
      await child.says('"msg":"ending"');
      const ready = async () =>
        (await sandbox.post(`${child.url}/health/ready`, { method: 'GET' })).status;
      expect(await ready()).toBe(200);

      const late = await sandbox.client(VERA).writes('Ещё вопрос');
      const answer = await sandbox.manager.writes(VERA, 'Есть');
      expect([late.parcel?.state, answer.parcel?.state]).toEqual(['taken', 'taken']);
      held.clear();
      expect(await ending).toEqual({ code: 0, signal: null });
      await child.again();

      await sandbox.until(
        () => textsAt(sandbox, VERA).length === 1 && textsIn(sandbox, VERA).length === 4,
      );
      expect(textsIn(sandbox, VERA)).toEqual(['Здравствуйте', 'Есть?', 'Есть', 'Ещё вопрос']);
      expect(sandbox.requests('message').filter(({ text }) => text === 'Есть?')).toHaveLength(1);
      for (const message of sandbox.edna.messages) await sandbox.edna.report(message, 'READ');
      await sandbox.until(() => answer.tick.state === 'read');
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1, leads: 1 });
    }));

  it.concurrent('whose power was cut knows of a send that must not be repeated, and has it looked up', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-cut-'));
    const file = (name: string) => join(folder, name);
    const bridge = await Bridge.start({
      environment: {
        EDNA_SEND_PATH: '/api/messages/send',
        DATABASE_URL: `file:${file('before.db')}`,
      },
      sandbox: {
        amojo: { connected: true },
        edna: { simpleDialect: true, statuses: 'manual' },
      },
    });
    try {
      const { sandbox } = bridge;
      await sandbox.client(VERA).writes('Здравствуйте');
      await sandbox.until(() => sandbox.chat(VERA));
      const held = sandbox.edna.faults.add({ kind: 'hold', endpoint: 'simple', times: 1 });
      const answer = await sandbox.manager.writes(VERA, 'Есть');
      await held.caught();
      for (const rest of ['', '-wal'])
        copyFileSync(file(`before.db${rest}`), file(`cut.db${rest}`));
      held.clear();
      await bridge.restart({ DATABASE_URL: `file:${file('cut.db')}` });

      await sandbox.until(() => sandbox.requests('history').length === 1);
      await sandbox.manager.writes(VERA, 'Отправляем');
      await sandbox.until(() => sandbox.client(VERA).addressed.length === 2);
      for (const message of sandbox.edna.messages) await sandbox.edna.report(message, 'READ');
      await sandbox.until(() => answer.tick.state === 'read');
      expect(sandbox.requests('simple')).toHaveLength(2);
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, seenByClients: 2 });
    } finally {
      await bridge.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.concurrent.each(['sqlite', 'postgres'] as const)(
    'that is started anew goes on with messages and marks that waited, on %s',
    async (store) => {
      const bridge = await Bridge.start({ store, sandbox: { amojo: { connected: true } } });
      try {
        const { sandbox } = bridge;
        const { amojo, edna } = sandbox;
        edna.settings.statuses = 'manual';
        await sandbox.client(VERA).writes('Здравствуйте');
        await sandbox.until(() => sandbox.chat(VERA));
        const marked = await sandbox.manager.writes(VERA, 'ноль');
        const shown = await sandbox.until(() => sandbox.client(VERA).addressed[0]);
        const busy = [
          amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'message' }),
          amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'delivery-status' }),
          edna.faults.add({ kind: 'hang-after', endpoint: 'schedule' }),
        ];
        await edna.report(shown, 'READ');
        for (const text of ['раз', 'два']) await sandbox.client(VERA).writes(text);
        for (const text of ['три', 'четыре']) await sandbox.manager.writes(VERA, text);
        await Promise.all(busy.map((fault) => fault.caught()));
        await bridge.restart();
        for (const fault of busy) fault.clear();

        await sandbox.until(() => textsAt(sandbox, VERA).length === 3);
        expect(textsAt(sandbox, VERA)).toEqual(['ноль', 'три', 'четыре']);
        await sandbox.until(() => sandbox.ledger().seenByManagers === 3);
        await sandbox.until(() => marked.tick.state === 'read');
        expect(marked.reports).toHaveLength(1);
        for (const message of edna.messages) await edna.report(message, 'READ');
        await sandbox.until(() => sandbox.ledger().missing === 0);
        expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1, leads: 1 });
      } finally {
        await bridge.stop();
      }
    },
  );

  it.concurrent('that has lost its journal goes on in the chats it had', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-lost-'));
    const bridge = await Bridge.start({ sandbox: { amojo: { connected: true } } });
    try {
      const { sandbox } = bridge;
      await sandbox.client(VERA).writes('Здравствуйте');
      await sandbox.until(() => sandbox.chat(VERA));
      await bridge.restart({ DATABASE_URL: `file:${join(folder, 'new.db')}` });
      const answer = await sandbox.manager.writes(VERA, 'Добрый день');
      await sandbox.until(() => answer.tick.state === 'read');
      await sandbox.client(VERA).writes('Есть?');
      await sandbox.until(() => sandbox.chat(VERA).messages.length === 3);
      expect(textsAt(sandbox, VERA)).toEqual(['Добрый день']);
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1, leads: 1 });
    } finally {
      await bridge.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
