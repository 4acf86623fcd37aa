import { createHmac } from 'node:crypto';
import { ADMIN, startCalled, VERA, type ApiCaller } from './api-caller.js';
import type { BridgeOptions } from './bridge.js';

let bridge: Awaited<ReturnType<typeof startCalled>>['bridge'];
let api: ApiCaller;

async function start(options: BridgeOptions = {}) {
  const all = await startCalled(options);
  ({ bridge, api } = all);
  return all;
}

afterEach(() => bridge.stop());

const ROUTES: readonly (readonly [method: string, path: string])[] = [
  ['POST', '/messages'],
  ['GET', '/messages/none'],
  ['POST', '/messages/none/status'],
  ['POST', '/chats'],
  ['GET', '/chats/none/history'],
  ['POST', '/chats/none/contact'],
  ['GET', '/lines'],
  ['POST', '/channels/none/connect'],
  ['POST', '/channels/none/disconnect'],
];

describe('the API for other programs', () => {
  it('opens to the administrator’s token alone, on every route', async () => {
    await start();
    for (const [method, path] of ROUTES) {
      for (const token of ['', 'wrong']) {
        expect(await api.ask(method, path, {}, { token, key: 'k' })).toMatchObject({
          status: 401,
          body: { code: 'wrong-token' },
        });
      }
    }
  });

  it('has a token of its own where none was chosen, the one that opens /admin', async () => {
    await start({ environment: { ADMIN_TOKEN: '' } });
    expect(await api.get('/lines')).toMatchObject({ status: 401 });
    const token = createHmac('sha256', bridge.sandbox.amojo.settings.channelSecret)
      .update('bridge administration')
      .digest('hex');
    expect(await api.ask('GET', '/lines', undefined, { token })).toMatchObject({ status: 200 });
  });

  it('names every field that is wrong, and keeps nothing of it', async () => {
    const { sandbox } = await start();
    const wrong: [object, readonly string[]][] = [
      [{}, ['conversation', 'from', 'content']],
      [api.asClient(''), ['content.text']],
      [api.asClient('x', { from: { kind: 'robot' } }), ['from.kind', 'from.refId', 'from.name']],
      [api.asManager('x', { from: { kind: 'manager', refId: '7' } }), ['from.refId', 'from.name']],
      [api.asClient('x', { from: { kind: 'client', id: 'a' } }), ['from.id']],
      [api.asClient('x', { receiver: { name: 'Вера' } }), ['receiver']],
      [api.asClient('x', { content: { type: 'picture' } }), ['content.media']],
      [api.asClient('x', { content: { type: 'file', media: 'ftp://a/b' } }), ['content.media']],
      [api.asClient('x', { content: { type: 'location' } }), ['content.location']],
      [
        api.asClient('x', { content: { type: 'location', location: { latitude: 91 } } }),
        ['content.location.latitude', 'content.location.longitude'],
      ],
      [
        api.asClient('x', {
          content: { type: 'location', location: { latitude: '59.9', longitude: '30.3' } },
        }),
        ['content.location.latitude', 'content.location.longitude'],
      ],
      [api.asClient('\0'), ['content.text']],
      [api.asClient('x', { conversation: { address: null } }), ['conversation']],
      [api.asClient('x', { content: { type: 'contact', contact: {} } }), ['content.contact.name']],
      [api.asClient('x', { at: 'вчера' }), ['at']],
      [api.asClient('x', { at: new Date(Date.now() + 3_600_000).toISOString() }), ['at']],
      [api.asClient('x', { silent: 'yes' }), ['silent']],
      [api.asClient('x', { text: 'x' }), ['text']],
      [
        api.asClient('x', {
          content: { type: 'file', media: 'https://a.test/b', fileName: 'a', file_name: 'b' },
        }),
        ['fileName'],
      ],
      [api.asClient('x', { conversation: {} }), ['conversation']],
      [api.asClient('x', { conversation: { id: 'a', chatId: 'b' } }), ['conversation']],
      [
        api.asClient('x', { conversation: { address: '+', channel: '1' } }),
        ['conversation.address'],
      ],
      [api.asClient('x', { conversation: { address: VERA } }), ['conversation.channel']],
      [
        api.asClient('x', { conversation: { address: VERA, channel: 'a:b' } }),
        ['conversation.channel'],
      ],
    ];
    for (const [i, [body, fields]] of wrong.entries()) {
      const said = await api.post('/messages', body, `k-${i}`);
      expect([said.status, said.body['code']]).toEqual([400, 'invalid']);
      for (const field of fields) {
        expect(`; ${String(said.body['message'])}`).toContain(`; ${field}: `);
      }
    }
    for (const raw of ['{', '', '[]', '"x"']) {
      const said = await api.ask('POST', '/messages', undefined, { key: 'k', raw });
      expect([said.status, said.body['code']]).toEqual([400, raw === '{' ? 'not-json' : 'invalid']);
    }
    for (const depth of [6, 3_000, 100_000]) {
      const raw = JSON.stringify(api.asClient('@')).replace(
        '"@"',
        '['.repeat(depth) + ']'.repeat(depth),
      );
      expect(await api.ask('POST', '/messages', undefined, { key: 'k', raw })).toMatchObject({
        status: 400,
        body: { code: 'invalid', message: 'the body is nested too deeply' },
      });
    }
    const large = JSON.stringify(api.asClient('x'.repeat(1024 * 1024)));
    expect(await api.ask('POST', '/messages', undefined, { key: 'k', raw: large })).toMatchObject({
      status: 413,
      body: { code: 'too-large' },
    });
    expect(sandbox.requests('message')).toEqual([]);
  });

  it.each([
    ['fields', (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [i, 1]))],
    ['elements', (n: number) => Array(n).fill({})],
    ['lists', (n: number) => Array(n / 10).fill(Array(9).fill(0))],
  ])('refuses a body of many %s before it stops everybody else', async (_, many) => {
    await start();
    const beganMs = performance.now();
    for (const count of [1_010, 90_000]) {
      const said = await api.post('/messages', api.asClient('x', { content: many(count) }), 'k');
      expect(said).toMatchObject({
        status: 400,
        body: { code: 'invalid', message: 'the body has more than 1000 fields and elements' },
      });
    }
    expect(performance.now() - beganMs).toBeLessThan(2_000);
    const few = await api.post('/messages', api.asClient('x', { content: many(900) }), 'k');
    expect(few.body['message']).toContain('content');
  });

  it('takes null for what is left out', async () => {
    const { sandbox } = await start();
    const nulls = { line: null, at: null, receiver: null, silent: null };
    const conversation = { id: null, chatId: null, address: VERA, channel: '71844' };
    const beganMs = Date.now();
    const said = await api.post('/messages', api.asClient('x', { ...nulls, conversation }), 'k-1');
    expect(said.status).toBe(202);
    const message = await api.reached('x');
    expect(message.msecTimestamp).toBeGreaterThanOrEqual(beganMs);
    const status = { status: 'failed', errorCode: null };
    expect(await api.post('/messages/api:k-1/status', status)).toMatchObject({ status: 400 });
    expect(sandbox.violations).toEqual([]);
  });

  it.each(['sqlite', 'postgres'] as const)(
    'finds what was filed under odd characters, and nothing where there is nothing, on %s',
    async (store) => {
      const { sandbox } = await start({ store });
      const conversation = { address: 've\0ra-\ud800', channel: '71844' };
      const chat = await api.post('/chats', { ...conversation, name: 'Ве\0ра' }, 'k-1');
      expect(chat).toMatchObject({
        status: 201,
        body: { conversationId: 'edna:71844:vera-\ufffd' },
      });
      const message = api.asManager('x', { conversation });
      expect(await api.post('/messages', message, 'k-2')).toMatchObject({
        status: 202,
        body: { conversationId: chat.body['conversationId'] },
      });
      expect((await api.reached('x')).chat.id).toBe(chat.body['chatId']);
      const answers = [
        await api.get('/messages/a%00b'),
        await api.post('/messages/a%00b/status', { status: 'read' }),
        await api.post('/messages', api.asClient('x', { conversation: { chatId: '\0a' } }), 'k-3'),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
      expect(await api.get('/chats/a%00b/history')).toMatchObject({ body: { messages: [] } });
      expect(sandbox.violations).toEqual([]);
    },
  );

  it('says what it does not know', async () => {
    await start();
    const unknown: [string, object, string][] = [
      ['/messages', api.asClient('x', { line: 'other' }), 'line-unknown'],
      [
        '/messages',
        api.asClient('x', { conversation: { chatId: 'none' } }),
        'conversation-unknown',
      ],
      ['/messages', api.asClient('x', { conversation: { id: 'none' } }), 'conversation-unknown'],
      ['/chats', { address: VERA, channel: '71844', line: 'other' }, 'line-unknown'],
      ['/channels/other/connect', {}, 'line-unknown'],
      ['/channels/other/disconnect', {}, 'line-unknown'],
    ];
    for (const [i, [path, body, code]] of unknown.entries()) {
      expect(await api.post(path, body, `k-${i}`)).toMatchObject({ status: 404, body: { code } });
    }
    expect(await api.get('/messages/none')).toMatchObject({
      status: 404,
      body: { code: 'message-unknown' },
    });
    expect(await api.get('/chats/none/history?line=other')).toMatchObject({
      status: 404,
      body: { code: 'line-unknown' },
    });
    expect(await api.get('/nothing')).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it.each([
    [400, 422, 'amocrm-rejected'],
    [401, 502, 'amocrm-refused'],
    [403, 502, 'amocrm-refused'],
    [404, 409, 'channel-not-connected'],
    [429, 502, 'amocrm-busy'],
    [500, 502, 'amocrm-fault'],
  ])('passes on that amoCRM answered %d: %d %s', async (answered, status, code) => {
    const { sandbox } = await start();
    for (const endpoint of ['chats', 'history', 'connect', 'disconnect']) {
      sandbox.amojo.faults.add({ kind: 'answer', status: answered, endpoint });
    }
    const line = encodeURIComponent(sandbox.scopeId);
    const calls = [
      api.post('/chats', { address: VERA, channel: '71844' }, 'k'),
      api.get('/chats/none/history'),
      api.post(`/channels/${line}/disconnect`, {}),
      api.post(`/channels/${line}/connect`, {}),
    ];
    for (const said of await Promise.all(calls)) {
      expect(said).toMatchObject({ status, body: { code, message: expect.any(String) } });
    }
  });

  it('says that nobody knows by which channel a client answers whom a manager wrote first', async () => {
    const { sandbox } = await start({
      environment: { EDNA_SEND_PATH: '/api/messages/send' },
      sandbox: { edna: { simpleDialect: true } },
    });
    const { chat } = await sandbox.manager.writesFirst(VERA, 'Добрый день!');
    await sandbox.until(() => sandbox.client(VERA).addressed.length === 1);
    const inChat = { conversation: { chatId: chat.id } };
    expect(await api.post('/messages', api.asManager('x', inChat), 'k-1')).toMatchObject({
      status: 409,
      body: { code: 'channel-unknown' },
    });
    await api.post('/messages', api.asManager('по адресу'), 'k-2');
    expect((await api.reached('по адресу')).chat.id).toBe(chat.id);
    expect(sandbox.ledger()).toMatchObject({ violations: 0, chats: 1 });
  });

  it('stands in Swagger: every route, with the key, examples that it takes, and its refusals', async () => {
    const { sandbox } = await start();
    const { body } = await sandbox.post(`${bridge.url}/docs-json`, { method: 'GET' });
    const { paths } = JSON.parse(body.toString()) as { paths: Paths };
    const documented = Object.entries(paths)
      .filter(([path]) => path.startsWith('/api/v1'))
      .flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, it]) => ({ method, path, it })),
      );
    expect(documented).toHaveLength(ROUTES.length);
    for (const { method, it } of documented) {
      expect(it.security).toEqual([{ bearer: [] }]);
      expect(Object.keys(it.responses)).toEqual(expect.arrayContaining(['401', '503']));
      expect(it.responses['401']?.content['application/json']?.schema.example).toHaveProperty(
        'code',
      );
      const named = it.parameters.some(({ name }) => name === 'Idempotency-Key');
      expect(named).toBe(method === 'post');
    }
    const large = 'x'.repeat(1024 * 1024 + 1);
    for (const { path } of documented.filter(({ method }) => method === 'post')) {
      const at = path
        .replace('/api/v1', '')
        .replace(/\{\w+\}/, encodeURIComponent(sandbox.scopeId));
      const bodies = { messages: api.asClient('x'), chats: { address: VERA, channel: '71844' } };
      const body =
        Object.entries(bodies).find(([name]) => path.endsWith(name))?.[1] ??
        (path.endsWith('status') ? { status: 'read' } : { contactId: 1 });
      const refusals = [
        await api.ask('POST', at, body, { key: 'with blank' }),
        await api.ask('POST', at, undefined, { key: 'k', raw: large }),
      ];
      expect(refusals.map(({ status }) => status)).toEqual([400, 413]);
      for (const { status, body: said } of refusals) {
        const codes = paths[path]?.['post']?.responses[status]?.description.split(', ');
        expect([path, codes]).toEqual([path, expect.arrayContaining([said['code']])]);
      }
    }
    const { examples = {} } =
      paths['/api/v1/messages']!['post']!.requestBody!.content['application/json']!;
    await sandbox.client(VERA).writes('Здравствуйте');
    const { chat } = await api.reached('Здравствуйте');
    for (const [name, { value }] of Object.entries(examples)) {
      const text = JSON.stringify(value).replace('1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53', chat.id);
      const asked = { key: `example-${name}`, raw: text, token: ADMIN };
      expect(await api.ask('POST', '/messages', undefined, asked)).toMatchObject({ status: 202 });
    }
    expect(Object.keys(examples)).toEqual(['client', 'manager', 'bot']);
  });
});

interface Described {
  readonly description: string;
  readonly content: Readonly<
    Record<
      string,
      {
        readonly schema: { readonly example?: unknown };
        readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
      }
    >
  >;
}

type Paths = Readonly<
  Record<
    string,
    Readonly<
      Record<
        string,
        {
          readonly security: unknown;
          readonly parameters: readonly { readonly name: string }[];
          readonly responses: Readonly<Record<string, Described>>;
          readonly requestBody?: Described;
        }
      >
    >
  >
>;
