import { aLine, anInbound, anOutbound, aReceipt, arrivals, SCOPE } from '../../test/builders.js';
import { FakeCrmChat } from '../../test/fakes/crm-chat.js';
import { FakeMessenger } from '../../test/fakes/messenger.js';
import { DeliveryError } from '../domain/errors.js';
import { lineKey } from '../domain/ids.js';
import { Lines, type Line } from '../domain/line.js';
import type { Message } from '../domain/message.js';
import { Settings } from '../domain/settings.js';
import { toEntries } from '../infrastructure/edna/edna.history.js';
import { openDatabase, type Database } from '../infrastructure/journal/database.js';
import { SqlFiledMessages } from '../infrastructure/journal/filed-messages.js';
import { SqlJournal } from '../infrastructure/journal/journal.js';
import { HandAlarm } from '../../test/fakes/alarm.ts';
import { DispatcherMode } from '../presentation/dispatcher/dispatcher.js';
import { Crowd, EventLoop } from '../presentation/webhooks/crowd.js';
import { Filing } from '../presentation/webhooks/filing.js';
import { Intake } from '../presentation/webhooks/intake.js';
import { WebhookIntake } from '../presentation/webhooks/webhook-intake.js';
import type { Surroundings } from './page-by-page.js';
import { ReconcileClients } from './reconcile-clients.js';
import { ReconcileManagers } from './reconcile-managers.js';
import { ReconcileReceipts } from './reconcile-receipts.js';
import { Reconcile } from './reconcile.js';

const VERA = '79995550142';
const HOUR = 3_600_000;
const NONE = { missing: 0, brought: 0, 'too-late': 0, 'in-doubt': 0 };
const NOW = Math.floor(Date.now() / 1000) * 1000;
const ago = (ms: number) => new Date(NOW - ms);
const span = { since: ago(4 * HOUR), until: ago(0) };

let database: Database;
let journal: SqlJournal;
let filed: SqlFiledMessages;
let messenger: FakeMessenger;
let crm: FakeCrmChat;
/** Before and after each time something is filed: what else happens then. */
let meanwhile: (when: 'before' | 'after') => void | Promise<void>;

const open = async () => {
  database = await openDatabase('file::memory:');
  journal = await SqlJournal.open(database);
  filed = new SqlFiledMessages(database);
  messenger = new FakeMessenger();
  crm = new FakeCrmChat();
  crm.clock = () => new Date(NOW);
  meanwhile = () => {};
};
beforeEach(open);
afterEach(() => journal.close());

async function compare(apply: boolean, ...lines: readonly Line[]) {
  const all = lines.length > 0 ? lines : [aLine()];
  const settings = new Settings();
  const meter = { count: () => {} };
  const mode = new DispatcherMode('at rest');
  const alarm = new HandAlarm();
  const crowd = new Crowd(alarm, new EventLoop());
  const filing = new Filing(journal, { wake: () => {} }, meter, crowd, alarm, mode);
  const intake = new Intake(journal, filing, meter);
  const webhooks = new WebhookIntake(new Lines(all), intake, filing);
  const around: Surroundings = {
    intake: {
      read: (...of) => webhooks.read(...of),
      accept: async (arrived) => {
        await meanwhile('before');
        const became = await webhooks.accept(arrived);
        await meanwhile('after');
        return became;
      },
    },
    now: () => new Date(NOW),
    pause: () => Promise.resolve(),
    wait: () => Promise.resolve(),
    tell: () => {},
    isStopping: () => false,
  };
  const reconcile = new Reconcile(
    filed,
    new ReconcileManagers(crm, filed, settings),
    new ReconcileClients(messenger, filed, settings),
    new ReconcileReceipts(messenger, filed),
  );
  return reconcile.execute(all, { ...span, apply }, around);
}

/** Items of edna's history, with the fields that are established (edna-pulse.md 7.4) and a time. */
function ednaHas(direction: 'inbound' | 'outbound', ...items: readonly object[]): void {
  const usual = {
    subjectId: 71_844,
    channelType: 'WHATSAPP',
    address: VERA,
    createdAt: NOW - HOUR,
  };
  const entries = toEntries(
    items.map((item) => ({ ...usual, content: { type: 'TEXT', text: 'Here' }, ...item })),
    direction,
    span,
  );
  if (direction === 'inbound') messenger.written.push(...entries);
  else messenger.sentBefore.push(...entries);
}

/** A manager's message that the history of his chat has, as its hook should have told of it. */
function amoHas(chatId: string, id: string, text: string, writtenAt = ago(60_000)): void {
  crm.managerWrites(chatId, id, writtenAt);
  const entries = crm.written.get(chatId) ?? [];
  const timestamp = Math.floor(writtenAt.getTime() / 1000);
  const message = { id, type: 'text', text };
  const conversation = { id: chatId };
  const body = { message: { conversation, receiver: { id: 'x' }, timestamp, message } };
  entries[entries.length - 1] = { messageId: id, isOutgoing: true, writtenAt, body };
}

const client = (id: string, agoMs: number, of: Parameters<typeof anInbound>[1] = {}) =>
  anInbound(id, { ...of, message: { sentAt: ago(agoMs), ...of.message } });
const conversations = () => database.db.selectFrom('conversation').selectAll().execute();
const messages = async () =>
  (await database.db.selectFrom('message').selectAll().orderBy('id').execute()).map(
    ({ content, ...row }) => ({ ...row, ...(JSON.parse(content ?? '{}') as Partial<Message>) }),
  );

describe('what clients wrote', () => {
  it('goes on in the chat that a webhook without a channel began', async () => {
    await journal.accept(arrivals(client('1', 2 * HOUR, { channel: 'whatsapp' })));
    ednaHas('inbound', { messageId: 2 });
    expect((await compare(true)).counts).toEqual({ ...NONE, brought: 1 });
    expect(await conversations()).toMatchObject([{ conversation_id: `edna:whatsapp:${VERA}` }]);
    // And so does the next one that comes by itself.
    await journal.accept(arrivals(client('3', 0, { channel: 'whatsapp' })));
    expect(await conversations()).toHaveLength(1);
  });

  it('is known by the messenger that its webhook named in place of the channel', async () => {
    const inMax = { channel: 'max', address: '4711' };
    await journal.accept(arrivals(client('2', HOUR - 1_500, inMax)));
    ednaHas('inbound', { messageId: 2, channelType: 'MAX', subjectId: 71_860, address: '4711' });
    expect((await compare(false)).counts).toEqual(NONE);
  });

  it('is only listed where no line takes its channel, once for all lines of an account', async () => {
    await journal.accept(arrivals(client('1', 2 * HOUR)));
    ednaHas('inbound', { messageId: 2, subjectId: 71_999 }, { messageId: 3, address: null });
    const lines = [aLine({ channels: ['71844'] })];
    const { counts, findings } = await compare(true, ...lines);
    expect(counts).toEqual({ ...NONE, 'in-doubt': 2 });
    expect(findings.map(({ note }) => note)).toEqual([
      'no-line',
      expect.stringContaining('invalid'),
    ]);
    expect(await messages()).toHaveLength(1);
  });

  it('is only listed where the journal has nothing of its line yet', async () => {
    await journal.accept(arrivals(client('1', 2 * HOUR)));
    const fresh = {
      ...aLine({ channels: ['71850'] }),
      key: lineKey(SCOPE, 'kazan'),
    };
    ednaHas('inbound', { messageId: 2, subjectId: 71_850 });
    const { counts } = await compare(true, aLine({ channels: ['71844'] }), fresh);
    expect(counts).toEqual({ ...NONE, 'in-doubt': 1 });
    expect(await messages()).toHaveLength(1);
  });

  it('keeps the name of the client, whoever another program wrote for since', async () => {
    const author = { kind: 'manager', refId: 'oleg' } as unknown as NonNullable<Message['author']>;
    await journal.accept(
      arrivals(
        client('1', 3 * HOUR),
        client('2', 2 * HOUR, { message: { sender: { name: 'Oleg' }, author } }),
      ),
    );
    ednaHas('inbound', { messageId: 3 });
    await compare(true);
    expect((await messages())[2]?.sender?.name).toBe('Vera');
  });

  it('stays silent where the chat has gone on in the channel that took the place of its own', async () => {
    const line = aLine({ channels: ['71850'], replaces: new Map([['71850', ['71844']]]) });
    const formerly = ['71844'];
    await journal.accept(arrivals(client('1', 3 * HOUR)));
    await journal.accept(arrivals(client('5', HOUR / 2, { channel: '71850', formerly })));
    ednaHas('inbound', { messageId: 2 });
    expect((await compare(true, line)).counts).toEqual({ ...NONE, brought: 1 });
    expect(await conversations()).toHaveLength(1);
    expect((await messages())[2]).toMatchObject({ silent: true });
  });

  it('is shown once in a chat of two channels', async () => {
    const line = aLine({ channels: ['71850'], replaces: new Map([['71850', ['71844']]]) });
    await journal.accept(arrivals(client('1', 3 * HOUR)));
    ednaHas(
      'inbound',
      { messageId: 2, createdAt: NOW - 2 * HOUR },
      { messageId: 3, subjectId: 71_850 },
    );
    expect((await compare(true, line)).counts).toEqual({ ...NONE, brought: 2 });
    expect((await messages()).slice(1).map(({ silent }) => silent)).toEqual([true, undefined]);
  });

  it('is known by text and second though others that came later pushed it on', async () => {
    // edna repeats a webhook: it comes after what was written later, and stands behind it.
    await journal.accept(arrivals(client('9', HOUR / 2)));
    await journal.accept(
      arrivals(client('8', HOUR, { message: { content: { kind: 'text', text: 'Here' } } })),
    );
    ednaHas('inbound', { messageId: 4711 });
    expect((await compare(true)).counts).toEqual({ ...NONE, 'in-doubt': 1 });
  });

  it('is told from what says the same at the same second on another page', async () => {
    const here = { message: { content: { kind: 'text', text: 'Here' } } } as const;
    messenger.pageSize = 1;
    await journal.accept(arrivals(client('2', HOUR, here)));
    ednaHas('inbound', { messageId: 1 }, { messageId: 2 }, { messageId: 3 });
    expect((await compare(true)).counts).toEqual({ ...NONE, brought: 2 });
  });

  it('is looked at in the same way where the history has it only when it is read again', async () => {
    await journal.accept(arrivals(client('1', 3 * HOUR)));
    ednaHas('inbound', { messageId: 2 }, { messageId: 3 });
    messenger.pageSize = 1;
    let isFirst = true;
    meanwhile = async () => {
      if (!isFirst) return;
      isFirst = false;
      const here = { message: { content: { kind: 'text', text: 'Here' } } } as const;
      await journal.accept(arrivals(client('live', 60_000, here)));
      ednaHas('inbound', { messageId: 100, createdAt: NOW - 60_000 });
      ednaHas('inbound', { messageId: 101, createdAt: NOW - 60_000, address: '79995550188' });
    };
    expect((await compare(true)).counts).toEqual({ ...NONE, brought: 3, 'in-doubt': 1 });
    expect((await messages()).at(-1)).toMatchObject({ source_id: 'edna:71844:101' });
    expect((await messages()).at(-1)?.silent).toBeUndefined();
  });

  it('is found in a history that shows it twice, and the pages of which do not end', async () => {
    await journal.accept(arrivals(client('1', 2 * HOUR)));
    ednaHas('inbound', { messageId: 2 });
    messenger.repeats = true;
    const { counts, troubles } = await compare(false);
    expect({ counts, troubles }).toMatchObject({
      counts: { ...NONE, missing: 1 },
      troubles: [expect.stringContaining('again and again'), expect.anything()],
    });
    expect(messenger.calls.history).toBeLessThan(50);
  });
});

describe('what managers wrote', () => {
  const chat = (id: string, address: string) =>
    anOutbound(`known-${id}`, {
      chatId: `chat-${id}`,
      conversationId: `edna:71844:${address}`,
      phone: address,
      message: { sentAt: ago(2 * HOUR) },
    });

  it('is found in the other chats where one of them cannot be read', async () => {
    await journal.accept(arrivals(chat('b', '79995550143')));
    await journal.accept(arrivals(chat('a', VERA)));
    amoHas('chat-a', 'one', 'One');
    amoHas('chat-b', 'two', 'Two');
    crm.failNext(new DeliveryError('unknown', 'HTTP 500'), 'before', 3);
    const { counts, troubles } = await compare(true);
    expect(counts).toMatchObject({ brought: 1 });
    expect(troubles).toEqual([expect.stringContaining('HTTP 500')]);
  });

  it('is found behind what was put into the chat with an older time', async () => {
    await journal.accept(arrivals(chat('a', VERA)));
    amoHas('chat-a', 'one', 'One', ago(HOUR));
    amoHas('chat-a', 'two', 'Two', ago(HOUR / 2));
    const [one, two] = crm.written.get('chat-a') ?? [];
    const imported = (i: number) => ({
      messageId: `i${i}`,
      sourceId: `edna:71844:${i}`,
      isOutgoing: false,
      writtenAt: ago(5 * HOUR),
      body: {},
    });
    crm.written.set('chat-a', [two!, imported(1), one!, imported(2)]);
    crm.isSorted = false;
    expect((await compare(false)).counts).toEqual({ ...NONE, missing: 2 });
    // The order is amojo's own matter: nobody promises that the newest comes first.
    crm.written.set('chat-a', [imported(1), imported(2), one!, two!]);
    const { findings, counts } = await compare(false);
    expect(counts).toEqual({ ...NONE, missing: 2 });
    expect(findings.map(({ writtenAt }) => writtenAt)).toEqual([ago(HOUR), ago(HOUR / 2)]);
  });

  it('is found though the clock of amoCRM is ahead of ours', async () => {
    await journal.accept(arrivals(chat('a', VERA)));
    amoHas('chat-a', 'one', 'One', ago(-60_000));
    expect((await compare(false)).counts).toEqual({ ...NONE, missing: 1 });
  });

  it.each([
    ['ahead of', HOUR],
    ['behind', -HOUR],
  ])('is not late for that our clock is %s that of amoCRM', async (_, ourAheadMs) => {
    const there = NOW - ourAheadMs;
    crm.clock = () => new Date(there);
    await journal.accept(arrivals(chat('a', VERA)));
    amoHas('chat-a', 'old', 'Long ago', new Date(there - 2 * HOUR));
    amoHas('chat-a', 'fresh', 'Just now', new Date(there - 60_000));
    const { findings } = await compare(true);
    expect(findings).toMatchObject([
      { id: expect.stringContaining('old'), fate: 'too-late' },
      { id: expect.stringContaining('fresh'), fate: 'brought' },
    ]);
  });

  it('is as old as our clock says where an answer of amoCRM was kept for long', async () => {
    crm.clock = () => new Date(0);
    await journal.accept(arrivals(chat('a', VERA)));
    amoHas('chat-a', 'before', 'Before the gap', ago(5 * HOUR));
    amoHas('chat-a', 'old', 'Long ago', ago(2 * HOUR));
    amoHas('chat-a', 'fresh', 'Just now', ago(60_000));
    expect((await compare(true)).findings.map(({ fate }) => fate)).toEqual(['too-late', 'brought']);
  });

  it('is counted once though the pages shift while they are read', async () => {
    await journal.accept(arrivals(chat('a', VERA)));
    for (const [i, id] of ['one', 'two', 'three'].entries()) {
      amoHas('chat-a', id, id, ago((10 - i) * 60_000));
    }
    crm.written.get('chat-a')?.push(...(crm.written.get('chat-a') ?? []).slice(0, 1));
    expect((await compare(false)).counts).toEqual({ ...NONE, missing: 3 });
  });
});

describe('what became of managers\u2019 messages', () => {
  it('is what the last of several entries says: it was sent again', async () => {
    await journal.accept(arrivals(anOutbound('a', { message: { sentAt: ago(2 * HOUR) } })));
    await journal.accept(arrivals(aReceipt('a', 'sent')));
    messenger.pageSize = 1;
    ednaHas(
      'outbound',
      { messageId: 1, comment: 'amo:a', deliveryStatus: 'FAILED' },
      { messageId: 2, comment: 'amo:a', deliveryStatus: 'SENT' },
    );
    expect((await compare(true)).counts).toEqual(NONE);
    const part = await database.db.selectFrom('part').selectAll().executeTakeFirst();
    expect(part?.status).toBe('sent');
  });

  it('is found by the messenger’s id where the way it went names no message', async () => {
    await journal.accept(arrivals(anOutbound('a')));
    await journal.accept(arrivals(aReceipt('a', 'sent', { messengerId: '7' })));
    ednaHas('outbound', { messageId: 7, channelType: 'MAX', deliveryStatus: 'READ' });
    ednaHas('outbound', { messageId: 8, channelType: 'MAX', deliveryStatus: 'READ' });
    expect((await compare(true)).counts).toEqual({ ...NONE, brought: 1 });
    expect((await compare(true)).counts).toEqual(NONE);
  });

  it('is told to the line that sent it, though another one has the same channel', async () => {
    const line = aLine({ channels: ['71844'] });
    const copy = { ...line, key: lineKey(SCOPE, 'copy'), isCopy: true };
    await journal.accept(arrivals(anOutbound('a', { line: copy.key })));
    ednaHas('outbound', { messageId: 7, comment: 'amo:a', deliveryStatus: 'READ' });
    expect((await compare(true, line, copy)).counts).toEqual({ ...NONE, brought: 1 });
  });
});

describe('a comparison', () => {
  const missed = async () => {
    await journal.accept(arrivals(client('1', 3 * HOUR)));
    const known = { chatId: 'chat-a', message: { sentAt: ago(3 * HOUR) } };
    await journal.accept(arrivals(anOutbound('known', known), aReceipt('known', 'sent')));
    amoHas('chat-a', 'late', 'Late', ago(2 * HOUR));
    amoHas('chat-a', 'fresh', 'Fresh', ago(HOUR / 2));
    for (const [i, agoMs] of [2 * HOUR, HOUR, HOUR, HOUR / 4].entries()) {
      ednaHas('inbound', { messageId: i + 2, createdAt: NOW - agoMs });
    }
    ednaHas('inbound', { messageId: 9, address: '79995550188' });
    ednaHas('outbound', { messageId: 1, comment: 'amo:known', deliveryStatus: 'READ' });
  };
  const MISSED = 8;
  const outcome = async () => ({
    all: (await messages())
      .map(({ source_id: id, source_ms: ms, silent = false }) => ({ id, ms, silent }))
      .toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    status: (await database.db.selectFrom('part').select('status').orderBy('id').execute())[0],
  });
  /** What one that nothing happens to comes to. */
  async function undisturbed() {
    const { counts } = await compare(true);
    expect(counts.brought + counts['too-late']).toBe(MISSED);
    const { all, status } = await outcome();
    expect(all.filter(({ silent }) => silent)).toHaveLength(3);
    expect(status?.status).toBe('read');
    return { all, status };
  }
  let whole: Awaited<ReturnType<typeof undisturbed>>;
  beforeEach(async () => {
    await missed();
    whole = await undisturbed();
    await journal.close();
    await open();
    await missed();
  });

  it('that dies in the middle, wherever that is, is done again: nothing is doubled, nothing lost', async () => {
    let deaths = 0;
    for (let isDone = false; !isDone;) {
      let filings = 0;
      // Each time one step further, and in turn just before and just after a commit.
      meanwhile = (when) => {
        filings += 1;
        if (filings !== 1 + (deaths % 2) || (when === 'after') !== (deaths % 2 === 1)) return;
        deaths += 1;
        throw new Error('killed');
      };
      if (deaths > 30) meanwhile = () => {};
      await compare(true).then(
        () => (isDone = true),
        () => {},
      );
    }
    expect(deaths).toBeGreaterThan(5);
    expect(await outcome()).toEqual(whole);
  });

  it.each([1, 2, 3])(
    'that a page shuts out after %s steps leaves the rest for the next',
    async (n) => {
      let filings = 0;
      meanwhile = (when) => {
        if (when === 'after') filings += 1;
        messenger.hasHistory = filings < n + 2;
      };
      const { troubles } = await compare(true);
      expect(troubles).not.toEqual([]);
      messenger.hasHistory = true;
      meanwhile = () => {};
      expect((await compare(true)).troubles).toEqual([]);
      expect(await outcome()).toEqual(whole);
    },
  );

  it('beside another one, as of two replicas that start at once, brings everything once', async () => {
    const [one, other] = await Promise.all([compare(true), compare(true)]);
    const done = [one, other].map(({ counts }) => counts.brought + counts['too-late']);
    // Both may see the same news of a message.
    expect((done[0] ?? 0) + (done[1] ?? 0)).toBeLessThanOrEqual(MISSED + 1);
    expect(await outcome()).toEqual(whole);
  });

  it('takes nothing twice that comes by itself meanwhile, before or after it was brought', async () => {
    let isFirst = true;
    meanwhile = async (when) => {
      if (when === 'before' && !isFirst) return;
      isFirst = false;
      await journal.accept(
        arrivals(client('5', HOUR / 4), anOutbound('late', { chatId: 'chat-a' })),
      );
    };
    await compare(true);
    const ids = (await messages()).map(({ source_id }) => source_id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(ids)).toEqual(new Set(whole.all.map(({ id }) => id)));
  });
});
