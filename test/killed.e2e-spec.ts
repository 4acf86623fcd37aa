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

describe('the process', () => {
  let sandbox: Sandbox;
  let child: ChildBridge;

  beforeEach(async () => {
    sandbox = await startSandbox({ amojo: { connected: true }, edna: { statuses: 'manual' } });
    child = await ChildBridge.start(sandbox);
  }, 30_000);

  afterEach(async () => {
    await child.remove();
    await sandbox.close();
  });

  const textsIn = (address: string) => sandbox.chat(address).messages.map(({ text }) => text);
  const textsAt = (address: string) =>
    sandbox.client(address).addressed.map(({ content }) => content.text);

  it('killed between send and save has sent everything once when it is back', async () => {
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

    await sandbox.until(() => marked.reports.length === 2 && sandbox.ledger().repeats === 2);
    await sandbox.client(VERA).writes('Жду');
    await sandbox.manager.writes(IVAN, 'Отправляем');
    await sandbox.until(() => textsAt(IVAN).length === 2 && textsIn(VERA).length === 3);
    expect(textsIn(VERA)).toEqual(['Здравствуйте', 'Есть?', 'Жду']);
    expect(textsAt(IVAN)).toEqual(['Есть', 'Отправляем']);
    expect(marked.tick.state).toBe('read');
    for (const message of edna.messages) await edna.report(message, 'READ');
    const answers = sandbox.chat(IVAN).messages.slice(1);
    await sandbox.until(() => answers.every(({ tick }) => tick.state === 'read'));
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 3, leads: 3 });
  }, 30_000);

  it('told to end finishes what is under way, takes what comes meanwhile, and loses nothing', async () => {
    await sandbox.client(VERA).writes('Здравствуйте');
    await sandbox.until(() => sandbox.chat(VERA));
    const held = sandbox.amojo.faults.add({ kind: 'hold', endpoint: 'message', times: 1 });
    await sandbox.client(VERA).writes('Есть?');
    await held.caught();
    const ending = child.end('SIGTERM');
    const isReady = async () =>
      (await sandbox.post(`${child.url}/health/ready`, { method: 'GET' })).status === 200;
    while (await isReady());

    const late = await sandbox.client(VERA).writes('Ещё вопрос');
    const answer = await sandbox.manager.writes(VERA, 'Есть');
    expect([late.parcel?.state, answer.parcel?.state]).toEqual(['taken', 'taken']);
    held.clear();
    await ending;
    await child.again();

    await sandbox.until(() => textsAt(VERA).length === 1 && textsIn(VERA).length === 4);
    expect(textsIn(VERA)).toEqual(['Здравствуйте', 'Есть?', 'Есть', 'Ещё вопрос']);
    expect(sandbox.requests('message').filter(({ text }) => text === 'Есть?')).toHaveLength(1);
    for (const message of sandbox.edna.messages) await sandbox.edna.report(message, 'READ');
    await sandbox.until(() => answer.tick.state === 'read');
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1, leads: 1 });
  }, 30_000);

  it('told to end calls that a success', async () => {
    expect(await child.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});

describe('the journal as a power cut leaves it', () => {
  it('knows of a send that must not be repeated, and has it looked up', async () => {
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
});

describe('a bridge that is started anew', () => {
  it.each(['sqlite', 'postgres'] as const)(
    'goes on with what waited in both directions, on %s',
    async (store) => {
      const bridge = await Bridge.start({ store, sandbox: { amojo: { connected: true } } });
      try {
        const { sandbox } = bridge;
        const { amojo, edna } = sandbox;
        await sandbox.client(VERA).writes('Здравствуйте');
        await sandbox.until(() => sandbox.chat(VERA));
        const busy = [
          amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'message' }),
          edna.faults.add({ kind: 'hang-after', endpoint: 'schedule' }),
        ];
        edna.settings.statuses = 'manual';
        for (const text of ['раз', 'два']) await sandbox.client(VERA).writes(text);
        for (const text of ['три', 'четыре']) await sandbox.manager.writes(VERA, text);
        await Promise.all(busy.map((fault) => fault.caught()));
        await bridge.restart();
        for (const fault of busy) fault.clear();

        const sent = () => sandbox.client(VERA).addressed.map(({ content }) => content.text);
        await sandbox.until(() => sent().length === 2 && sandbox.ledger().seenByManagers === 3);
        expect(sent()).toEqual(['три', 'четыре']);
        for (const message of edna.messages) await edna.report(message, 'READ');
        await sandbox.until(() => sandbox.chat(VERA).messages.length === 5);
        expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1, leads: 1 });
      } finally {
        await bridge.stop();
      }
    },
  );
});
