import { sql } from 'kysely';
import { FiledMessages } from '../src/domain/filed-messages.js';
import { openDatabase } from '../src/infrastructure/journal/database.js';
import type { Reconciliation } from '../src/domain/reconciliation.js';
import { Bridge } from './bridge.js';
import { lineAt, linesFile, numbers } from './lines.js';

const VERA = '79995550142';
const IVAN = '79995550188';
const ADMIN = 'spec-admin-token';
const KEPT = { violations: 0, doubled: 0, statusBackwards: 0, cancelled: 0, missing: 0 };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let bridge: Bridge;
afterEach(() => bridge.stop());

/** Whole seconds, as edna has them. */
const ago = (ms: number) => new Date(Math.floor((Date.now() - ms) / 1000) * 1000);

/** A bridge with one chat of four hours ago, which edna tells of nothing again. */
async function start(
  store?: 'postgres',
  environment: Record<string, string> = {},
): Promise<Bridge> {
  bridge = await Bridge.start({
    store,
    environment: { ADMIN_TOKEN: ADMIN, ...environment },
    sandbox: { amojo: { connected: true }, edna: { resendAfterSeconds: [] } },
  });
  const { sandbox } = bridge;
  await sandbox
    .client(VERA, { userName: 'Vera' })
    .writes('Здравствуйте', { receivedAt: ago(4 * HOUR) });
  await sandbox.until(() => sandbox.chat(VERA).messages.length === 1);
  const hello = await sandbox.manager.writes(VERA, 'Добрый день', { at: ago(4 * HOUR - MINUTE) });
  await sandbox.until(() => hello.tick.state === 'read');
  return bridge;
}

/** Ends it, and lets the last sign of life lie so far back. */
async function die(ms: number): Promise<void> {
  await bridge.pause();
  const database = await openDatabase(bridge.settings['DATABASE_URL'] ?? '');
  const then = Date.now() - ms;
  await sql`update worker set wall_ms = ${then}`.execute(database.db);
  await sql`update memory set value = ${String(then)} where name = 'last-alive'`.execute(
    database.db,
  );
  await database.close();
}

async function compare(question: object, token = ADMIN, type = 'application/json') {
  const { status, body } = await bridge.sandbox.post(`${bridge.url}/admin/reconcile`, {
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': type },
    body: JSON.stringify(question),
  });
  return { status, json: JSON.parse(body.toString()) as Reconciliation };
}
const since = (ms: number) => ({ since: new Date(Date.now() - ms).toISOString() });

const vera = () => bridge.sandbox.client(VERA);
const chat = (key = VERA) => bridge.sandbox.chat(key);
const incoming = (key = VERA) =>
  chat(key).messages.filter(({ direction }) => direction === 'incoming');
const texts = (messages: readonly { text: string }[]) => messages.map(({ text }) => text);
const seen = () => vera().sees.map(({ content }) => content.text);

describe('after a gap', () => {
  it.each(['sqlite', 'postgres'] as const)(
    'both sides have everything once, in order, at its own time, on %s',
    async (store) => {
      const { sandbox } = await start(store === 'postgres' ? store : undefined);
      await die(3 * HOUR);
      const at = [ago(2 * HOUR), ago(2 * HOUR), ago(HOUR)];
      for (const [i, receivedAt] of at.entries()) {
        await vera().writes(`Вопрос ${i + 1}`, { receivedAt });
      }
      await sandbox.client(IVAN).writes('Есть кто?', { receivedAt: ago(90 * MINUTE) });
      const late = await sandbox.manager.writes(VERA, 'Давно', { at: ago(2 * HOUR + MINUTE) });
      const fresh = await sandbox.manager.writes(VERA, 'Недавно', { at: ago(HOUR + 5_000) });
      await sandbox.manager.writes(VERA, 'Только что', { at: ago(10 * MINUTE) });

      await bridge.begin();
      await sandbox.until(() => incoming().length === 4 && incoming(IVAN).length === 1);
      await sandbox.until(
        () =>
          late.tick.state === 'error' &&
          fresh.tick.state === 'error' &&
          seen().includes('Только что'),
      );
      expect(texts(incoming()).slice(1)).toEqual(['Вопрос 1', 'Вопрос 2', 'Вопрос 3']);
      const [first, second, third] = at.map((time) => time.getTime());
      expect(
        incoming()
          .map(({ msecTimestamp }) => msecTimestamp)
          .slice(1),
      ).toEqual([first, (second ?? 0) + 1, third]);
      // The manager has written since, though not all of it arrived; Ivan is a client nobody has answered.
      expect(incoming().map(({ silent }) => silent)).toEqual([false, true, true, true]);
      expect(incoming(IVAN)).toMatchObject([{ silent: false }]);
      expect(late.tick).toMatchObject({ state: 'error', code: 903 });
      expect(late.tick.error).toContain('Отправьте ещё раз');
      expect(fresh.tick).toMatchObject({ state: 'error', code: 903 });
      expect(seen()).toEqual(['Добрый день', 'Только что']);
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 2 });
    },
  );

  it('the newest message that nobody has answered is shown, and those before it are not', async () => {
    const { sandbox } = await start();
    await die(3 * HOUR);
    for (const [text, ms] of [
      ['Раз', 2 * HOUR],
      ['Два', HOUR],
      ['Три', 5 * MINUTE],
    ] as const) {
      await vera().writes(text, { receivedAt: ago(ms) });
    }
    const ivan = sandbox.client(IVAN);
    await ivan.writes('До запуска', { receivedAt: ago(HOUR) });
    await bridge.begin();
    await sandbox.until(() => incoming().length === 4 && incoming(IVAN).length === 1);
    expect(incoming().map(({ silent }) => silent)).toEqual([false, true, true, false]);
    expect(incoming()[3]?.sender.name).toBe('Vera');
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 2, leads: 2 });
  });

  it('nothing is missing any more, and nothing comes twice, however often it is asked', async () => {
    const { sandbox } = await start(undefined, { RECONCILE: 'off' });
    await die(3 * HOUR);
    const asked = ago(HOUR);
    await vera().writes('Вопрос', { receivedAt: asked });
    const answer = await sandbox.manager.writes(VERA, 'Ответ', { at: ago(MINUTE) });
    await bridge.begin();

    const listed = (await compare(since(3 * HOUR))).json;
    expect(listed.counts).toMatchObject({ missing: 2, brought: 0, 'in-doubt': 0 });
    expect(listed.findings).toMatchObject([
      { matter: 'manager', fate: 'missing', id: expect.stringContaining(answer.id) },
      { matter: 'client', fate: 'missing', writtenAt: asked.toISOString() },
    ]);
    expect(incoming()).toHaveLength(1);
    expect(seen()).toEqual(['Добрый день']);

    const brought = (await compare({ ...since(3 * HOUR), apply: true })).json;
    expect(brought).toMatchObject({ applied: true, counts: { missing: 0, brought: 2 } });
    await sandbox.until(() => incoming().length === 2 && answer.tick.state === 'read');
    for (const apply of [false, true]) {
      const again = (await compare({ ...since(3 * HOUR), apply })).json;
      expect(again.counts).toEqual({ missing: 0, brought: 0, 'too-late': 0, 'in-doubt': 0 });
    }
    expect(seen()).toEqual(['Добрый день', 'Ответ']);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1, outOfOrder: 0 });
  });

  it('what may be a message that is here under another id is only listed', async () => {
    const { sandbox } = await start(undefined, { RECONCILE: 'off' });
    const told = await vera().writes('ок', { receivedAt: ago(HOUR) });
    await sandbox.until(() => incoming().length === 2);
    Object.assign(told, { id: 4711 });
    await die(2 * HOUR);
    await bridge.begin();
    const { findings } = (await compare({ ...since(2 * HOUR), apply: true })).json;
    expect(findings).toMatchObject([{ matter: 'client', fate: 'in-doubt', id: 'edna:71844:4711' }]);
    expect(incoming()).toHaveLength(2);
  });

  it('two equal messages of one second are two', async () => {
    const { sandbox } = await start();
    const at = { receivedAt: ago(HOUR) };
    await vera().writes('ок', at);
    await sandbox.until(() => incoming().length === 2);
    await die(2 * HOUR);
    await vera().writes('ок', at);
    await bridge.begin();
    await sandbox.until(() => incoming().length === 3);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, outOfOrder: 0 });
  });

  it('a history without times is only listed', async () => {
    const { sandbox } = await start(undefined, { RECONCILE: 'off' });
    await die(2 * HOUR);
    await vera().writes('Вопрос', { receivedAt: ago(HOUR) });
    await bridge.begin();
    sandbox.change({ edna: { historyTime: '' } });
    const { findings } = (await compare({ ...since(2 * HOUR), apply: true })).json;
    expect(findings).toMatchObject([{ matter: 'client', fate: 'in-doubt' }]);
    expect(incoming()).toHaveLength(1);
  });

  it('marks that edna knows better are put right', async () => {
    const { sandbox } = await start();
    sandbox.edna.faults.add({ kind: 'lose', endpoint: 'status' });
    const { text } = await sandbox.manager.writes(VERA, { type: 'picture', text: 'С подписью' });
    await sandbox.until(() => seen().includes(text));
    await sandbox.until(() => vera().sees.every(({ status }) => status === 'READ'));
    sandbox.edna.faults.clear();
    const answer = chat().messages.at(-1);
    expect(answer?.tick.state).toBe('none');
    await die(HOUR);
    await bridge.begin();
    await sandbox.until(() => answer?.tick.state === 'read');
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, outOfOrder: 0 });
  });

  it('what was taken and stands in no history is only listed', async () => {
    const { sandbox } = await start(undefined, { RECONCILE: 'off' });
    await vera().writes('Вопрос', { receivedAt: ago(HOUR) });
    await sandbox.until(() => incoming().length === 2);
    const answer = await sandbox.manager.writes(VERA, 'Ответ', { at: ago(HOUR - MINUTE) });
    await sandbox.until(() => answer.tick.state === 'read');
    chat().messages.splice(2, 1);
    Object.assign(sandbox.edna.messages.at(-1) ?? {}, { comment: null });
    const { counts, findings } = (await compare({ ...since(2 * HOUR), apply: true })).json;
    expect(findings.map(({ matter }) => matter)).toEqual(['not-in-crm', 'not-in-messenger']);
    expect(counts).toEqual({ missing: 0, brought: 0, 'too-late': 0, 'in-doubt': 2 });
  });

  it('a chat that a manager opened meanwhile cannot be found', async () => {
    const { sandbox } = await start(undefined, { RECONCILE: 'off' });
    await die(2 * HOUR);
    await sandbox.manager.writesFirst(IVAN, 'Добрый день', { at: ago(HOUR) });
    await bridge.begin();
    const { counts, troubles } = (await compare({ ...since(2 * HOUR), apply: true })).json;
    expect({ counts, troubles }).toEqual({
      counts: { missing: 0, brought: 0, 'too-late': 0, 'in-doubt': 0 },
      troubles: [],
    });
    expect(sandbox.client(IVAN).sees).toEqual([]);
  });

  it('nothing is brought into an empty journal', async () => {
    bridge = await Bridge.start({
      environment: { ADMIN_TOKEN: ADMIN },
      sandbox: { amojo: { connected: true }, edna: { resendAfterSeconds: [] } },
    });
    await die(2 * HOUR);
    await vera().writes('Вопрос', { receivedAt: ago(HOUR) });
    await bridge.begin();
    expect(await bridge.app.get(FiledMessages, { strict: false }).gap()).toBeUndefined();
    const answer = await compare({ ...since(2 * HOUR), apply: true });
    expect(answer).toMatchObject({ status: 409, json: { code: 'empty-journal' } });
    expect(bridge.sandbox.requests('history')).toEqual([]);
  });

  it('a group of files has its caption once, a chat that a manager opened before goes on, and what a program wrote goes to no phone', async () => {
    const { sandbox } = await start();
    const hello = await sandbox.manager.writesFirst(IVAN, 'Вам посылка');
    await sandbox.until(() => hello.tick.state === 'read');
    await sandbox.post(`${bridge.url}/api/v1/messages`, {
      headers: {
        Authorization: `Bearer ${ADMIN}`,
        'Idempotency-Key': 'k-1',
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({
        conversation: { address: VERA, channel: '71844' },
        from: { kind: 'bot', refId: sandbox.amojo.settings.bot.id, name: 'Бот' },
        content: { type: 'text', text: 'Чек отправлен' },
      }),
    });
    await sandbox.until(() => chat().messages.length === 3);
    await die(2 * HOUR);
    const files = await sandbox.manager.writesGroup(
      VERA,
      [
        { type: 'picture', text: 'Два вида' },
        { type: 'picture', text: 'Два вида' },
      ],
      { at: ago(5 * MINUTE) },
    );
    const again = await sandbox.manager.writes(hello.chat, 'Ждём вас', { at: ago(4 * MINUTE) });
    await bridge.begin();
    await sandbox.until(() => [...files, again].every(({ tick }) => tick.state === 'read'));
    const shown = vera().sees.map(({ content: { type, text } }) => text ?? type);
    expect(shown).toEqual(['Добрый день', 'IMAGE', 'Два вида', 'IMAGE']);
    expect(texts(hello.chat.messages)).toEqual(['Вам посылка', 'Ждём вас']);
    expect(sandbox.client(IVAN).sees.map(({ content }) => content.text)).toEqual([
      'Вам посылка',
      'Ждём вас',
    ]);
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('MAX is made up for as well, its marks too', async () => {
    const { sandbox } = await start();
    const olga = sandbox.client('40117702', { userName: 'Ольга' });
    const channel = 'acme_max_bot';
    await olga.writes('Здравствуйте', { channel, receivedAt: ago(3 * HOUR) });
    await sandbox.until(() => chat('40117702').messages.length === 1);
    sandbox.edna.faults.add({ kind: 'lose', endpoint: 'status' });
    const told = await sandbox.manager.writes('40117702', 'Добрый день');
    await sandbox.until(() => olga.sees.at(-1)?.status === 'READ');
    sandbox.edna.faults.clear();
    await die(2 * HOUR);
    await olga.writes('Вопрос', { channel, receivedAt: ago(HOUR) });
    await bridge.begin();
    await sandbox.until(() => incoming('40117702').length === 2);
    await sandbox.until(() => told.tick.state === 'read');
    expect(sandbox.ledger()).toMatchObject(KEPT);
  });

  it('a gap of more than a day is made up for by itself for a day, and the rest by hand', async () => {
    const { sandbox } = await start();
    await die(30 * HOUR);
    await vera().writes('Позавчера', { receivedAt: ago(25 * HOUR) });
    await vera().writes('Вчера', { receivedAt: ago(23 * HOUR) });
    await bridge.begin();
    const filed = bridge.app.get(FiledMessages, { strict: false });
    while ((await filed.gap()) !== undefined) await new Promise(setImmediate);
    await sandbox.until(() => incoming().length === 2);
    await compare({ ...since(30 * HOUR), apply: true });
    await sandbox.until(() => incoming().length === 3);
    expect(texts(incoming())).toEqual(['Здравствуйте', 'Вчера', 'Позавчера']);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1 });
  });

  it('live messages flow beside it, and none comes twice', async () => {
    const { sandbox } = await start();
    await die(2 * HOUR);
    for (let i = 1; i <= 5; i += 1) {
      await vera().writes(`Старое ${i}`, { receivedAt: ago(HOUR - i * MINUTE) });
    }
    sandbox.edna.faults.add({ kind: 'latency', ms: 100, endpoint: 'history' });
    await bridge.begin();
    for (let i = 1; i <= 5; i += 1) await vera().writes(`Новое ${i}`);
    await sandbox.until(() => incoming().length === 11);
    const order = incoming().toSorted((one, other) => one.msecTimestamp - other.msecTimestamp);
    const numbered = (word: string) => [1, 2, 3, 4, 5].map((i) => `${word} ${i}`);
    expect(texts(order).slice(1)).toEqual([...numbered('Старое'), ...numbered('Новое')]);
    expect(incoming().filter(({ silent }) => silent)).toHaveLength(5);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1 });
  });

  it('a history that does not answer is asked again later', async () => {
    const { sandbox } = await start();
    await die(2 * HOUR);
    const lost = sandbox.edna.faults.add({ kind: 'answer', status: 403, endpoint: 'history' });
    await vera().writes('Вопрос', { receivedAt: ago(HOUR) });
    const answer = await sandbox.manager.writes(VERA, 'Ответ', { at: ago(MINUTE) });
    await bridge.begin();
    // What the other platform answers is brought meanwhile.
    await sandbox.until(() => answer.tick.state === 'read');
    expect(incoming()).toHaveLength(1);
    lost.clear();
    await sandbox.until(() => incoming().length === 2);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1 });
  });

  it('a run that is cut short is done again after the next start', async () => {
    const { sandbox } = await start();
    await die(2 * HOUR);
    await vera().writes('Вопрос', { receivedAt: ago(HOUR) });
    const outgoing = (body: unknown) => JSON.stringify(body).includes('"OUT"');
    sandbox.edna.faults.add({
      kind: 'hang-before',
      endpoint: 'history',
      when: ({ body }) => outgoing(body),
    });
    await bridge.begin();
    await sandbox.until(() => incoming().length === 2);
    await bridge.pause();
    sandbox.edna.faults.clear();
    await bridge.begin();
    const filed = bridge.app.get(FiledMessages, { strict: false });
    while ((await filed.gap()) !== undefined) await new Promise(setImmediate);
    await vera().writes('Ещё');
    await sandbox.until(() => incoming().length === 3);
    expect(texts(incoming())).toEqual(['Здравствуйте', 'Вопрос', 'Ещё']);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1 });
  });

  it('each line has its own, whether it names its channels by number, by name or not at all', async () => {
    bridge = await Bridge.start({
      environment: { RECONCILE: 'off' },
      sandbox: { edna: { ...numbers(71844, 71845, 71846), resendAfterSeconds: [] } },
      lines: (sandbox) =>
        linesFile(
          lineAt(sandbox, {
            name: 'Москва',
            edna: { channels: ['wa_71844'] },
            amocrm: { source: 'moscow' },
          }),
          lineAt(sandbox, {
            name: 'Казань',
            edna: { channels: [71845] },
            amocrm: { source: 'kazan' },
          }),
          lineAt(sandbox, { name: 'Прочее', amocrm: { source: 'rest', default: true } }),
        ),
    });
    const { sandbox } = bridge;
    for (const externalId of ['moscow', 'kazan', 'rest']) {
      const isDefault = externalId === 'rest';
      sandbox.amojo.crm().sources.add({ name: externalId, externalId, isDefault });
    }
    await sandbox.until(() => sandbox.amojo.isConnected);
    const channels = [71844, 71845, 71846];
    const write = async (text: string, ms: number) => {
      for (const id of channels) {
        await vera().writes(text, { channel: `wa_${id}`, receivedAt: ago(ms) });
      }
    };
    const said = () => channels.map((id) => texts(chat(`edna:${id}:${VERA}`).messages).length);
    await write('Здравствуйте', 4 * HOUR);
    await sandbox.until(() => said().every((count) => count === 1));
    await die(3 * HOUR);
    await write('Вопрос', HOUR);
    await bridge.begin();

    const question = { ...since(3 * HOUR), apply: true };
    const one = (await compare({ ...question, line: 'Москва' })).json;
    expect(one.counts).toMatchObject({ brought: 1, 'in-doubt': 0 });
    await sandbox.until(() => said()[0] === 2);
    expect(said()).toEqual([2, 1, 1]);
    expect((await compare(question)).json.counts).toMatchObject({ brought: 2, 'in-doubt': 0 });
    await sandbox.until(() => said().every((count) => count === 2));
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 3 });
  });

  it('only the administrator may ask, for a time that is over, one comparison at a time', async () => {
    const { sandbox } = await start(undefined, { RECONCILE: 'off' });
    expect((await compare(since(HOUR), 'wrong')).status).toBe(401);
    for (const question of [{}, { since: 'yesterday' }, { since: '2999-01-01T00:00:00Z' }]) {
      expect((await compare(question)).status).toBe(400);
    }
    for (const more of [{ line: 'none' }, { line: '' }, { line: null }, { aply: true }]) {
      expect((await compare({ ...since(HOUR), ...more })).status).toBe(400);
    }
    expect((await compare([since(HOUR)])).status).toBe(400);
    expect((await compare(since(HOUR), ADMIN, 'text/plain')).status).toBe(200);
    sandbox.edna.faults.add({ kind: 'latency', ms: 200, endpoint: 'history' });
    const [one, other] = await Promise.all([compare(since(HOUR)), compare(since(HOUR))]);
    expect(new Set([one.status, other.status])).toEqual(new Set([200, 409]));
  });
});
