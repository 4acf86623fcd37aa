import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import pg from 'pg';
import { realClock } from '../sandbox/clock.ts';
import { Bridge, SPEED } from './bridge.js';
import { freshDatabase } from './fresh-database.js';
import { startPostgres } from './postgres.ts';

const VERA = '79995550142';
const KEPT = { violations: 0, doubled: 0, outOfOrder: 0, statusBackwards: 0, missing: 0 };

/** A store that can be made unable to commit, and able again. */
interface Store {
  readonly url: string;
  fail(): Promise<void>;
  mend(): Promise<void>;
  remove(): Promise<void>;
}

/** Somebody else is writing to the file and does not end; a full disk looks much the same. */
function sqlite(): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'journal-away-'));
  const path = join(folder, 'bridge.db');
  let other: BetterSqlite3.Database | undefined;
  return Promise.resolve({
    url: `file:${path}`,
    fail: async () => {
      other = new BetterSqlite3(path);
      other.exec('begin immediate');
    },
    mend: async () => {
      other?.exec('rollback');
      other?.close();
    },
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  });
}

/** The server lets nobody into the database, as while it is being moved. */
async function postgres(): Promise<Store> {
  const serverUrl = process.env['TEST_DATABASE_URL'] ?? '';
  const { url, drop } = await freshDatabase(serverUrl);
  const name = new URL(url).pathname.slice(1);
  const admin = async (...statements: string[]) => {
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  return {
    url,
    fail: () =>
      admin(
        `alter database ${name} allow_connections false`,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
      ),
    mend: () => admin(`alter database ${name} allow_connections true`),
    remove: drop,
  };
}

/** A server of its own, which is really gone. */
async function ownServer(): Promise<Store> {
  const server = await startPostgres();
  return {
    url: server.url,
    fail: () => server.stop(),
    mend: () => server.start(),
    remove: () => server.remove(),
  };
}

describe.each([
  ['SQLite', 'sqlite', sqlite],
  ['PostgreSQL', 'postgres', postgres],
  ['PostgreSQL, whose server is gone,', 'postgres', ownServer],
] as const)('while %s cannot commit', (_, kind, open) => {
  let store: Store;
  let bridge: Bridge;

  beforeEach(async () => {
    store = await open();
    bridge = await Bridge.start({
      store: kind,
      environment: { DATABASE_URL: store.url },
      // edna comes again after four seconds, which are short here.
      sandbox: { amojo: { connected: true }, clock: realClock({ speed: SPEED }) },
    });
    await bridge.sandbox.client(VERA).writes('Здравствуйте');
    await bridge.sandbox.until(() => bridge.sandbox.chat(VERA));
  });

  afterEach(async () => {
    await bridge.stop();
    await store.remove();
  });

  const health = async (path: string) => {
    const { status } = await bridge.sandbox.post(`${bridge.url}${path}`, { method: 'GET' });
    return status;
  };

  it('webhooks are answered 503, readiness says so, and all is well once it can', async () => {
    const { sandbox } = bridge;
    await store.fail();
    const refused = await sandbox.client(VERA).writes('Есть?');
    expect(refused.parcel?.attempts[0]).toMatchObject({ status: 503 });
    const lost = await sandbox.manager.writes(VERA, 'lost');
    expect(lost.parcel?.attempts[0]).toMatchObject({ status: 503 });
    const { body } = await sandbox.postAsEdna(refused.body);
    expect(JSON.parse(body.toString())).toEqual({
      code: 'journal-unavailable',
      message: expect.any(String),
    });
    expect([await health('/health'), await health('/health/ready')]).toEqual([200, 503]);
    await store.mend();

    await sandbox.until(() => refused.parcel?.state === 'taken');
    await sandbox.until(() => sandbox.chat(VERA).messages.some(({ text }) => text === 'Есть?'));
    const answer = await sandbox.manager.writes(VERA, 'Есть');
    await sandbox.until(() => answer.tick.state === 'read');
    expect(await health('/health/ready')).toBe(200);
    expect(sandbox.client(VERA).sees.map(({ content }) => content.text)).toEqual(['Есть']);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1 });
  });

  it('what was under way is written down once it can, and not sent again', async () => {
    const { sandbox } = bridge;
    const toCrm = sandbox.amojo.faults.add({ kind: 'hold', endpoint: 'message' });
    const toPhone = sandbox.edna.faults.add({ kind: 'hold', endpoint: 'schedule' });
    await sandbox.client(VERA).writes('Есть?');
    const answer = await sandbox.manager.writes(VERA, 'Есть');
    await Promise.all([toCrm.caught(), toPhone.caught()]);
    await store.fail();
    toCrm.clear();
    toPhone.clear();
    await sandbox.until(() => sandbox.requests('schedule').every(({ isAnswered }) => isAnswered));
    expect(await health('/health/ready')).toBe(503);
    await store.mend();

    await sandbox.until(() => answer.tick.state === 'read');
    await sandbox.client(VERA).writes('Спасибо');
    await sandbox.until(() => sandbox.chat(VERA).messages.length === 4);
    expect(sandbox.requests('schedule')).toHaveLength(1);
    expect(sandbox.requests('message').filter(({ text }) => text === 'Есть?')).toHaveLength(1);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, repeats: 0 });
  });
});
