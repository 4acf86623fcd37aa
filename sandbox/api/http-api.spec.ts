import { serveApi, type HttpApi } from './http-api.ts';
import { parseJson } from '../json.ts';
import { NaiveRelay } from '../naive-relay.ts';
import { startSandbox, type Sandbox } from '../sandbox.ts';
import { StandInBridge } from '../stand-in-bridge.ts';

let sandbox: Sandbox;
let bridge: StandInBridge;
let api: HttpApi;

beforeEach(async () => {
  sandbox = await startSandbox({ amojo: { connected: true } });
  bridge = new StandInBridge(sandbox);
  await bridge.listen();
  new NaiveRelay(bridge);
  api = await serveApi(sandbox, 0, '127.0.0.1');
});

afterEach(async () => {
  await api.close();
  await sandbox.close();
  await bridge.close();
});

async function call(method: string, path: string, body?: object) {
  const { status, body: answer } = await sandbox.post(`${api.url}${path}`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: body === undefined ? '' : JSON.stringify(body),
  });
  return { status, json: parseJson(answer.toString('utf8')) };
}

const bridgeUrl = () => String(sandbox.webhooks.edna).replace('/webhooks/edna', '');
const PHONE = '79995550142';
const clientWrites = (body: object) => call('POST', `/client/${PHONE}/messages?name=Vera`, body);

describe('the HTTP API', () => {
  it('lets a client and a manager talk, and shows what each of them sees', async () => {
    expect(await clientWrites({ text: 'Есть в наличии?' })).toMatchObject({
      status: 201,
      json: { callback: { state: 'taken' } },
    });
    expect((await call('GET', '/manager/chats')).json).toMatchObject([
      { address: PHONE, hasLead: true, messages: [{ from: 'client', text: 'Есть в наличии?' }] },
    ]);
    const answer = await call('POST', `/manager/chats/${PHONE}/messages`, { text: 'Да' });
    expect(answer).toMatchObject({
      status: 201,
      json: { from: 'manager', hook: { state: 'taken' } },
    });
    await sandbox.until(() => sandbox.chat(PHONE).messages.at(-1)?.tick.state === 'read');
    expect((await call('GET', `/client/${PHONE}`)).json).toMatchObject({
      messages: [
        { from: 'client', content: { text: 'Есть в наличии?' } },
        { from: 'business', text: 'Да', status: 'READ' },
      ],
    });
    expect((await call('GET', '/clients')).json).toHaveLength(1);
    const chats = (await call('GET', '/manager/chats')).json;
    expect(chats).toMatchObject([{ messages: [{}, { tick: { state: 'read' } }] }]);
    expect((await call('GET', '/ledger')).json).toEqual(sandbox.ledger());
  });

  it('carries files and shows them without their bytes', async () => {
    await clientWrites({ type: 'IMAGE', caption: 'Вот' });
    await sandbox.until(() => sandbox.chat(PHONE).messages[0]?.file);
    expect((await call('GET', '/manager/chats')).json).toMatchObject([
      { messages: [{ type: 'picture', text: 'Вот', file: { contentType: 'image/png' } }] },
    ]);
  });

  it('writes first', async () => {
    const body = { phone: PHONE, name: 'Иван', text: 'Добрый день!' };
    expect(await call('POST', '/manager/write-first', body)).toMatchObject({ status: 201 });
    expect(sandbox.chats).toMatchObject([{ isWriteFirst: true, client: { name: 'Иван' } }]);
  });

  it('switches the integration of an account, and says what its hooks were answered', async () => {
    sandbox.change({ amojo: { disableHookUrl: 'http://hooks.invalid/off' } });
    expect((await call('POST', '/integration/off')).json).toEqual({
      error: expect.stringContaining('only loopback'),
    });
    expect(sandbox.amojo.isConnected).toBe(false);
    expect((await call('POST', '/integration/on')).status).toBe(204);
    const { redirectUri } = sandbox.amojo.settings;
    sandbox.amojo.settings.redirectUri = `${bridgeUrl()}/oauth/amocrm/callback`;
    expect((await call('POST', '/integration/install')).json).toMatchObject({ status: 200 });
    expect(bridge.posted.at(-1)?.path).toMatch(
      /^\/oauth\/amocrm\/callback\?code=def502\w+&referer=127\.0\.0\.1%3A\d+&platform=1&from_widget=1$/,
    );
    sandbox.amojo.settings.redirectUri = redirectUri;
    expect((await call('POST', '/integration/sell')).status).toBe(404);
  });

  it('switches faults, and shows requests and violations', async () => {
    const rule = { twin: 'amojo', kind: 'hold', endpoint: 'message', times: 1 };
    const { json } = await call('POST', '/faults', rule);
    const { id } = json as { id: number };
    const writing = clientWrites({ text: 'x' });
    await sandbox.until(() => sandbox.requests('message').length === 1);
    await call('POST', '/faults', { twin: 'edna', kind: 'answer', status: 500 });
    expect((await call('GET', '/faults')).json).toHaveLength(1);
    expect((await call('POST', `/faults/amojo/${id}/release`)).status).toBe(204);
    expect((await writing).status).toBe(201);
    expect((await call('DELETE', '/faults')).status).toBe(204);
    expect((await call('GET', '/faults')).json).toEqual([]);
    expect((await call('GET', '/requests?endpoint=message')).json).toMatchObject([
      { platform: 'amojo', fault: 'hold', body: { event_type: 'new_message' } },
    ]);
    expect((await call('GET', '/ledger/violations')).json).toEqual([]);
  });

  it('changes settings and statuses', async () => {
    await call('PATCH', '/settings', { edna: { statuses: 'manual' } });
    await clientWrites({ text: 'x' });
    await call('POST', `/manager/chats/${PHONE}/messages`, { text: 'Да' });
    const [message] = sandbox.edna.messages;
    const path = `/edna/messages/${message?.messageId}/status`;
    expect((await call('POST', path, { status: 'DELIVERED' })).json).toMatchObject({
      state: 'taken',
    });
    expect(sandbox.chat(PHONE).messages.at(-1)?.tick).toEqual({ state: 'delivered' });
    const settings = (await call('GET', '/settings')).json;
    expect(settings).toMatchObject({ edna: { statuses: 'manual' } });
  });

  it('takes files from both sides, and serves what was sent', async () => {
    const data = Buffer.from('%PDF-1.4 prices').toString('base64');
    const file = { name: 'цены.pdf', data };
    await call('POST', `/client/${PHONE}/messages`, { type: 'DOCUMENT', file });
    await sandbox.until(() => sandbox.chat(PHONE).messages[0]?.file);
    await call('POST', `/manager/chats/${PHONE}/messages`, { type: 'file', text: 'Вот', file });
    const [received, answer] = sandbox.chat(PHONE).messages;
    expect(received?.file?.bytes.toString()).toBe('%PDF-1.4 prices');
    expect(answer).toMatchObject({ fileName: 'цены.pdf', fileSize: 15 });
    const served = await sandbox.post(`${api.url}/sent/${received?.file?.sha1}`, { method: 'GET' });
    expect(served.body.toString()).toBe('%PDF-1.4 prices');
    expect(served.headers?.['content-type']).toBe('application/pdf');
    expect((await call('GET', '/sent/none')).status).toBe(404);
  });

  it('tells all that the page shows', async () => {
    await clientWrites({ text: 'Есть?' });
    await call('POST', '/manager/chats/' + PHONE + '/messages', { text: 'Да' });
    await sandbox.until(() => sandbox.chat(PHONE).messages[1]?.tick.state === 'read');
    const { json } = await call('GET', '/state');
    expect(json).toMatchObject({
      isConnected: true,
      clients: [{ address: PHONE, messages: [{ from: 'client' }, { text: 'Да' }] }],
      chats: [{ messages: [{ text: 'Есть?' }, { tick: { state: 'read' } }] }],
      faults: [],
      ledger: { violations: 0 },
      violations: [],
    });
    const { traffic } = json as { traffic: object[] };
    expect(traffic.slice(0, 3)).toMatchObject([
      { from: 'edna', to: 'bridge', what: 'incoming', text: 'Есть?', status: 200, state: 'taken' },
      { from: 'bridge', to: 'amocrm', what: 'message', text: 'Есть?', status: 200 },
      { from: 'amocrm', to: 'bridge', what: 'hook', text: 'Да', status: 200 },
    ]);
  });

  it('streams it anew after a change', async () => {
    const response = await fetch(`${api.url}/events`);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = response.body?.getReader();
    const read = async (): Promise<string> =>
      Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(await read()).toContain('"chats":[]');
    await clientWrites({ text: 'Есть?' });
    let seen = '';
    while (!seen.includes('"text":"Есть?"')) seen += await read();
    await reader?.cancel();
  });

  it('gives a browser the page, which may load nothing from elsewhere', async () => {
    const page = await sandbox.post(`${api.url}/`, {
      method: 'GET',
      headers: { Accept: 'text/html,*/*' },
    });
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'self'"),
    });
    expect((await call('GET', '/')).json).toHaveProperty('GET /ledger');
  });

  it('lets no page from elsewhere in, by origin or by a name that leads here', async () => {
    const text = JSON.stringify({ text: 'x' });
    const post = (headers: Record<string, string>) =>
      sandbox.post(`${api.url}/client/${PHONE}/messages`, {
        headers: { 'Content-Type': 'application/json', ...headers },
        body: text,
      });
    const { host } = new URL(api.url);
    expect(await post({ Origin: 'https://evil.example' })).toMatchObject({ status: 403 });
    expect(await post({ Host: 'evil.example' })).toMatchObject({ status: 403 });
    expect(await post({ 'Sec-Fetch-Site': 'cross-site' })).toMatchObject({ status: 403 });
    expect(await post({ Origin: api.url, Host: host })).toMatchObject({ status: 201 });
    expect(await post({ 'Sec-Fetch-Site': 'same-origin' })).toMatchObject({ status: 201 });
    expect(sandbox.client(PHONE).wrote).toHaveLength(2);
  });

  it('makes no client of a question', async () => {
    expect((await call('GET', '/client/79990000001')).status).toBe(404);
    expect((await call('GET', '/clients')).json).toEqual([]);
  });

  it('shows a phone in the order of writing, whatever became of the callbacks', async () => {
    await clientWrites({ text: 'one' });
    sandbox.edna.faults.add({ kind: 'lose', times: 1, endpoint: 'incoming' });
    await clientWrites({ text: 'lost' });
    await clientWrites({ text: 'three' });
    const { json } = await call('GET', `/client/${PHONE}`);
    const { messages } = json as { messages: { content?: { text: string } }[] };
    expect(messages.map(({ content }) => content?.text)).toEqual(['one', 'lost', 'three']);
  });

  it('says where the webhooks are to be posted', async () => {
    const { json } = await call('POST', '/point-at', { bridge: 'http://127.0.0.1:9' });
    expect(json).toEqual({
      edna: 'http://127.0.0.1:9/webhooks/edna',
      amocrm: 'http://127.0.0.1:9/webhooks/amocrm/:scope_id',
    });
  });

  it.each([
    [400, 'POST', `/client/${PHONE}/messages`, {}],
    [400, 'POST', '/manager/write-first', { text: 'x' }],
    [400, 'POST', '/faults', { kind: 'hold' }],
    [400, 'POST', '/faults', { twin: 'edna', kind: 'explode' }],
    [400, 'POST', '/faults', { twin: 'edna', kind: 'answer' }],
    [400, 'POST', '/faults', { twin: 'edna', kind: 'lose', endpont: 'status' }],
    [400, 'PATCH', '/settings', { edna: { statusses: 'manual' } }],
    [400, 'POST', '/faults', { twin: 'edna', kind: 'hold', endpoint: 'mesage' }],
    [400, 'PATCH', '/settings', { amojo: 1 }],
    [400, 'POST', `/client/${PHONE}/messages?form=new`, { text: 'x' }],
    [400, 'POST', `/client/${PHONE}/messages?channel=none`, { text: 'x' }],
    [400, 'POST', `/client/${PHONE}/messages`, { type: 'IMAGE', file: { name: 'x.png' } }],
    [404, 'POST', '/manager/messages/none/reaction', { emoji: '👍' }],
    [404, 'POST', '/manager/chats/nobody/messages', { text: 'x' }],
    [404, 'POST', '/edna/messages/1/status', { status: 'READ' }],
    [400, 'POST', '/client/%zz/messages', { text: 'x' }],
    [
      400,
      'POST',
      `/client/${PHONE}/messages`,
      { type: 'IMAGE', file: { name: '\ud800.png', data: '' } },
    ],
    [400, 'POST', '/faults', { twin: 'edna', kind: 'answer', status: 100 }],
    [400, 'PATCH', '/settings', { edna: { toString: 1 } }],
    [400, 'PATCH', '/settings', { edna: { resendAfterSeconds: null } }],
    [400, 'POST', '/point-at', { bridge: 'localhost:8000' }],
    [400, 'POST', '/point-at', { edna: 'http://127.0.0.1:1/', amocrm: 'ftp://127.0.0.1/' }],
    [400, 'POST', '/point-at', { bridge: 5 }],
    [404, 'GET', '/nothing', undefined],
  ])('answers %i to %s %s %j', async (status, method, path, body) => {
    expect(await call(method, path, body)).toMatchObject({
      status,
      json: { code: expect.any(String) },
    });
  });

  it.each<Record<string, string>>([
    { 'Content-Type': 'application/json; charset=foo' },
    { 'Content-Type': 'application/json', 'Content-Encoding': 'foo' },
  ])('answers 400 to a body it cannot read: %j', async (headers) => {
    const { status } = await sandbox.post(`${api.url}/faults`, { headers, body: '{}' });
    expect(status).toBe(400);
  });

  it('answers 400 where a client has no channel to write to', async () => {
    sandbox.edna.settings.channels = [];
    expect((await clientWrites({ text: 'x' })).status).toBe(400);
  });

  it('lets an administrator ask for approval, and WhatsApp decide', async () => {
    const { sources, templates } = sandbox.amojo.crm();
    const services = [{ type: 'whatsapp', params: { waba: true } }];
    const source = sources.add({ name: 'WA', externalId: 'pulse-wa-main', services });
    const { id } = templates.add({ name: 'a', content: 'b', type: 'waba' });
    expect(await call('POST', `/admin/templates/${id}/review`)).toMatchObject({
      status: 201,
      json: [{ sourceId: source.id, status: 'review' }],
    });
    expect((await call('POST', '/admin/templates/1/review')).status).toBe(404);
    const decision = { status: 'REJECTED', rejectReason: 'No greeting' };
    expect((await call('POST', '/edna/templates/31012/status', decision)).json).toMatchObject({
      endpoint: 'template',
      state: 'taken',
    });
    expect(bridge.posted.at(-1)?.body).toMatchObject([{ id: 31_012, ...decision }]);
    expect((await call('POST', '/edna/templates/31012/status', { status: 'x' })).status).toBe(400);
    expect((await call('POST', '/edna/templates/1/status', decision)).status).toBe(404);
  });

  it('shows a request whose JSON is nested too deep to be written again', async () => {
    const deep = '['.repeat(20_000) + ']'.repeat(20_000);
    await bridge.edna('/api/cascade/schedule', deep);
    expect((await call('GET', '/requests')).json).toMatchObject([{ body: deep }]);
  });

  it('goes on after a state that could not be told', async () => {
    const told: string[] = [];
    const write = process.stderr.write.bind(process.stderr);
    const hasTold = new Promise<void>((resolve) => {
      process.stderr.write = (text: string | Uint8Array) => {
        resolve();
        return told.push(String(text)) > 0;
      };
    });
    try {
      const response = await fetch(`${api.url}/events`);
      const reader = response.body?.getReader();
      const { channels } = sandbox.edna.settings;
      sandbox.edna.settings.channels = undefined as never;
      sandbox.edna.faults.add({ kind: 'answer', status: 500, text: 'while it fails' });
      expect((await call('GET', '/state')).status).toBe(500);
      await hasTold;
      sandbox.edna.settings.channels = channels;
      sandbox.edna.faults.add({ kind: 'answer', status: 500, text: 'once it works' });
      let seen = '';
      while (!seen.includes('once it works')) {
        seen += Buffer.from((await reader?.read())?.value ?? []).toString();
      }
      await reader?.cancel();
      expect(told).toHaveLength(1);
    } finally {
      process.stderr.write = write;
    }
  });
});
