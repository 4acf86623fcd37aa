import { startSandbox, type Sandbox, type SandboxOptions } from '../sandbox/sandbox.ts';
import { ADMIN_TOKEN, Bridge, type BridgeOptions } from './bridge.js';
import { lineAt, linesFile, numbers, OTHER_COMPANY } from './lines.js';

const VERA = '79995550142';
const IVAN = '79995550177';
const KEPT = { violations: 0, doubled: 0, outOfOrder: 0, statusBackwards: 0, missing: 0 };

let bridge: Bridge;

async function start(
  lines: NonNullable<BridgeOptions['lines']>,
  sandbox: SandboxOptions = {},
  others: readonly Sandbox[] = [],
): Promise<Sandbox> {
  bridge = await Bridge.start({ lines, sandbox, others });
  return bridge.sandbox;
}

afterEach(() => bridge.stop());

async function asked<T>(path: string, method = 'GET'): Promise<T> {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  const { body } = await bridge.sandbox.post(`${bridge.url}${path}`, { method, headers });
  return JSON.parse(body.toString()) as T;
}

interface Entry {
  readonly id: number;
  readonly reason: string;
  readonly opened?: readonly string[];
}
const kept = async () => (await asked<{ entries: Entry[] }>('/admin/quarantine')).entries;
const replay = (entry: Entry | undefined) =>
  asked<{ became: string }>(`/admin/quarantine/${entry?.id}/replay`, 'POST');
const warnings = async () => (await asked<{ warnings: string[] }>('/health/ready')).warnings;
const textsIn = (sandbox: Sandbox, key: string) =>
  sandbox.chat(key).messages.map(({ text }) => text);
const textsThrough = (sandbox: Sandbox, channel: number, address = VERA) =>
  sandbox
    .client(address)
    .sees.filter((one) => one.channel.subjectId === channel)
    .map(({ content }) => content.text);

describe('a line that is missing', () => {
  const SECOND = '1b7e0c25-93d4-4a6f-8e50-2f6c9d3a7b18';
  const ACCOUNTS = {
    edna: numbers(71844, 71845),
    amojo: {
      connected: true,
      moreAccounts: [
        { accountId: SECOND, accountNumber: 77, subdomain: 'second', restToken: 'second-token' },
      ],
    },
  };
  const first = (sandbox: Sandbox) => lineAt(sandbox, { edna: { channels: [71844] } });
  const second = (sandbox: Sandbox) =>
    lineAt(sandbox, { edna: { channels: [71845] }, amocrm: { account_id: SECOND } });

  it('has its hooks and posts kept, and gets them once it is there', async () => {
    const sandbox = await start((one) => linesFile(first(one)), ACCOUNTS);
    const hello = await sandbox.manager.writesFirst(VERA, 'Из второго', { accountId: SECOND });
    await sandbox.client(IVAN).writes('Во второй', { channel: 'wa_71845' });
    expect(await kept()).toMatchObject([{ reason: 'no-line' }, { reason: 'no-line' }]);
    expect(await replay((await kept())[0])).toMatchObject({ became: 'quarantined' });

    await bridge.reload(linesFile(first(sandbox), second(sandbox)));
    for (const entry of await kept()) expect(await replay(entry)).toEqual({ became: 'new' });
    await sandbox.until(() => hello.tick.state === 'read');
    await sandbox.until(() => sandbox.chat(`edna:71845:${IVAN}`).messages.length === 1);
    expect(textsThrough(sandbox, 71845)).toEqual(['Из второго']);
    expect(sandbox.chat(`edna:71845:${IVAN}`).scopeId).toContain(SECOND);
    expect(await kept()).toEqual([]);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 2 });
  });

  it('while its messages wait loses none: readiness names it, and they go on when it is back', async () => {
    const sandbox = await start((one) => linesFile(first(one), second(one)), ACCOUNTS);
    const chat = `edna:71845:${VERA}`;
    await sandbox.client(VERA).writes('Здравствуйте', { channel: 'wa_71845' });
    await sandbox.until(() => sandbox.chat(chat).messages.length === 1);
    const away = [
      sandbox.amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'message' }),
      sandbox.edna.faults.add({ kind: 'answer', status: 503, endpoint: 'schedule' }),
    ];
    await sandbox.client(VERA).writes('Есть?', { channel: 'wa_71845' });
    const answer = await sandbox.manager.writes(chat, 'Есть');
    await Promise.all(away.map((fault) => fault.caught()));

    await bridge.reload(linesFile(first(sandbox)));
    for (const fault of away) fault.clear();
    await sandbox.client(IVAN).writes('А первая работает?', { channel: 'wa_71844' });
    await sandbox.until(() => sandbox.chat(`edna:71844:${IVAN}`).messages.length === 1);
    expect(await warnings()).toEqual([
      expect.stringMatching(
        new RegExp(`^messages of .*${SECOND} wait, which is no line any more$`),
      ),
    ]);
    expect(textsIn(sandbox, chat)).toEqual(['Здравствуйте', 'Есть']);
    expect(textsThrough(sandbox, 71845)).toEqual([]);

    await bridge.reload(linesFile(first(sandbox), second(sandbox)));
    await sandbox.until(() => answer.tick.state === 'read');
    await sandbox.until(() => sandbox.chat(chat).messages.length === 3);
    expect(await warnings()).toEqual([]);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 2 });
  });

  it('with keys of its own loses nothing of what still comes, and opens nothing of another company', async () => {
    const zeta = await startSandbox({
      ...OTHER_COMPANY,
      amojo: { ...OTHER_COMPANY.amojo, connected: true },
    });
    const theirs = lineAt(zeta, { edna: { channels: [82001] } });
    const acme = await start(
      (one) => linesFile(first(one), theirs),
      { amojo: { connected: true } },
      [zeta],
    );
    await zeta.client(VERA).writes('Есть?');
    await zeta.until(() => zeta.chat(VERA).messages.length === 1);

    await bridge.reload(linesFile(first(acme)));
    const { hook } = zeta.manager.prepares(VERA, 'Есть');
    expect((await zeta.postAsAmocrm(hook.raw, hook.headers)).status).toBe(200);
    await zeta.client(VERA).writes('Жду');
    // Of the channel of the line that stays, with the token of the one that does not.
    const forged = acme.client(IVAN).prepares('Forged').callback;
    const headers = {
      ...forged.headers,
      Authorization: `Token ${zeta.edna.settings.webhookToken}`,
    };
    const posted = await acme.post(forged.url ?? '', { headers, body: forged.raw });
    expect(posted.status).toBe(200);
    const opened = [zeta.scopeId];
    expect(await kept()).toMatchObject([
      { reason: 'wrong-secret', opened },
      { reason: 'no-line', opened },
      { reason: 'no-line', opened },
    ]);
    expect(acme.chats).toEqual([]);

    await bridge.reload(linesFile(first(acme), theirs));
    const [last, question, answer] = await kept();
    expect(await replay(answer)).toEqual({ became: 'new' });
    expect(await replay(question)).toEqual({ became: 'new' });
    expect(await replay(last)).toEqual({ became: 'quarantined', reason: 'wrong-secret' });
    await zeta.until(() => textsThrough(zeta, 82001).length === 1);
    await zeta.until(() => textsIn(zeta, VERA).includes('Жду'));
    expect(textsThrough(zeta, 82001)).toEqual(['Есть']);
    expect(acme.chats).toEqual([]);
  });

  it('and that another may have as a copy: both accounts see what the client writes, each answers', async () => {
    const sandbox = await start(
      (one) =>
        linesFile(
          first(one),
          lineAt(one, { edna: { channels: [71844] }, amocrm: { account_id: SECOND }, copy: true }),
        ),
      ACCOUNTS,
    );
    const { message, callback } = sandbox.client(VERA).prepares('Есть?');
    for (let times = 0; times < 2; times += 1) {
      await sandbox.post(callback.url ?? '', { headers: callback.headers, body: callback.raw });
    }
    expect(message.text).toBe('Есть?');
    await sandbox.until(() => sandbox.chats.length === 2);
    const [one, other] = sandbox.chats;
    expect(one?.scopeId).not.toBe(other?.scopeId);
    const answers = [
      await sandbox.manager.writes(one!, 'Есть у первых'),
      await sandbox.manager.writes(other!, 'Есть у вторых'),
    ];
    await sandbox.until(() => answers.every(({ tick }) => tick.state === 'read'));
    expect(textsThrough(sandbox, 71844).toSorted((a, b) => (a! < b! ? -1 : 1))).toEqual([
      'Есть у вторых',
      'Есть у первых',
    ]);
    expect(sandbox.chats.map(({ messages }) => messages.length)).toEqual([2, 2]);
    expect(sandbox.violations).toEqual([]);
  });
});

describe('a token', () => {
  it('of one company cannot post for a channel of another', async () => {
    const zeta = await startSandbox({
      ...OTHER_COMPANY,
      amojo: { ...OTHER_COMPANY.amojo, connected: true },
    });
    const acme = await start(
      (one) =>
        linesFile(
          lineAt(one, { edna: { channels: [71844] } }),
          lineAt(zeta, { edna: { channels: [82001] } }),
        ),
      { amojo: { connected: true } },
      [zeta],
    );
    const { callback } = zeta.client(VERA).prepares('Forged');
    const post = (token: string) =>
      acme.post(callback.url ?? '', {
        headers: { ...callback.headers, Authorization: `Token ${token}` },
        body: callback.raw,
      });
    expect((await post('nobodys')).status).toBe(401);
    expect((await post(acme.edna.settings.webhookToken)).status).toBe(200);
    const [entry] = await kept();
    expect(entry).toMatchObject({ reason: 'wrong-secret', opened: [acme.scopeId] });
    // An operator who has it filed again may not be fooled either.
    expect(await replay(entry)).toEqual({ became: 'quarantined', reason: 'wrong-secret' });
    await zeta.client(VERA).writes('Genuine');
    await zeta.until(() => zeta.chat(VERA).messages.length === 1);
    expect(textsIn(zeta, VERA)).toEqual(['Genuine']);
    expect(acme.chats).toEqual([]);
  });
});

describe('a channel that takes the place of another', () => {
  const TWO = { edna: numbers(71844, 71845), amojo: { connected: true } };
  const before = (one: Sandbox) => linesFile(lineAt(one, { edna: { channels: [71844, 71845] } }));
  const after = (one: Sandbox) =>
    linesFile(lineAt(one, { edna: { channels: [71845] }, aliases: { 71845: 71844 } }));

  it('keeps its chats under the ids they were born with, and answers in them leave through it', async () => {
    const sandbox = await start(
      (one) => linesFile(lineAt(one, { edna: { channels: [71844] } })),
      TWO,
    );
    await sandbox.client(VERA).writes('Через старый', { channel: 'wa_71844' });
    await sandbox.until(() => sandbox.chat(VERA).messages.length === 1);
    await bridge.reload(after(sandbox));

    const answer = await sandbox.manager.writes(VERA, 'Уже через новый');
    await sandbox.until(() => answer.tick.state === 'read');
    await sandbox.client(VERA).writes('Через новый', { channel: 'wa_71845' });
    await sandbox.until(() => sandbox.chat(VERA).messages.length === 3);
    await sandbox.manager.writes(VERA, 'И снова');
    await sandbox.until(() => textsThrough(sandbox, 71845).length === 2);
    expect(textsThrough(sandbox, 71845)).toEqual(['Уже через новый', 'И снова']);
    expect(sandbox.chat(VERA).clientId).toBe(`edna:71844:${VERA}`);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1, leads: 1 });
  });

  it('leaves a client who wrote through both his two chats', async () => {
    const sandbox = await start(before, TWO);
    await sandbox.client(VERA).writes('Через старый', { channel: 'wa_71844' });
    await sandbox.client(VERA).writes('Через новый', { channel: 'wa_71845' });
    await sandbox.until(() => sandbox.ledger().seenByManagers === 2);
    await bridge.reload(after(sandbox));
    const answers = [
      await sandbox.manager.writes(`edna:71844:${VERA}`, 'В старый чат'),
      await sandbox.manager.writes(`edna:71845:${VERA}`, 'В новый чат'),
    ];
    await sandbox.until(() => answers.every(({ tick }) => tick.state === 'read'));
    await sandbox.client(VERA).writes('Ещё', { channel: 'wa_71845' });
    await sandbox.until(() => sandbox.ledger().missing === 0);
    expect(textsThrough(sandbox, 71845).toSorted((a, b) => (a! < b! ? -1 : 1))).toEqual([
      'В новый чат',
      'В старый чат',
    ]);
    expect(textsIn(sandbox, `edna:71844:${VERA}`)).toEqual(['Через старый', 'В старый чат']);
    expect(textsIn(sandbox, `edna:71845:${VERA}`)).toEqual(['Через новый', 'В новый чат', 'Ещё']);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 2, leads: 2 });
  });

  it('takes what comes late by the old one into the same chat, in one lane', async () => {
    const sandbox = await start(
      (one) => linesFile(lineAt(one, { edna: { channels: [71844] } })),
      TWO,
    );
    await sandbox.client(VERA).writes('раз', { channel: 'wa_71844' });
    await sandbox.until(() => sandbox.chat(VERA).messages.length === 1);
    await bridge.reload(after(sandbox));
    await sandbox.client(VERA).writes('два', { channel: 'wa_71845' });
    await sandbox.until(() => sandbox.chat(VERA).messages.length === 2);
    const slow = sandbox.amojo.faults.add({ kind: 'hold', endpoint: 'message', times: 1 });
    await sandbox.client(VERA).writes('три', { channel: 'wa_71844' });
    await slow.caught();
    await sandbox.client(VERA).writes('четыре', { channel: 'wa_71845' });
    slow.clear();
    await sandbox.until(() => sandbox.chat(VERA).messages.length === 4);
    expect(textsIn(sandbox, VERA)).toEqual(['раз', 'два', 'три', 'четыре']);
    const answer = await sandbox.manager.writes(VERA, 'четыре слышу');
    await sandbox.until(() => answer.tick.state === 'read');
    expect(textsThrough(sandbox, 71845)).toEqual(['четыре слышу']);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1, leads: 1 });
  });
});

describe('during a change of secrets', () => {
  it('hooks, posts and media links of the old ones are taken beside those of the new', async () => {
    const sandbox = await start((one) => linesFile(lineAt(one)), { amojo: { connected: true } });
    await bridge.restart({ PUBLIC_URL: bridge.url });
    const { amojo, edna } = sandbox;
    const old = { secret: amojo.settings.channelSecret, token: edna.settings.webhookToken };
    await sandbox.client(VERA).writes({ type: 'IMAGE', caption: 'Такой' });
    await sandbox.until(() => sandbox.chat(VERA).messages.length === 1);
    const answer = await sandbox.manager.writes(VERA, { type: 'file', fileName: 'price' });
    const through = await sandbox.until(() => sandbox.client(VERA).sees[0]?.content.attachment);
    await sandbox.until(() => answer.tick.state === 'read');
    const link = through?.url ?? '';
    expect(link).toContain(`${bridge.url}/media/`);
    expect((await sandbox.post(link, { method: 'GET' })).status).toBe(200);

    const both = (one: Sandbox) =>
      lineAt(one, {
        edna: { webhook_token: ['new-token', old.token] },
        amocrm: { channel_secret: ['new-secret', old.secret] },
      });
    // What we send is signed with the new one from here on, so amoCRM has to know it.
    sandbox.change({ amojo: { channelSecret: 'new-secret' } });
    await bridge.reload(linesFile(both(sandbox)));
    expect((await sandbox.post(link, { method: 'GET' })).status).toBe(200);
    await sandbox.client(VERA).writes('старый ключ');
    await sandbox.until(() => sandbox.chat(VERA).messages.length === 3);
    sandbox.change({ edna: { webhookToken: 'new-token' } });
    await sandbox.client(VERA).writes('новый ключ');
    await sandbox.until(() => sandbox.chat(VERA).messages.length === 4);

    sandbox.change({ amojo: { channelSecret: old.secret } });
    const { hook } = sandbox.manager.prepares(VERA, 'старая подпись');
    sandbox.change({ amojo: { channelSecret: 'new-secret' } });
    expect((await sandbox.postAsAmocrm(hook.raw, hook.headers)).status).toBe(200);
    await sandbox.manager.writes(VERA, 'новая подпись');
    await sandbox.until(() => sandbox.client(VERA).sees.length === 3);
    expect(
      sandbox
        .client(VERA)
        .sees.map(({ content }) => content.text)
        .slice(1),
    ).toEqual(['старая подпись', 'новая подпись']);

    await bridge.reload(linesFile(lineAt(sandbox, { edna: { webhook_token: 'new-token' } })));
    const late = await sandbox.postAsAmocrm(hook.raw, hook.headers);
    expect(late.status).toBe(401);
    expect((await sandbox.post(link, { method: 'GET' })).status).toBe(404);
  });
});

describe('an account that is looked up', () => {
  it('is asked of each line’s own amoCRM, once for each, and remembered while that is away', async () => {
    const zeta = await startSandbox({
      ...OTHER_COMPANY,
      amojo: { ...OTHER_COMPANY.amojo, connected: true },
    });
    const byRest = (one: Sandbox, edna: object, source?: string) =>
      lineAt(one, {
        edna,
        amocrm: {
          account_id: undefined,
          base_url: one.amojo.server.url,
          token: one.amojo.settings.restToken,
          source,
        },
      });
    const lines = (one: Sandbox) =>
      linesFile(
        byRest(one, { channels: [71844] }, 'one'),
        byRest(one, { channels: [71845] }, 'two'),
        byRest(zeta, { channels: [82001] }),
      );
    const acme = await start(lines, { edna: numbers(71844, 71845), amojo: { connected: true } }, [
      zeta,
    ]);
    expect(acme.requests('account')).toHaveLength(1);
    expect(zeta.requests('account')).toHaveLength(1);
    await acme.client(VERA).writes('Есть?', { channel: 'wa_71845' });
    await zeta.client(VERA).writes('Anybody?');
    await acme.until(() => acme.chat(VERA).messages.length === 1);
    await zeta.until(() => zeta.chat(VERA).messages.length === 1);

    zeta.amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'account' });
    await bridge.reload(lines(acme));
    await zeta.client(VERA).writes('Still there?');
    await zeta.until(() => zeta.chat(VERA).messages.length === 2);
  });
});

describe('ids in capitals', () => {
  const inCapitals = (sandbox: Sandbox) => {
    const ids = sandbox.environment();
    return lineAt(sandbox, {
      amocrm: {
        channel_id: ids['AMOCRM_CHANNEL_ID']?.toUpperCase(),
        account_id: ids['AMOCRM_ACCOUNT_ID']?.toUpperCase(),
        source: 'Main',
      },
    });
  };

  it('are the same line: it has its chats, and what waits in them', async () => {
    const small = (one: Sandbox) => linesFile(lineAt(one, { amocrm: { source: 'Main' } }));
    const sandbox = await start(small, { amojo: { connected: true } });
    await sandbox.client(VERA).writes('Раз');
    await sandbox.until(() => sandbox.chat(VERA).messages.length === 1);
    sandbox.amojo.faults.add({ kind: 'answer', status: 503, endpoint: 'message' });
    await sandbox.client(VERA).writes('Два');
    await bridge.reload(linesFile(inCapitals(sandbox)));
    sandbox.amojo.faults.clear();
    expect(await warnings()).toEqual([]);
    await sandbox.until(() => sandbox.chat(VERA).messages.length === 2);
    await sandbox.manager.writes(VERA, 'Три');
    await sandbox.until(() => textsThrough(sandbox, 71844).length === 1);
    expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1 });
  });

  it.each(['sqlite', 'postgres'] as const)(
    'from before an update are found in a journal on %s: chats, what waits, and its marks',
    async (store) => {
      bridge = await Bridge.start({
        store,
        lines: (one) => linesFile(inCapitals(one)),
        sandbox: { amojo: { connected: true } },
      });
      const { sandbox } = bridge;
      await sandbox.client(VERA).writes('Раз');
      await sandbox.until(() => sandbox.chat(VERA).messages.length === 1);
      sandbox.edna.faults.add({ kind: 'answer', status: 503, endpoint: 'schedule' });
      sandbox.edna.faults.add({ kind: 'answer', status: 503, endpoint: 'send' });
      const waits = await sandbox.manager.writes(VERA, 'Два');
      await bridge.pause();
      const scope = sandbox.scopeId;
      const was = (column: string) =>
        `${column} = replace(${column}, '${scope}', '${scope.toUpperCase()}')`;
      await bridge.change(`update message set ${was('line')}, ${was('source_id')}`, 2);
      await bridge.change(`update conversation set ${was('line')}`, 1);
      await bridge.change(`update lane set ${was('line')}`, 2);
      await bridge.change(
        `insert into memory (name, value) values ('switched_off ${scope.toUpperCase()}', 'x')`,
        1,
      );
      await bridge.change(
        `insert into quarantine (at_ms, reason, webhook, opened, raw)
          values (1, 'no-line', 'edna', '["${scope.toUpperCase()}"]', '{}')`,
        1,
      );
      await bridge.change(`delete from kysely_migration where name = '0009-ids-in-lower-case'`, 1);
      sandbox.edna.faults.clear();
      await bridge.begin();
      expect(await asked('/api/v1/lines')).toMatchObject({ lines: [{ state: 'disconnected' }] });
      expect(await kept()).toMatchObject([{ opened: [scope] }]);
      expect(await warnings()).toEqual([]);
      const line = encodeURIComponent(`${scope}/Main`);
      await asked(`/api/v1/channels/${line}/connect`, 'POST');
      await sandbox.until(() => waits.tick.state === 'read');
      expect(textsThrough(sandbox, 71844)).toEqual(['Два']);
      expect(sandbox.ledger()).toMatchObject({ ...KEPT, chats: 1 });
    },
  );
});
