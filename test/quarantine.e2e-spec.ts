import { Bridge } from './bridge.js';

const VERA = '79995550142';
const ADMIN = 'spec-admin-token';
const KEPT = { violations: 0, doubled: 0, outOfOrder: 0 };

/** A channel that is not the sandbox's, so that what its clients write fits no line. */
const ELSEWHERE = { EDNA_SUBJECT_ID: '99999' };
const HERE = { EDNA_SUBJECT_ID: '' };

let bridge: Bridge;

async function start(environment: Record<string, string>, store?: 'postgres') {
  bridge = await Bridge.start({
    store,
    environment: { ADMIN_TOKEN: ADMIN, ...environment },
    sandbox: { amojo: { connected: true } },
  });
  return bridge;
}

afterEach(() => bridge.stop());

interface Entry {
  readonly id: number;
  readonly reason: string;
  readonly webhook: string;
  readonly raw?: string;
}

async function admin<T>(path = '', method = 'GET', token = `Bearer ${ADMIN}`) {
  const headers = { Authorization: token };
  const url = `${bridge.url}/admin/quarantine${path}`;
  const { status, body } = await bridge.sandbox.post(url, { method, headers });
  return { status, body: JSON.parse(body.toString()) as T };
}

/** What is kept is there a moment after it was answered. */
async function firstListed(): Promise<Entry> {
  for (;;) {
    const [entry] = await listed();
    if (entry) return entry;
  }
}

const listed = async () => (await admin<{ entries: Entry[] }>()).body.entries;

describe('the quarantine', () => {
  it.each(['sqlite', 'postgres'] as const)(
    'gives back a message of a client once its channel has a line, on %s',
    async (store) => {
      const { sandbox } = await start(ELSEWHERE, store === 'postgres' ? store : undefined);
      const { id: ednaId, parcel } = await sandbox.client(VERA).writes('Есть?');
      expect(parcel?.state).toBe('taken');
      const entry = await firstListed();
      expect(entry).toMatchObject({ reason: 'no-line', webhook: 'edna' });
      const shown = await admin<Entry>(`/${entry.id}`);
      expect(shown.body.raw).toBe(parcel?.raw);
      const still = await admin(`/${entry.id}/replay`, 'POST');
      expect(still.body).toEqual({ became: 'quarantined', reason: 'no-line' });

      await bridge.restart(HERE);
      expect(await admin(`/${entry.id}/replay`, 'POST')).toEqual({
        status: 200,
        body: { became: 'new' },
      });
      await sandbox.until(() => sandbox.chat(VERA).messages.length === 1);
      expect(sandbox.chat(VERA).messages[0]?.clientId).toBe(`edna:71844:${ednaId}`);
      expect(await listed()).toEqual([]);
      expect((await admin(`/${entry.id}/replay`, 'POST')).status).toBe(404);
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, missing: 0, chats: 1 });
    },
  );

  it('gives back a hook, and files nothing twice that came again meanwhile', async () => {
    const { sandbox, url } = await start({});
    await sandbox.client(VERA).writes('Здравствуйте');
    await sandbox.until(() => sandbox.chat(VERA));
    const { message, hook } = sandbox.manager.prepares(VERA, 'Есть');
    const lost = `${url}/webhooks/amocrm/${'0'.repeat(8)}-of-nobody_and-nobody`;
    expect((await sandbox.post(lost, { headers: hook.headers, body: hook.raw })).status).toBe(200);
    const entry = await firstListed();
    expect(entry).toMatchObject({ reason: 'no-line', webhook: 'amocrm' });

    await sandbox.postAsAmocrm(hook.raw.trimEnd());
    await sandbox.until(() => message.tick.state === 'read');
    expect((await admin(`/${entry.id}/replay`, 'POST')).body).toMatchObject({
      became: 'quarantined',
    });
    expect(sandbox.client(VERA).sees).toHaveLength(1);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('keeps a hook of another account, and of a secret that is not the scope’s', async () => {
    const { sandbox } = await start({});
    await sandbox.client(VERA).writes('Здравствуйте');
    await sandbox.until(() => sandbox.chat(VERA));
    const { hook } = sandbox.manager.prepares(VERA, 'Есть');
    const { accountId } = sandbox.amojo.settings;
    const foreign = hook.raw.trimEnd().replace(accountId, accountId.replace(/^./, '0'));
    expect((await sandbox.postAsAmocrm(foreign)).status).toBe(200);
    expect(await listed()).toMatchObject([{ reason: 'wrong-account' }]);
    expect(sandbox.requests('schedule')).toEqual([]);
  });

  it('is shown in readiness, and opens to the administrator alone', async () => {
    const { sandbox, url } = await start({});
    await sandbox.postAsEdna('{"hello":"world"}');
    const ready = async (token: string) => {
      const headers = { Authorization: token };
      const { body } = await sandbox.post(`${url}/health/ready`, { method: 'GET', headers });
      return JSON.parse(body.toString()) as unknown;
    };
    expect(await ready(`Bearer ${ADMIN}`)).toMatchObject({ status: 'ok', quarantined: 1 });
    expect(await ready('')).toEqual({ status: 'ok' });
    for (const token of ['', 'Bearer wrong', ADMIN]) {
      expect(await admin('', 'GET', token)).toMatchObject({
        status: 401,
        body: { code: 'wrong-token' },
      });
    }
    const entry = await firstListed();
    expect((await admin(`/${entry.id}/replay`, 'POST', 'Bearer wrong')).status).toBe(401);
    expect((await admin('/999999')).status).toBe(404);
    expect((await admin('/none')).status).toBe(404);
  });
});
