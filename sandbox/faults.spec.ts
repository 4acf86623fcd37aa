import { ManualClock } from './clock.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';
import { StandInBridge } from './stand-in-bridge.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;
let clock: ManualClock;

beforeEach(async () => {
  clock = new ManualClock();
  const edna = { statuses: 'manual' } as const;
  sandbox = await startSandbox({ clock, edna, amojo: { connected: true } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
});

afterEach(async () => {
  await sandbox.close();
  await bridge.close();
});

const ANNA = '79995550142';
const IVAN = '79995550143';
let lastId = 0;

function schedule(text: string, address = ANNA) {
  lastId += 1;
  return bridge.edna('/api/cascade/schedule', {
    requestId: `r-${lastId}`,
    cascadeId: 9026,
    subscriberFilter: { address, type: 'PHONE' },
    content: { whatsappContent: { contentType: 'TEXT', text } },
  });
}

function clientText(text: string, address = ANNA) {
  lastId += 1;
  const id = `edna:71844:${address}`;
  return bridge.scope('', {
    event_type: 'new_message',
    payload: {
      timestamp: 1_772_529_420,
      msgid: `m-${lastId}`,
      conversation_id: id,
      sender: { id, name: 'Анна' },
      message: { type: 'text', text },
    },
  });
}

const accepted = () => sandbox.edna.messages.length;

describe('a fault of a request', () => {
  it('answers in place of the twin, as often as it is told, and is no violation', async () => {
    const rule = { kind: 'answer', status: 429, retryAfterSeconds: 2, times: 2 } as const;
    const fault = sandbox.edna.faults.add(rule);
    const first = await schedule('one');
    expect(first).toMatchObject({ status: 429, json: { status: 429 } });
    expect(first.headers?.['retry-after']).toBe('2');
    expect((await schedule('two')).status).toBe(429);
    expect((await schedule('three')).status).toBe(200);
    expect(fault.hits).toBe(2);
    expect(accepted()).toBe(1);
    expect(sandbox.ledger().violations).toBe(0);
  });

  it('may carry JSON of its own, or a page of HTML', async () => {
    sandbox.amojo.faults.add({ kind: 'answer', status: 503, body: '<h1>503</h1>', times: 1 });
    const page = await clientText('one');
    expect(page.body.toString()).toBe('<h1>503</h1>');
    expect(page.headers?.['content-type']).toMatch(/^text\/html/);
    sandbox.amojo.faults.add({ kind: 'answer', status: 400, body: { error_code: 400 }, times: 1 });
    expect(await clientText('two')).toMatchObject({ status: 400, json: { error_code: 400 } });
  });

  it('strikes what it is aimed at, by address, text, endpoint, path or question', async () => {
    const { faults } = sandbox.edna;
    const no = { kind: 'answer', status: 500 } as const;
    const byAddress = faults.add({ ...no, address: ANNA });
    expect([(await schedule('x')).status, (await schedule('x', IVAN)).status]).toEqual([500, 200]);
    byAddress.clear();
    const byText = faults.add({ ...no, text: /^bad/ });
    expect([(await schedule('bad')).status, (await schedule('good')).status]).toEqual([500, 200]);
    byText.clear();
    const byEndpoint = faults.add({ ...no, endpoint: 'cascades' });
    expect((await schedule('y')).status).toBe(200);
    expect((await bridge.edna('/api/cascade/get-all', {})).status).toBe(500);
    byEndpoint.clear();
    const byPath = faults.add({ ...no, path: '/api/cascade', method: 'post' });
    expect((await schedule('z')).status).toBe(500);
    byPath.clear();
    faults.add({ ...no, when: ({ body }) => JSON.stringify(body).includes('question') });
    expect([(await schedule('a question')).status, (await schedule('w')).status]).toEqual([
      500, 200,
    ]);
    faults.clear();
    expect((await schedule('another question')).status).toBe(200);
  });

  it('knows the client of a delivery status by its message', async () => {
    const { id } = await sandbox.manager.writesFirst(ANNA, 'Hello');
    const other = await sandbox.manager.writesFirst(IVAN, 'Hello');
    const rule = { kind: 'answer', status: 500, address: ANNA } as const;
    sandbox.amojo.faults.add({ ...rule, endpoint: 'delivery-status' });
    const mark = (message: string) =>
      bridge.scope(`/${message}/delivery_status`, { status_code: 1 });
    expect([(await mark(id)).status, (await mark(other.id)).status]).toEqual([500, 200]);
  });

  it.each([
    ['reset-before', 0],
    ['reset-after', 1],
  ] as const)('%s cuts the connection; taken: %i', async (kind, taken) => {
    sandbox.edna.faults.add({ kind, times: 1 });
    const { status, error } = await schedule('one');
    expect({ status, error }).toEqual({
      status: undefined,
      error: expect.stringMatching(/hang up|ECONNRESET/),
    });
    expect(accepted()).toBe(taken);
  });

  it.each([
    ['hang-before', 0],
    ['hang-after', 1],
  ] as const)('%s never answers; taken: %i', async (kind, taken) => {
    const fault = sandbox.edna.faults.add({ kind, times: 1 });
    const answered = schedule('one');
    await fault.caught();
    expect(accepted()).toBe(taken);
    await sandbox.edna.server.goDown();
    expect((await answered).status).toBeUndefined();
    expect(sandbox.requests('schedule')).toMatchObject([{ isAnswered: false, fault: kind }]);
  });

  it('hold takes the message, tells the test and waits to be released', async () => {
    const fault = sandbox.edna.faults.add({ kind: 'hold', endpoint: 'schedule', times: 1 });
    const answered = schedule('one');
    expect(await fault.caught()).toMatchObject({ address: ANNA, text: 'one' });
    expect(accepted()).toBe(1);
    expect(sandbox.requests('schedule')).toMatchObject([{ isHandled: true, isAnswered: false }]);
    fault.release();
    expect((await answered).status).toBe(200);
  });

  it('latency lets a request wait before it is looked at', async () => {
    const fault = sandbox.edna.faults.add({ kind: 'latency', ms: 3000, times: 1 });
    const answered = schedule('one');
    await fault.caught();
    clock.advance(2999);
    expect(sandbox.requests('schedule')).toMatchObject([{ isHandled: false }]);
    clock.advance(1);
    expect((await answered).status).toBe(200);
  });

  it('takes nothing in a twin that went down during the latency', async () => {
    const fault = sandbox.edna.faults.add({ kind: 'latency', ms: 3000, times: 1 });
    const answered = schedule('one');
    await fault.caught();
    await sandbox.edna.server.goDown();
    await sandbox.edna.server.comeBack();
    expect((await answered).status).toBeUndefined();
    clock.advance(3000);
    expect((await schedule('two')).status).toBe(200);
    expect(accepted()).toBe(1);
    expect(sandbox.requests('schedule')).toMatchObject([
      { isHandled: false, isAnswered: false, fault: 'latency' },
      { isHandled: true },
    ]);
  });
});

describe('the board of faults', () => {
  it('forgets what was cleared, and all but the latest of what is used up', async () => {
    const { faults } = sandbox.edna;
    const first = faults.add({ kind: 'answer', status: 500, times: 1 });
    await schedule('one');
    expect(faults.find(first.id)).toBe(first);
    const cleared = faults.add({ kind: 'lose' });
    cleared.clear();
    expect(faults.find(cleared.id)).toBeUndefined();
    const kept = faults.add({ kind: 'hold', times: 1 });
    const answered = schedule('two');
    await kept.caught();
    const subject = { endpoint: 'incoming' };
    for (let count = 0; count < 150; count += 1) {
      faults.add({ kind: 'lose', times: 1 });
      faults.strike(['lose'], subject);
    }
    expect(faults.find(first.id)).toBeUndefined();
    expect(faults.find(kept.id)).toBe(kept);
    kept.release();
    expect((await answered).status).toBe(200);
  });

  it('counts what a fault strikes, and keeps the first of it', () => {
    const { faults } = sandbox.edna;
    const fault = faults.add({ kind: 'lose' });
    for (let count = 0; count < 300; count += 1) faults.strike(['lose'], { endpoint: 'incoming' });
    expect([fault.hits, fault.struck.length]).toEqual([300, 200]);
  });
});

describe('a twin that is down', () => {
  it('refuses connections until it comes back on the same port', async () => {
    const { url } = sandbox.edna.server;
    await sandbox.edna.server.goDown();
    expect((await schedule('one')).error).toMatch(/ECONNREFUSED/);
    await sandbox.edna.server.comeBack();
    expect(sandbox.edna.server.url).toBe(url);
    expect((await schedule('one')).status).toBe(200);
  });
});

describe('a fault of a callback', () => {
  const texts = () =>
    bridge.posted.map(
      ({ body }) => (body as { messageContent: { text: string } }).messageContent.text,
    );
  const anna = () => sandbox.client(ANNA);

  it('loses it', async () => {
    sandbox.edna.faults.add({ kind: 'lose', endpoint: 'incoming', text: 'one', times: 1 });
    const { parcel } = await anna().writes('one');
    await anna().writes('two');
    expect(parcel?.state).toBe('lost');
    expect(texts()).toEqual(['two']);
  });

  it('doubles it', async () => {
    sandbox.edna.faults.add({ kind: 'double', times: 1 });
    await anna().writes('one');
    await anna().writes('two');
    expect(texts()).toEqual(['one', 'one', 'two']);
  });

  it('delays it', async () => {
    sandbox.edna.faults.add({ kind: 'delay', ms: 3000, text: 'one', times: 1 });
    await anna().writes('one');
    await anna().writes('two');
    clock.advance(3000);
    await sandbox.until(() => sandbox.edna.callbacks.every(({ state }) => state === 'taken'));
    expect(texts()).toEqual(['two', 'one']);
  });

  it('does not keep one back for ever whose successor is delayed', async () => {
    sandbox.edna.faults.add({ kind: 'reorder', endpoint: 'incoming', times: 1 });
    sandbox.edna.faults.add({ kind: 'delay', ms: 3000, text: 'two', times: 1 });
    await anna().writes('one');
    await anna().writes('two');
    expect(texts()).toEqual([]);
    clock.advance(3000);
    await sandbox.until(() => sandbox.edna.callbacks.every(({ state }) => state === 'taken'));
    expect(texts()).toEqual(['two', 'one']);
  });

  it('lets the next one for the same client go first', async () => {
    sandbox.edna.faults.add({ kind: 'reorder', address: ANNA, times: 1 });
    await anna().writes('one');
    await sandbox.client(IVAN).writes('of another client');
    await anna().writes('two');
    await sandbox.until(() => sandbox.edna.callbacks.every(({ state }) => state === 'taken'));
    expect(texts()).toEqual(['of another client', 'two', 'one']);
  });

  it('keeps it back until the fault is cleared where no other follows', async () => {
    const fault = sandbox.edna.faults.add({ kind: 'reorder' });
    await anna().writes('one');
    expect(texts()).toEqual([]);
    fault.clear();
    await sandbox.until(() => texts().length === 1);
  });

  it('lets one try get lost, or its answer, and edna tries again', async () => {
    const lost = sandbox.edna.faults.add({ kind: 'drop', text: 'one', times: 1 });
    const unheard = sandbox.edna.faults.add({ kind: 'drop-answer', text: 'two', times: 1 });
    const one = await anna().writes('one');
    const two = await anna().writes('two');
    expect([one.parcel?.takenSeq, two.parcel?.takenSeq]).toEqual([undefined, undefined]);
    expect([lost.hits, unheard.hits]).toEqual([1, 1]);
    expect(texts()).toEqual(['two']);
    clock.advance(4000);
    await sandbox.until(() => sandbox.edna.callbacks.every(({ state }) => state === 'taken'));
    expect(texts()).toEqual(['two', 'one', 'two']);
  });

  it('strikes statuses and hooks alike', async () => {
    sandbox.edna.faults.add({ kind: 'double', endpoint: 'status' });
    await schedule('one');
    const [message] = sandbox.edna.messages;
    if (message === undefined) throw new Error('it was accepted');
    await sandbox.edna.report(message, 'DELIVERED');
    expect(bridge.posted).toHaveLength(2);
    sandbox.amojo.faults.add({ kind: 'lose', endpoint: 'hook', address: IVAN });
    await sandbox.manager.writesFirst(IVAN, 'lost');
    await sandbox.manager.writesFirst(ANNA, 'not lost');
    expect(bridge.posted).toHaveLength(3);
  });
});

describe('a callback that is spoiled', () => {
  const anna = () => sandbox.client(ANNA);
  const last = () => bridge.posted.at(-1);

  it('comes without its credentials', async () => {
    sandbox.edna.faults.add({ kind: 'unsigned', times: 1 });
    sandbox.amojo.faults.add({ kind: 'unsigned', times: 1 });
    await anna().writes('one');
    expect(last()?.headers.authorization).toBeUndefined();
    await sandbox.manager.writesFirst(IVAN, 'two');
    expect(last()?.headers['x-signature']).toBeUndefined();
    expect(last()?.headers['content-type']).toBe('application/json');
    await anna().writes('three');
    expect(last()?.headers.authorization).toBe('Token sandbox-webhook-token');
  });

  it('comes with credentials that do not fit', async () => {
    sandbox.edna.faults.add({ kind: 'badly-signed', times: 1 });
    sandbox.amojo.faults.add({ kind: 'badly-signed', times: 1 });
    await anna().writes('one');
    expect(last()?.headers.authorization).toBe('Token sandbox-webhook-toke0');
    await sandbox.manager.writesFirst(IVAN, 'two');
    const signature = last()?.headers['x-signature'];
    expect(signature).toHaveLength(40);
    expect(signature).not.toBe(sandbox.signHook(last()?.raw.trimEnd() ?? ''));
  });

  it('comes in another shape, its long id whole', async () => {
    const reshape = { kind: 'reshape', array: true, set: { news: 1 }, without: ['userInfo'] };
    sandbox.edna.faults.add({ ...reshape, kind: 'reshape' });
    await anna().writes('one', { id: 9_007_199_254_740_993n });
    expect(last()?.body).toMatchObject([{ news: 1, messageContent: { text: 'one' } }]);
    expect(last()?.raw).toContain('"id":9007199254740993,');
    expect(last()?.raw).not.toContain('userInfo');
  });
});
