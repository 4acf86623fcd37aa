import { startCalled, VERA, type ApiCaller } from './api-caller.js';
import type { BridgeOptions } from './bridge.js';

let bridge: Awaited<ReturnType<typeof startCalled>>['bridge'];
let api: ApiCaller;

async function start(options: BridgeOptions = {}) {
  const all = await startCalled(options);
  ({ bridge, api } = all);
  return all;
}

afterEach(() => bridge.stop());

const KEPT = { violations: 0, doubled: 0, outOfOrder: 0, statusBackwards: 0, missing: 0 };
const mark = (id: string, body: object, key?: string) =>
  api.post(`/messages/${id}/status`, body, key);

describe('the status of a message that was put there as a manager or the bot', () => {
  it.each(['sqlite', 'postgres'] as const)(
    'goes to amoCRM: an error with the message itself, an arrival by amoCRM’s id, on %s',
    async (store) => {
      const { sandbox } = await start({ store });
      await api.post('/messages', api.asManager('Ушло в Telegram'), 'k-1');
      const message = await api.reached('Ушло в Telegram');
      const failed = { status: 'failed', errorCode: 904, error: 'Номер не найден' };
      expect(await mark('api:k-1', failed)).toEqual({
        status: 202,
        body: { id: 'api:k-1', status: 'failed' },
        replayed: false,
      });
      await sandbox.until(() => message.tick.state === 'error');
      expect(message.tick).toEqual({ state: 'error', code: 904, error: 'Номер не найден' });
      const edits = sandbox.requests('message').filter(({ raw }) => raw.includes('edit_message'));
      expect(edits.map(({ body }) => body)).toMatchObject([
        {
          event_type: 'edit_message',
          payload: {
            msgid: 'api:k-1',
            conversation_id: `edna:71844:${VERA}`,
            message: {
              type: 'text',
              text: 'Ушло в Telegram',
              delivery_status: { status_code: -1, error_code: 904, error: 'Номер не найден' },
            },
          },
        },
      ]);
      expect(sandbox.requests('delivery-status')).toEqual([]);

      await mark(message.id, { status: 'delivered' });
      await sandbox.until(() => message.tick.state === 'delivered');
      await mark('api:k-1', { status: 'read' });
      await sandbox.until(() => message.tick.state === 'read');
      const paths = sandbox.requests('delivery-status').map(({ path }) => path.split('/').at(-2));
      expect(paths).toEqual([message.id, message.id]);
      const told = await api.told('api:k-1', ({ reportedStatus }) => reportedStatus === 'read');
      expect(told).toMatchObject({
        status: 'read',
        attempts: [
          { kind: 'inbound', outcome: 'taken' },
          { kind: 'status', outcome: 'taken' },
          { kind: 'status', outcome: 'taken' },
          { kind: 'status', outcome: 'taken' },
        ],
      });
      expect(sandbox.client(VERA).addressed).toEqual([]);
      expect(sandbox.ledger()).toMatchObject(KEPT);
    },
  );

  it.each([
    [{ errorCode: 901 }, { code: 901 }],
    [
      { errorCode: 902, error: 'Выключено' },
      { code: 902, error: 'Выключено' },
    ],
    [{ errorCode: 903 }, { code: 903 }],
    [{ error: 'Своя причина' }, { code: 905, error: 'Своя причина' }],
  ])('is an error with the words of %j', async (given, tick) => {
    const { sandbox } = await start();
    await api.post('/messages', api.asBot('Чек'), 'k-1');
    const message = await api.reached('Чек');
    await mark('api:k-1', { status: 'failed', ...given });
    await sandbox.until(() => message.tick.state === 'error');
    expect(message.tick).toEqual({ state: 'error', ...tick });
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it.each(['sqlite', 'postgres'] as const)(
    'that is told before amoCRM has the message is reported once it has, on %s',
    async (store) => {
      const { sandbox } = await start({ store });
      const held = sandbox.amojo.faults.add({ kind: 'hold', endpoint: 'message', times: 1 });
      await api.post('/messages', api.asManager('Ушло'), 'k-1');
      await held.caught();
      await mark('api:k-1', { status: 'failed', error: 'Не дошло' });
      held.clear();
      const message = await api.reached('Ушло');
      await sandbox.until(() => message.tick.state === 'error');
      expect(message.tick).toMatchObject({ code: 905, error: 'Не дошло' });
      expect((await api.settled('api:k-1'))['state']).toBe('handed-over');
      expect(sandbox.ledger()).toMatchObject(KEPT);
    },
  );

  it('of a file, a place or a contact leaves the message what it is', async () => {
    const { sandbox } = await start();
    const media = `${bridge.url}/health`;
    const contents = [
      { type: 'picture', media, fileName: 'a.png', fileSize: 15, text: 'Схема' },
      { type: 'location', location: { latitude: 59.9571, longitude: 30.3083 } },
      { type: 'contact', contact: { name: 'Пётр', phone: '79995550177' } },
    ];
    for (const [i, content] of contents.entries()) {
      await api.post('/messages', api.asBot('', { content }), `k-${i}`);
      await mark(`api:k-${i}`, { status: 'failed', error: 'Не дошло' });
    }
    await sandbox.until(
      () => api.messages.length === 3 && api.messages.every(({ tick }) => tick.state === 'error'),
    );
    expect(api.messages).toMatchObject([
      { type: 'picture', media, fileName: 'a.png', text: 'Схема' },
      { type: 'location', location: { lat: 59.9571, lon: 30.3083 } },
      { type: 'contact', contact: { name: 'Пётр', phone: '79995550177' } },
    ]);
    expect(sandbox.violations).toEqual([]);
  });

  it('only climbs, whatever comes late', async () => {
    const { sandbox } = await start();
    await api.post('/messages', api.asManager('Ушло'), 'k-1');
    const message = await api.reached('Ушло');
    for (const status of ['read', 'delivered', 'failed']) {
      const error = status === 'failed' ? { error: 'Не дошло' } : {};
      expect((await mark('api:k-1', { status, ...error })).status).toBe(202);
    }
    await sandbox.until(() => message.tick.state === 'read');
    await api.post('/messages', api.asManager('Ещё'), 'k-2');
    await api.reached('Ещё');
    expect(message.reports.map(({ statusCode }) => statusCode)).toEqual([2]);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('waits where amoCRM is down, and is reported once, the latest', async () => {
    const { sandbox } = await start();
    await api.post('/messages', api.asManager('Ушло'), 'k-1');
    const message = await api.reached('Ушло');
    await api.settled('api:k-1');
    const down = [
      sandbox.amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'delivery-status' }),
      sandbox.amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'message' }),
    ];
    await mark('api:k-1', { status: 'failed', error: 'Не дошло' });
    await down[1]?.caught();
    await mark('api:k-1', { status: 'read' });
    for (const fault of down) fault.clear();
    await sandbox.until(() => message.tick.state === 'read');
    expect(message.reports.map(({ statusCode }) => statusCode)).toEqual([2]);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });
});

describe('the status of a manager’s message', () => {
  it('may be set by another program, once the message has been sent', async () => {
    const { sandbox } = await start({ sandbox: { edna: { statuses: 'manual' } } });
    await sandbox.client(VERA).writes('Здравствуйте');
    await api.reached('Здравствуйте');
    const held = sandbox.edna.faults.add({ kind: 'hold', endpoint: 'schedule', times: 1 });
    const answer = await sandbox.manager.writes(VERA, 'Добрый день');
    await held.caught();
    expect(await mark(answer.id, { status: 'read' })).toMatchObject({
      status: 409,
      body: { code: 'message-not-sent' },
    });
    held.clear();
    await api.settled(answer.id);
    expect((await mark(answer.id, { status: 'delivered' })).status).toBe(202);
    await sandbox.until(() => answer.tick.state === 'delivered');
    const [shown] = sandbox.edna.messages;
    await sandbox.edna.report(shown!, 'READ');
    await sandbox.until(() => answer.tick.state === 'read');
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('is refused for one that amoCRM has sent without an id: it could not be told', async () => {
    const { sandbox } = await start();
    await sandbox.client(VERA).writes('Здравствуйте');
    await api.reached('Здравствуйте');
    const hook = {
      receiver: VERA,
      conversation_id: `edna:71844:${VERA}`,
      type: 'text',
      text: 'Есть',
      msec_timestamp: Date.now(),
    };
    expect(await sandbox.postAsAmocrm(hook)).toMatchObject({ status: 200 });
    await sandbox.until(() => sandbox.client(VERA).sees[0]);
    const { comment } = sandbox.requests('schedule')[0]!.body as { comment: string };
    const id = comment.replace(/^amo:/, '');
    await api.told(id, ({ state }) => state === 'handed-over');
    expect(await mark(id, { status: 'read' })).toMatchObject({
      status: 409,
      body: { code: 'message-without-id' },
    });
  });

  it('is refused for a client’s, an unknown one, and a body that is wrong', async () => {
    const { sandbox } = await start();
    const { id } = await sandbox.client(VERA).writes('Здравствуйте');
    await api.reached('Здравствуйте');
    const client = encodeURIComponent(`edna:71844:${id}`);
    expect(await mark(client, { status: 'read' })).toMatchObject({
      status: 409,
      body: { code: 'message-of-client' },
    });
    expect(await mark('nobody', { status: 'read' })).toMatchObject({
      status: 404,
      body: { code: 'message-unknown' },
    });
    const wrong: [object, RegExp][] = [
      [{ status: 'sent' }, /^status: /],
      [{ status: 'failed' }, /^error: /],
      [{ status: 'failed', errorCode: 900, error: 'x' }, /^errorCode: /],
      [{ status: 'failed', error: 'x'.repeat(121) }, /^error: /],
      [{ status: 'failed', error: ' ' }, /^error: /],
      [{ status: 'read', error: 'x' }, /^errorCode, error: /],
      [{ status: 'read', extra: 1 }, /^extra: there is no such field$/],
      [{}, /^status: /],
    ];
    for (const [body, message] of wrong) {
      expect(await mark('nobody', body)).toMatchObject({
        status: 400,
        body: { code: 'invalid', message: expect.stringMatching(message) },
      });
    }
  });
});
