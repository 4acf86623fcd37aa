import type { BridgeOptions } from './bridge.js';
import { IVAN, startCalled, VERA, type ApiCaller } from './api-caller.js';

let bridge: Awaited<ReturnType<typeof startCalled>>['bridge'];
let api: ApiCaller;

async function start(options: BridgeOptions = {}) {
  const all = await startCalled(options);
  ({ bridge, api } = all);
  return all;
}

afterEach(() => bridge.stop());

const oleg = () => bridge.sandbox.amojo.settings.managers[0]!;
const bot = () => bridge.sandbox.amojo.settings.bot;
const found = (words: string) => api.messages.find((one) => one.text === words)!;
const post = (path: string, body: unknown, key?: string) => api.post(path, body, key);
const get = (path: string) => api.get(path);
const reached = (words: string) => api.reached(words);

describe('a message of another program', () => {
  it.each(['sqlite', 'postgres'] as const)(
    'stands in the chat as the client’s, a manager’s or the bot’s, and reaches no phone, on %s',
    async (store) => {
      const { sandbox } = await start({ store });
      await sandbox.client(VERA, { userName: 'Вера' }).writes('Здравствуйте');
      await reached('Здравствуйте');
      expect(await post('/messages', api.asClient('Заказ 118 оплачен'), 'k-1')).toMatchObject({
        status: 202,
        body: { id: 'api:k-1', state: 'accepted', conversationId: `edna:71844:${VERA}` },
      });
      await post('/messages', api.asManager('Отвечал по телефону'), 'k-2');
      await post('/messages', api.asBot('Чек отправлен'), 'k-3');
      await reached('Чек отправлен');
      const chat = sandbox.chat(VERA);
      expect(api.texts).toEqual([
        'Здравствуйте',
        'Заказ 118 оплачен',
        'Отвечал по телефону',
        'Чек отправлен',
      ]);
      expect(found('Заказ 118 оплачен')).toMatchObject({
        clientId: 'api:k-1',
        direction: 'incoming',
        silent: false,
        sender: { id: chat.client.id },
      });
      expect(found('Отвечал по телефону')).toMatchObject({
        direction: 'outgoing',
        silent: true,
        sender: { id: oleg().id },
        receiver: { id: chat.client.id, name: 'Вера' },
      });
      expect(found('Чек отправлен')).toMatchObject({
        direction: 'outgoing',
        sender: { id: bot().id },
        receiver: { id: chat.client.id },
      });
      expect(sandbox.edna.messages).toEqual([]);
      expect(sandbox.violations).toEqual([]);
      expect(sandbox.ledger()).toMatchObject({ violations: 0, chats: 1, leads: 1 });
    },
  );

  it('keeps its place among those that come by webhook, also where amoCRM is busy', async () => {
    const { sandbox } = await start();
    await sandbox.client(VERA).writes('раз');
    await reached('раз');
    const busy = sandbox.amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'message' });
    await post('/messages', api.asClient('два'), 'k-2');
    await sandbox.client(VERA).writes('три');
    await post('/messages', api.asManager('четыре'), 'k-4');
    await sandbox.client(VERA).writes('пять');
    await busy.caught();
    busy.clear();
    await reached('пять');
    expect(api.texts).toEqual(['раз', 'два', 'три', 'четыре', 'пять']);
    const times = api.messages.map(({ msecTimestamp }) => msecTimestamp);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(sandbox.violations).toEqual([]);
  });

  it('is named by our id, by amoCRM’s, by address alone, in fields as amoCRM spells them', async () => {
    const { sandbox } = await start({ environment: { EDNA_SUBJECT_ID: '71844' } });
    await sandbox.client(VERA).writes('Здравствуйте');
    await reached('Здравствуйте');
    const { id, messages } = sandbox.chat(VERA);
    // amoCRM shows it before the bridge has written down where.
    await api.settled(messages[0]?.clientId ?? '');
    const inChat = { conversation: { chat_id: id } };
    expect((await post('/messages', api.asClient('по id чата', inChat), 'k-1')).status).toBe(202);
    const byId = { conversation: { id: `edna:71844:${VERA}` } };
    expect((await post('/messages', api.asClient('по нашему id', byId), 'k-2')).status).toBe(202);
    const byPhone = { conversation: { address: '8 (999) 555-01-42' } };
    expect((await post('/messages', api.asClient('по телефону', byPhone), 'k-3')).status).toBe(202);
    const ref = { from: { kind: 'bot', ref_id: bot().id, name: 'Бот' } };
    expect((await post('/messages', api.asBot('от бота', ref), 'k-4')).status).toBe(202);
    const stranger = { conversation: { id: `edna:71844:${IVAN}` } };
    expect((await post('/messages', api.asClient('впервые', stranger), 'k-5')).status).toBe(202);
    await reached('от бота');
    await reached('впервые');
    expect(sandbox.chat(VERA).messages).toHaveLength(5);
    expect(sandbox.chat(IVAN).messages).toHaveLength(1);
    expect(sandbox.violations).toEqual([]);
  });

  it('carries every kind of content', async () => {
    const { sandbox } = await start();
    const media = `${bridge.url}/health`;
    const kinds = [
      { type: 'text', text: 'слова' },
      ...['picture', 'video', 'file', 'voice', 'audio', 'sticker'].map((type) => ({
        type,
        media,
        fileName: `a.${type}`,
        fileSize: 15,
        ...(type === 'voice' && { durationSeconds: 7 }),
      })),
      { type: 'location', location: { latitude: 59.9571, longitude: 30.3083 }, text: 'Причал 4' },
      { type: 'contact', contact: { name: 'Пётр', phone: '79995550177' } },
    ];
    for (const [i, content] of kinds.entries()) {
      const from = i % 2 === 0 ? api.asClient('') : api.asManager('');
      expect((await post('/messages', { ...from, content }, `k-${i}`)).status).toBe(202);
    }
    await sandbox.until(() => api.messages.length === kinds.length);
    expect(api.messages.map(({ type }) => type)).toEqual(kinds.map(({ type }) => type));
    expect(sandbox.violations).toEqual([]);
  });

  it('is shown at its own time where it is told, and is silent where it is asked to be', async () => {
    const { sandbox } = await start();
    await sandbox.client(VERA).writes('Здравствуйте');
    await reached('Здравствуйте');
    const at = new Date(Date.now() - 3_600_000).toISOString();
    await post('/messages', api.asManager('час назад', { at }), 'k-1');
    await post('/messages', api.asClient('тихо', { silent: true }), 'k-2');
    await reached('тихо');
    expect(found('час назад').msecTimestamp).toBe(Date.parse(at));
    expect(found('тихо').silent).toBe(true);
    await sandbox.client(VERA).writes('Есть?');
    await reached('Есть?');
    expect(found('Есть?').msecTimestamp).toBeGreaterThan(found('тихо').msecTimestamp);
    expect(sandbox.violations).toEqual([]);
  });

  it('is told by its id what became of it, without its words', async () => {
    const { sandbox } = await start();
    const down = sandbox.amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'message' });
    await post('/messages', api.asManager('секрет'), 'k-1');
    await down.caught();
    expect((await get('/messages/api:k-1')).body).toMatchObject({
      state: 'waiting',
      from: 'manager',
    });
    down.clear();
    const { id } = await reached('секрет');
    const told = await api.settled('api:k-1');
    expect(told).toMatchObject({
      id: 'api:k-1',
      amoMessageId: id,
      direction: 'to-crm',
      conversationId: `edna:71844:${VERA}`,
      state: 'handed-over',
      type: 'text',
      parts: [],
    });
    expect(told['attempts']).toMatchObject([
      { kind: 'inbound', outcome: 'not-sent', httpStatus: 503 },
      ...Array<object>((told['attempts'] as object[]).length - 2).fill({ outcome: 'not-sent' }),
      { kind: 'inbound', outcome: 'taken' },
    ]);
    expect((await get(`/messages/${id}`)).body).toEqual(told);
    expect(JSON.stringify(told)).not.toContain('секрет');
  });

  it('of a manager is told with its parts and its status', async () => {
    const { sandbox } = await start();
    await sandbox.client(VERA).writes('Здравствуйте');
    await reached('Здравствуйте');
    const answer = await sandbox.manager.writes(VERA, { type: 'picture', text: 'Схема' });
    await sandbox.until(() => answer.tick.state === 'read');
    const { body } = await get(`/messages/${answer.id}`);
    expect(body).toMatchObject({
      direction: 'to-client',
      from: 'manager',
      amoMessageId: answer.id,
      status: 'read',
      parts: [
        { number: 1, state: 'handed-over', status: 'read' },
        { number: 2, state: 'handed-over', status: 'read' },
      ],
    });
    expect((await get(`/messages/amo:${sandbox.scopeId}:${answer.id}`)).body).toMatchObject({
      id: body['id'],
    });
  });

  it('that amoCRM refuses for good is told as failed, and leaves no note of a client’s', async () => {
    const { sandbox } = await start();
    await sandbox.client(VERA).writes('Здравствуйте');
    await reached('Здравствуйте');
    const stranger = '11111111-2222-4333-8444-555555555555';
    const from = { kind: 'manager', refId: stranger, name: 'Никто' };
    await post('/messages', api.asManager('От кого?', { from }), 'k-1');
    await sandbox.client(VERA).writes('Есть?');
    await reached('Есть?');
    expect((await get('/messages/api:k-1')).body).toMatchObject({
      state: 'failed',
      reason: { key: 'amo-rejected', code: 905 },
    });
    expect(api.texts).toEqual(['Здравствуйте', 'Есть?']);
    expect(await post('/messages/api:k-1/status', { status: 'read' })).toMatchObject({
      status: 409,
      body: { code: 'message-not-in-chat' },
    });
  });

  it.each(['sqlite', 'postgres'] as const)(
    'as a manager comes back as a hook, before or after its answer, and is not sent to the client, on %s',
    async (store) => {
      const { sandbox } = await start({
        store,
        sandbox: { amojo: { hooksImportsOfManagers: true } },
      });
      await sandbox.client(VERA).writes('Здравствуйте');
      await reached('Здравствуйте');
      for (const [i, words] of ['раз', 'два', 'три'].entries()) {
        await post('/messages', api.asManager(words), `k-${i}`);
      }
      await reached('три');
      await sandbox.until(
        () => sandbox.amojo.hooks.filter(({ state }) => state === 'taken').length === 3,
      );
      // What is sent after them goes the same lane: none of them is on its way any more.
      const answer = await sandbox.manager.writes(VERA, 'Добрый день');
      await sandbox.until(() => answer.tick.state === 'read');
      expect(sandbox.client(VERA).sees.map(({ content }) => content.text)).toEqual(['Добрый день']);
      expect(sandbox.violations).toEqual([]);
    },
  );

  it('as a manager whose answer is lost is not sent to the client either', async () => {
    const { sandbox } = await start({ sandbox: { amojo: { hooksImportsOfManagers: true } } });
    await sandbox.client(VERA).writes('Здравствуйте');
    await reached('Здравствуйте');
    sandbox.amojo.faults.add({ kind: 'hang-after', endpoint: 'message', times: 1 });
    await post('/messages', api.asManager('раз'), 'k-1');
    await sandbox.until(() => sandbox.amojo.hooks.some(({ state }) => state === 'taken'));
    expect(await api.settled('api:k-1')).toMatchObject({ state: 'handed-over' });
    const answer = await sandbox.manager.writes(VERA, 'Добрый день');
    await sandbox.until(() => answer.tick.state === 'read');
    expect(sandbox.client(VERA).sees.map(({ content }) => content.text)).toEqual(['Добрый день']);
    expect(api.texts).toEqual(['Здравствуйте', 'раз', 'Добрый день']);
  });
});
