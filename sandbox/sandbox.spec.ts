import { ManualClock } from './clock.ts';
import { NaiveRelay } from './naive-relay.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';
import { StandInBridge, type Posted } from './stand-in-bridge.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;
let relay: NaiveRelay;

beforeEach(async () => {
  sandbox = await startSandbox({ amojo: { connected: true } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
  relay = new NaiveRelay(bridge);
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const ANNA = '79995550142';
const anna = () => sandbox.client(ANNA);
const rows = () => sandbox.chat(ANNA).messages;
const settled = () => sandbox.until(() => sandbox.edna.messages.every((m) => m.status === 'READ'));

const CLEAN = {
  violations: 0,
  doubled: 0,
  outOfOrder: 0,
  statusBackwards: 0,
  cancelled: 0,
  ignoredTexts: 0,
  missing: 0,
  repeats: 0,
};

describe('the ledger', () => {
  it('is clean after a conversation both ways, files included', async () => {
    await anna().writes('Здравствуйте!');
    await anna().writes({ type: 'IMAGE', caption: 'Вот такая' });
    await sandbox.manager.writes(ANNA, 'Есть в наличии');
    await sandbox.manager.writes(ANNA, { type: 'picture' });
    await sandbox.until(() => rows().some((row) => row.direction === 'incoming' && row.file));
    await sandbox.until(() => rows().filter((row) => row.tick.state === 'read').length === 2);
    expect(sandbox.ledger()).toEqual({
      ...CLEAN,
      chats: 1,
      leads: 1,
      writtenByClients: 2,
      seenByManagers: 2,
      writtenByManagers: 2,
      seenByClients: 2,
    });
  });

  it('counts what comes twice into the chat, under whatever id', async () => {
    await anna().writes('Здравствуйте!');
    await relay.toChat(bridge.posted[0]?.body, { msgid: 'another' });
    expect(sandbox.ledger().doubled).toBe(1);
  });

  it('does not take two equal messages for a double', async () => {
    await anna().writes('ok');
    await anna().writes('ok');
    expect(sandbox.ledger()).toMatchObject({ doubled: 0, seenByManagers: 2 });
  });

  it('counts what comes twice to the phone, and what edna cancels', async () => {
    await anna().writes('Здравствуйте!');
    await sandbox.manager.writes(ANNA, 'Есть');
    await relay.toPhone(bridge.posted.at(-1)?.body, 'fresh-1');
    await sandbox.until(() => sandbox.edna.messages.some(({ status }) => status === 'CANCELLED'));
    expect(sandbox.ledger()).toMatchObject({ doubled: 0, cancelled: 1 });
    sandbox.edna.settings.duplicateWindowMs = 0;
    const hook = bridge.posted.find(({ path }) => path.includes('/amocrm/'));
    await relay.toPhone(hook?.body, 'fresh-2');
    await sandbox.until(() => anna().sees.length === 2);
    expect(sandbox.ledger()).toMatchObject({ doubled: 1, cancelled: 1 });
  });

  it('counts a message that overtook one answered 200 before it was posted', async () => {
    relay.passes = () => false;
    await anna().writes('first');
    relay.passes = () => true;
    await anna().writes('second');
    await relay.relay(bridge.posted[0]?.body);
    expect(rows().map(({ text }) => text)).toEqual(['second', 'first']);
    expect(sandbox.ledger().outOfOrder).toBe(1);
  });

  it('counts an order that only the shown time gets wrong', async () => {
    await anna().writes('first');
    relay.passes = () => false;
    await anna().writes('second');
    await relay.toChat(bridge.posted.at(-1)?.body, { timestamp: 1, msec_timestamp: 1000 });
    expect(sandbox.ledger().outOfOrder).toBe(1);
  });

  it('keeps the conversations of one client on two channels apart', async () => {
    relay.passes = ({ raw }) => !raw.includes('on WhatsApp');
    await anna().writes('on WhatsApp');
    await anna().writes('on Viber', { channel: 'acme_viber' });
    await relay.relay(bridge.posted[0]?.body);
    expect(sandbox.ledger()).toMatchObject({ outOfOrder: 0, missing: 0 });
  });

  it('does not count a pair whose first was not answered before the second was posted', async () => {
    bridge.answers = (posted: Posted) => {
      const isFirst = posted.raw.includes('first');
      return relay.relay(posted.body).then(() => (isFirst ? 500 : 200));
    };
    sandbox.edna.faults.add({ kind: 'reorder', text: 'first', times: 1 });
    await anna().writes('first');
    await anna().writes('second');
    await sandbox.until(() => rows().length === 2);
    expect(rows().map(({ text }) => text)).toEqual(['second', 'first']);
    expect(sandbox.ledger().outOfOrder).toBe(0);
  });

  it('lets what was written first be first, though it was posted last', async () => {
    relay.passes = () => false;
    sandbox.edna.faults.add({ kind: 'reorder', text: 'first', times: 1 });
    await anna().writes('first');
    await anna().writes('second');
    await sandbox.until(() => bridge.posted.length === 2);
    const [second, first] = bridge.posted.map(({ body }) => body);
    await relay.relay(first);
    await relay.relay(second);
    expect(rows().map(({ text }) => text)).toEqual(['first', 'second']);
    expect(sandbox.ledger().outOfOrder).toBe(0);
  });

  it('counts a text that overtakes the file before it on the phone', async () => {
    await anna().writes('Здравствуйте!');
    const fetching = sandbox.amojo.faults.add({ kind: 'hold', endpoint: 'files' });
    await sandbox.manager.writes(ANNA, { type: 'picture' });
    await sandbox.manager.writes(ANNA, 'Подпись');
    await sandbox.until(() => anna().sees.length === 1);
    await fetching.caught();
    fetching.release();
    await sandbox.until(() => anna().sees.length === 2);
    expect(sandbox.ledger().outOfOrder).toBe(1);
  });

  it('counts what was answered 200 and never came, unless an error was shown', async () => {
    await anna().writes('Здравствуйте!');
    relay.passes = () => false;
    await anna().writes('lost');
    const { id } = await sandbox.manager.writes(ANNA, 'lost as well');
    expect(sandbox.ledger().missing).toBe(2);
    await bridge.scope(`/${id}/delivery_status`, { status_code: -1, error_code: 903 });
    expect(sandbox.ledger().missing).toBe(1);
  });
});

describe('until', () => {
  it('looks again after each change and gives what the predicate answers', async () => {
    const seen = sandbox.until(() => rows().find(({ text }) => text === 'Здравствуйте!'));
    await anna().writes('Здравствуйте!');
    expect((await seen).sender.clientId).toBe(`edna:71844:${ANNA}`);
  });

  it('gives up with the ledger in its message', async () => {
    await anna().writes('Здравствуйте!');
    await settled();
    await expect(sandbox.until(() => rows().length === 2, 10)).rejects.toThrow(
      /Not seen within 10 ms: .*rows\(\)[^]*"violations":0/,
    );
  });

  it('ends when the sandbox is closed', async () => {
    const waiting = expect(sandbox.until(() => false)).rejects.toThrow(/closed/);
    await sandbox.close();
    await waiting;
  });
});

describe('the sandbox', () => {
  it('tells a bridge all it needs', () => {
    const environment = sandbox.environment();
    expect(environment.EDNA_BASE_URL).toBe(sandbox.edna.server.url);
    expect(environment.AMOCRM_AMOJO_BASE_URL).toBe(sandbox.amojo.server.url);
    expect(Object.keys(environment)).toEqual([
      'EDNA_BASE_URL',
      'EDNA_API_KEY',
      'EDNA_WEBHOOK_TOKEN',
      'AMOCRM_AMOJO_BASE_URL',
      'AMOCRM_CHANNEL_ID',
      'AMOCRM_CHANNEL_SECRET',
      'AMOCRM_ACCOUNT_ID',
    ]);
  });

  it('posts any body as either platform would', async () => {
    bridge.answers = () => 200;
    expect((await sandbox.postAsEdna({ id: 1n })).status).toBe(200);
    expect((await sandbox.postAsAmocrm('not json', { 'X-Extra': 'y' })).status).toBe(200);
    const [edna, amocrm] = bridge.posted;
    expect(edna).toMatchObject({
      raw: '{"id":1}',
      headers: { authorization: expect.stringMatching(/^Token /) },
    });
    expect(amocrm).toMatchObject({
      path: `/webhooks/amocrm/${sandbox.scopeId}`,
      raw: 'not json',
      headers: { 'x-signature': sandbox.signHook('not json'), 'x-extra': 'y' },
    });
  });

  it('refuses a port that is taken, and leaves nothing behind', async () => {
    const port = Number(new URL(sandbox.edna.server.url).port);
    await expect(startSandbox({ ports: { amojo: port } })).rejects.toThrow(/EADDRINUSE/);
  });
});

describe('the manual clock', () => {
  it('calls what falls due in order of time, also what is set on the way', () => {
    const clock = new ManualClock(0);
    const called: string[] = [];
    clock.after(20, () => called.push(`late ${clock.now()}`));
    clock.after(10, () => {
      called.push(`early ${clock.now()}`);
      clock.after(5, () => called.push(`between ${clock.now()}`));
    });
    clock.after(15, () => called.push('called off'))();
    clock.advance(20);
    expect(called).toEqual(['early 10', 'between 15', 'late 20']);
    expect(clock.pending).toBe(0);
  });
});

describe('a sandbox that is started later', () => {
  it('gives ids that no earlier one has given: the bridge between them remembers', async () => {
    const ids: unknown[] = [];
    for (const startedAt of [1_772_529_420_000, 1_772_529_421_000]) {
      const box = await startSandbox({ clock: new ManualClock(startedAt) });
      for (let i = 0; i < 3; i += 1) ids.push(box.client(ANNA).prepares('x').message.id);
      await box.close();
    }
    expect(ids).toEqual([...new Set(ids)].toSorted((one, other) => Number(one) - Number(other)));
  });
});
