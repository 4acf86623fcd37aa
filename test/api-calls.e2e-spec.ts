import { randomUUID } from 'node:crypto';
import type { Database } from '../src/infrastructure/journal/database.js';
import { startSandbox } from '../sandbox/sandbox.ts';
import { ApiCaller, IVAN, startCalled, VERA } from './api-caller.js';
import { SPEED, type BridgeOptions } from './bridge.js';
import { ChildBridge } from './child-bridge.js';
import { lineAt, linesFile, numbers } from './lines.js';

let bridge: Awaited<ReturnType<typeof startCalled>>['bridge'];
let api: ApiCaller;

async function start(options: BridgeOptions = {}) {
  const all = await startCalled(options);
  ({ bridge, api } = all);
  return all;
}

/** As if a day had passed. */
const forgetCalls = () =>
  bridge.app.get<Database>('the open database').db.deleteFrom('api_call').execute();

const TO_VERA = { address: VERA, channel: '71844' };

describe('a call with an Idempotency-Key', () => {
  afterEach(() => bridge.stop());

  it.each(['sqlite', 'postgres'] as const)(
    'that is repeated gets the first answer and does nothing, also after a restart, on %s',
    async (store) => {
      const { sandbox } = await start({ store });
      const first = await api.post('/messages', api.asManager('Один раз'), 'k-1');
      expect(first).toMatchObject({ status: 202, replayed: false });
      await api.reached('Один раз');
      const { conversation, from, content } = api.asManager('Один раз') as Record<string, unknown>;
      const reordered = { content, from, conversation };
      expect(await api.post('/messages', reordered, 'k-1')).toEqual({ ...first, replayed: true });
      await bridge.restart();
      expect(await api.post('/messages', reordered, 'k-1')).toEqual({ ...first, replayed: true });
      await api.post('/messages', api.asManager('Другое'), 'k-2');
      await api.reached('Другое');
      expect(api.texts).toEqual(['Один раз', 'Другое']);
      expect(sandbox.ledger()).toMatchObject({ violations: 0, repeats: 0 });
    },
  );

  it('is not another one’s: 422 for another body, another route, another method', async () => {
    const { sandbox } = await start();
    await api.post('/messages', api.asManager('Один раз'), 'k-1');
    const others = [
      await api.post('/messages', api.asManager('Другое'), 'k-1'),
      await api.post('/chats', TO_VERA, 'k-1'),
    ];
    for (const other of others) {
      expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
    }
    await api.reached('Один раз');
    expect(api.texts).toEqual(['Один раз']);
    expect(sandbox.requests('chats')).toEqual([]);
  });

  it.each(['sqlite', 'postgres'] as const)(
    'that is being done is refused until it is done, on %s',
    async (store) => {
      const { sandbox } = await start({ store });
      const held = sandbox.amojo.faults.add({ kind: 'hold', endpoint: 'chats', times: 1 });
      const first = api.post('/chats', TO_VERA, 'k-1');
      await held.caught();
      expect(await api.post('/chats', TO_VERA, 'k-1')).toMatchObject({
        status: 409,
        body: { code: 'idempotency-key-running' },
      });
      expect(await api.post('/chats', { ...TO_VERA, name: 'Вера' }, 'k-1')).toMatchObject({
        status: 422,
        body: { code: 'idempotency-key-reused' },
      });
      held.clear();
      const answer = await first;
      expect(answer.status).toBe(201);
      expect(await api.post('/chats', TO_VERA, 'k-1')).toEqual({ ...answer, replayed: true });
      expect(sandbox.requests('chats')).toHaveLength(1);
    },
  );

  it('that came at the same time as itself is done once', async () => {
    await start();
    const all = await Promise.all(
      Array.from({ length: 8 }, () => api.post('/messages', api.asClient('Один раз'), 'k-1')),
    );
    expect(all.every(({ status }) => status === 202 || status === 409)).toBe(true);
    expect(all.some(({ status, replayed }) => status === 202 && !replayed)).toBe(true);
    await api.reached('Один раз');
    await api.post('/messages', api.asClient('Другое'), 'k-2');
    await api.reached('Другое');
    expect(api.texts).toEqual(['Один раз', 'Другое']);
  });

  it('is free again where amoCRM was in trouble, and not where it said no', async () => {
    const { sandbox } = await start();
    const { faults } = sandbox.amojo;
    const away = faults.add({ kind: 'answer', status: 503, endpoint: 'chats' });
    expect(await api.post('/chats', TO_VERA, 'k-1')).toMatchObject({ status: 502 });
    expect(await api.post('/chats', { ...TO_VERA, name: 'Вера' }, 'k-1')).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    });
    away.clear();
    expect(await api.post('/chats', TO_VERA, 'k-1')).toMatchObject({
      status: 201,
      replayed: false,
    });

    faults.add({ kind: 'answer', status: 400, endpoint: 'chats', times: 1 });
    const other = { ...TO_VERA, address: '79995550177' };
    const refused = await api.post('/chats', other, 'k-2');
    expect(refused).toMatchObject({ status: 422, body: { code: 'amocrm-rejected' } });
    expect(await api.post('/chats', other, 'k-2')).toEqual({ ...refused, replayed: true });
    expect(await api.post('/chats', other, 'k-3')).toMatchObject({ status: 201 });
  });

  it('is not used up by a body that is wrong', async () => {
    await start();
    expect((await api.post('/messages', { from: {} }, 'k-1')).status).toBe(400);
    expect((await api.post('/messages', api.asClient('Теперь верно'), 'k-1')).status).toBe(202);
  });

  it('that amoCRM leaves without an answer is told so, and how it ended when it is repeated', async () => {
    const { sandbox } = await start({
      environment: { AMOCRM_BASE_URL: '', AMOCRM_TOKEN: '' },
    });
    sandbox.amojo.faults.add({ kind: 'hang-after', endpoint: 'chats', times: 1 });
    const lost = await api.post('/chats', TO_VERA, 'k-1');
    expect(lost).toMatchObject({ status: 504, body: { code: 'amocrm-no-answer' } });
    const again = await api.post('/chats', TO_VERA, 'k-1');
    expect(again).toMatchObject({ status: 201, replayed: false });
    expect(again.body['chatId']).toBe(sandbox.amojo.book.chats[0]?.id);
    expect(sandbox.amojo.book.chats).toHaveLength(1);
  });

  it('that takes longer than anybody waits goes on, and its end is told to who repeats it', async () => {
    const { sandbox } = await start();
    const { server, settings } = sandbox.amojo;
    await bridge.restart({ AMOCRM_BASE_URL: server.url, AMOCRM_TOKEN: settings.restToken });
    const { body: chat } = await api.post('/chats', TO_VERA, 'k-1');
    const contact = sandbox.amojo.crm().cards.addContact({ name: 'Вера' });
    sandbox.amojo.faults.add({
      kind: 'answer',
      status: 429,
      // Two seconds here.
      retryAfterSeconds: 2 * SPEED,
      endpoint: 'contact-chats',
      times: 1,
    });
    const link = () =>
      api.post(`/chats/${String(chat['chatId'])}/contact`, { contactId: contact.id }, 'k-2');
    expect(await link()).toMatchObject({ status: 504, body: { code: 'still-running' } });
    let said = await link();
    expect(said).toMatchObject({ status: 409, body: { code: 'idempotency-key-running' } });
    while (said.status === 409) said = await link();
    expect(said).toMatchObject({ status: 200, replayed: true, body: { contactId: contact.id } });
    expect(sandbox.requests('contact-chats')).toHaveLength(2);
  });

  it.each([
    [undefined, 'idempotency-key-missing'],
    ['', 'idempotency-key-invalid'],
    ['with blank', 'idempotency-key-invalid'],
    ['x'.repeat(256), 'idempotency-key-invalid'],
  ])('is asked for where something is made: %j is %s', async (key, code) => {
    await start();
    const calls: [string, object][] = [
      ['/messages', api.asClient('Привет')],
      ['/chats', TO_VERA],
      ['/chats/none/contact', { contactId: 1 }],
    ];
    for (const [path, body] of calls) {
      expect(await api.post(path, body, key)).toMatchObject({ status: 400, body: { code } });
    }
  });

  it('and 255 characters is a key; what it stood for long ago is not corrected by it', async () => {
    const { sandbox } = await start();
    const key = `k-${'~'.repeat(253)}`;
    expect((await api.post('/messages', api.asClient('Один раз'), key)).status).toBe(202);
    await api.reached('Один раз');
    await forgetCalls();
    expect(await api.post('/messages', api.asClient('Один раз'), key)).toMatchObject({
      status: 202,
      body: { id: `api:${key}` },
      replayed: false,
    });
    await forgetCalls();
    expect(await api.post('/messages', api.asClient('Другое'), key)).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    });
    await sandbox.client(VERA).writes('Есть?');
    await api.reached('Есть?');
    expect(api.texts).toEqual(['Один раз', 'Есть?']);
    expect(sandbox.requests('message').every(({ raw }) => !raw.includes('edit_message'))).toBe(
      true,
    );
  });

  it('stands for its message also where that failed, was forgotten, or another client is meant', async () => {
    const { sandbox } = await start();
    const stranger = {
      from: { kind: 'manager', refId: '11111111-2222-4333-8444-555555555555', name: 'Никто' },
    };
    const toIvan = { conversation: { address: IVAN, channel: '71844' } };
    await api.post('/messages', api.asManager('От кого?', stranger), 'failed');
    await api.settled('api:failed');
    await api.post('/messages', api.asClient('Готово'), 'told');
    await api.reached('Готово');
    await forgetCalls();
    const reused = [
      await api.post('/messages', api.asManager('Другое', stranger), 'failed'),
      await api.post('/messages', api.asClient('Готово', toIvan), 'told'),
    ];
    const { db } = bridge.app.get<Database>('the open database');
    await forgetCalls();
    await db.updateTable('message').set({ content: null }).execute();
    reused.push(await api.post('/messages', api.asClient('Новое'), 'told'));
    for (const said of reused) {
      expect(said).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
    }
    expect(await api.get('/messages/api:failed')).toMatchObject({ body: { state: 'failed' } });
    await sandbox.client(VERA).writes('Есть?');
    await api.reached('Есть?');
    expect(api.texts).toEqual(['Готово', 'Есть?']);
  });
});

describe('the calls of two companies', () => {
  const SECOND = '1b7e0c25-93d4-4a6f-8e50-2f6c9d3a7b18';
  const account = {
    accountId: SECOND,
    accountNumber: 77,
    subdomain: 'second',
    restToken: 'second-token',
  };
  afterEach(() => bridge.stop());

  it('are told apart by the line they name, or by the chat', async () => {
    const { sandbox } = await start({
      sandbox: { edna: numbers(71844, 71845), amojo: { moreAccounts: [account] } },
      lines: (one) =>
        linesFile(
          lineAt(one, { name: 'first', edna: { channels: [71844] } }),
          lineAt(one, {
            name: 'second',
            edna: { channels: [71845] },
            amocrm: { account_id: SECOND },
          }),
        ),
    });
    const to = (line: string) => ({ line, conversation: { address: VERA } });
    const text = (words: string, more: object) => api.asClient(words, more);
    const nowhere = await api.post('/messages', text('x', { conversation: TO_VERA }), 'k-0');
    expect(nowhere).toMatchObject({ status: 400, body: { code: 'invalid' } });
    expect(await api.post('/messages', text('Первой', to('first')), 'k-1')).toMatchObject({
      status: 202,
      body: { line: 'first', conversationId: `edna:71844:${VERA}` },
    });
    expect(await api.post('/messages', text('Первой', to('second')), 'k-1')).toMatchObject({
      status: 422,
    });
    const { chat } = await api.reached('Первой');
    const inChat = { conversation: { chatId: chat.id } };
    expect(
      await api.post('/messages', text('x', { ...inChat, line: 'second' }), 'k-2'),
    ).toMatchObject({ status: 404, body: { code: 'conversation-unknown' } });
    await api.post('/messages', api.asManager('В чат первой', inChat), 'k-3');
    expect((await api.reached('В чат первой')).chat.id).toBe(chat.id);

    await forgetCalls();
    const again = api.asManager('В чат второй', to('second'));
    expect(await api.post('/messages', again, 'k-3')).toMatchObject({ status: 202 });
    const there = await api.reached('В чат второй');
    expect(there.chat.scopeId).toContain(SECOND);
    expect(await api.post('/messages/api:k-3/status', { status: 'read' })).toMatchObject({
      status: 400,
      body: { code: 'invalid', message: expect.stringMatching(/^line: /) },
    });
    await api.post('/messages/api:k-3/status?line=first', { status: 'read' });
    await sandbox.until(
      () => api.messages.find(({ text: one }) => one === 'В чат первой')?.tick.state === 'read',
    );
    expect(there.tick.state).toBe('none');
    expect(await api.get('/messages/api:k-3?line=second')).toMatchObject({
      status: 200,
      body: { line: 'second' },
    });
    expect(sandbox.violations).toEqual([]);
  });
});

describe('a bridge that is killed', () => {
  it('between accepting a message and remembering its answer answers the repeat the same, and doubles nothing', async () => {
    const sandbox = await startSandbox({ amojo: { connected: true } });
    const key = randomUUID();
    const child = await ChildBridge.start(sandbox, {
      ...sandbox.environment(),
      ADMIN_TOKEN: 'spec-admin-token',
    });
    const caller = new ApiCaller(() => child.url, sandbox);
    try {
      // What is accepted goes to amoCRM at once: caught there, it has been committed, and its answer may not be.
      const caught = sandbox.amojo.faults.add({ kind: 'hold', endpoint: 'message', times: 1 });
      const lost = caller
        .post('/messages', caller.asManager('Один раз'), key)
        .catch(() => undefined);
      await caught.caught();
      await child.end('SIGKILL');
      await lost;
      caught.clear();
      await child.forgetAnswer(key);
      await child.again();
      const again = await caller.post('/messages', caller.asManager('Один раз'), key);
      expect(again).toMatchObject({ status: 202, body: { id: `api:${key}` }, replayed: false });
      const repeated = await caller.post('/messages', caller.asManager('Один раз'), key);
      expect(repeated).toEqual({ ...again, replayed: true });
      await sandbox.until(() => sandbox.ledger().repeats === 1);
      await caller.post('/messages', caller.asManager('Другое'), randomUUID());
      await caller.reached('Другое');
      expect(caller.texts).toEqual(['Один раз', 'Другое']);
      expect(sandbox.violations).toEqual([]);
    } finally {
      await child.remove();
      await sandbox.close();
    }
  });
});
