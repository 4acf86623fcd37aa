import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { anInbound, anOutbound, arrivals, LINE } from '../../../test/builders.js';
import { freshDatabase } from '../../../test/fresh-database.js';
import { inboundSourceId, outboundSourceId } from '../../domain/ids.js';
import { SCOPE } from '../../../test/builders.js';
import { openDatabase, type Database } from './database.js';
import { SqlFiledMessages } from './filed-messages.js';
import { SqlJournal } from './journal.js';

const SECOND = 1_000;
const HOUR = 3_600_000;
/** On the stores' own clocks. */
const at = (agoMs: number) => new Date(Math.floor((Date.now() - agoMs) / SECOND) * SECOND);

describe.each(['SQLite', 'PostgreSQL'])('messages found out later, in a journal on %s', (name) => {
  let url: string;
  let database: Database;
  let journal: SqlJournal;
  let filed: SqlFiledMessages;
  let cleanUp: () => Promise<void> | void;

  const open = async () => {
    database = await openDatabase(url);
    journal = await SqlJournal.open(database);
    filed = new SqlFiledMessages(database);
  };
  beforeEach(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-filed-'));
    const own = name === 'PostgreSQL';
    const fresh = own ? await freshDatabase() : undefined;
    url = fresh?.url ?? `file:${join(folder, 'bridge.db')}`;
    await open();
    cleanUp = async () => {
      await journal.close();
      await fresh?.drop();
      rmSync(folder, { recursive: true });
    };
  });
  afterEach(() => cleanUp());

  const client = (id: string, sentAt: Date, lateMs?: number) =>
    anInbound(id, { message: { sentAt }, ...(lateMs !== undefined && { lateMs }) });
  const times = async () => {
    const rows = await database.db
      .selectFrom('message')
      .select(['source_id', 'source_ms'])
      .orderBy('id')
      .execute();
    return rows.map(({ source_ms }) => source_ms);
  };

  it('keep their own time though later ones are there, and their order within a second', async () => {
    const [live, late] = [at(HOUR), at(2 * HOUR)];
    await journal.accept(arrivals(client('1', live)));
    await journal.accept(arrivals(client('2', late, 1), client('3', late, 1)));
    await journal.accept(arrivals(client('4', late, 1), client('5', live, 1)));
    await journal.accept(arrivals(client('6', at(3 * HOUR))));
    const [then, before] = [live.getTime(), late.getTime()];
    // The last one is live: it goes behind what its conversation has had.
    const all = [then, before, before + 1, before + 2, then + 1, then + 2];
    expect(await times()).toEqual(all);
  });

  it('open no window that was closed: it counts from when the client wrote', async () => {
    const last = async () =>
      (await database.db.selectFrom('conversation').select('last_inbound_ms').executeTakeFirst())
        ?.last_inbound_ms;
    const wrote = at(30 * HOUR);
    await journal.accept(arrivals(client('1', wrote, 1)));
    expect(await last()).toBe(wrote.getTime());
    await journal.accept(arrivals(client('2', at(20 * HOUR), 1)));
    expect(await last()).toBeLessThan(Date.now() - 19 * HOUR);
    await journal.accept(arrivals(client('3', at(25 * HOUR))));
    expect(await last()).toBeGreaterThan(Date.now() - HOUR);
  });

  it('have waited since a manager wrote them', async () => {
    await journal.accept(arrivals(anOutbound('a'), { ...anOutbound('b'), lateMs: 2 * HOUR }));
    const lanes = await journal.claimOverdue(LINE, HOUR, 10);
    expect(lanes).toHaveLength(1);
    const [works] = await journal.read(lanes, 10);
    expect(works?.map(({ age }) => age.waitedMs >= 2 * HOUR)).toEqual([false, true]);
  });

  it('stay silent where they were to', async () => {
    const event = client('1', at(HOUR), 1);
    const silent = { ...event, message: { ...event.message, silent: true as const } };
    await journal.accept(arrivals(silent, client('2', at(HOUR), 1)));
    const lanes = await journal.claim([{ line: LINE, upstream: 'crm' }], 10);
    const [works = []] = await journal.read(lanes, 10);
    expect(works.map((work) => work.kind === 'inbound' && work.message.silent)).toEqual([
      true,
      undefined,
    ]);
  });

  it('are told from those that are there by their ids', async () => {
    await journal.accept(arrivals(client('1', at(HOUR)), anOutbound('a')));
    const ids = ['1', '2'].map((id) => inboundSourceId('71844', id));
    expect([...(await filed.known(LINE, 'inbound', ids)).keys()]).toEqual([ids[0]]);
    const theirs = outboundSourceId(SCOPE, 'a');
    const known = await filed.known(LINE, 'outbound', [theirs, theirs]);
    expect(known.get(theirs)?.parts).toHaveLength(1);
    expect((await filed.known(LINE, 'inbound', [theirs])).size).toBe(0);
    expect((await filed.known(LINE, 'inbound', [])).size).toBe(0);
  });

  it('are alike by client, text and second', async () => {
    const writtenAt = at(HOUR);
    await journal.accept(arrivals(client('1', writtenAt)));
    const probe = { address: '79995550142', text: 'Is it in stock?', writtenAt };
    const alike = await filed.alike(LINE, 'inbound', [
      probe,
      { ...probe, writtenAt: new Date(writtenAt.getTime() + 999) },
      { ...probe, writtenAt: new Date(writtenAt.getTime() + 1_000) },
      { ...probe, text: 'Is it?' },
      { ...probe, address: '79995550143' },
    ]);
    const there = [inboundSourceId('71844', '1')];
    expect(alike).toEqual([there, there, [], [], []]);
    expect(await filed.alike(LINE, 'outbound', [probe])).toEqual([[]]);
  });

  it('follow what was said last, as far as anybody could read it', async () => {
    const vera = { address: '79995550142', channels: ['71844'] };
    const talk = async () => {
      const conversation = await filed.conversation(LINE, vera);
      return conversation && filed.talk(conversation.id, HOUR);
    };
    expect(await talk()).toBeUndefined();
    const [asked, answered] = [at(4 * HOUR), at(3 * HOUR)];
    await journal.accept(arrivals(client('1', asked)));
    expect(await talk()).toEqual({ lastAt: asked, name: 'Vera' });
    const answer = anOutbound('a', { message: { sentAt: answered } });
    await journal.accept(arrivals({ ...answer, lateMs: 3 * HOUR }));
    // It is too late by now to be sent: the client is still waiting.
    expect(await talk()).toEqual({ lastAt: asked, name: 'Vera' });
    const inTime = anOutbound('b', { message: { sentAt: answered } });
    await journal.accept(arrivals(inTime));
    expect((await talk())?.lastAt.getTime()).toBeGreaterThanOrEqual(answered.getTime());
    await database.db.updateTable('message').set({ state: 'failed' }).execute();
    expect((await talk())?.lastAt).toEqual(asked);
  });

  it('go into the conversation that a live one would go into', async () => {
    const found = async (...channels: string[]) =>
      (await filed.conversation(LINE, { address: '79995550142', channels }))?.channel;
    expect(await found('71844')).toBeUndefined();
    await journal.accept(arrivals(client('1', at(HOUR))));
    const moved = { channel: '71850', formerly: ['71844'] };
    await journal.accept(arrivals(anInbound('2', { ...moved, message: { sentAt: at(HOUR) } })));
    expect(await found('71850')).toBe('71850');
    expect(await found('71844')).toBe('71850');
    expect(await found('71860', '71850')).toBe('71850');
    expect(await found('71860')).toBeUndefined();
    await journal.accept(arrivals(client('3', at(HOUR))));
    expect(await found('71844')).toBe('71850');
  });

  it('are looked for in the chats written in last', async () => {
    const chatOf = (id: string, address: string, sentAt: Date) =>
      anOutbound(id, {
        chatId: `chat-${id}`,
        conversationId: `edna:71844:${address}`,
        message: { sentAt },
      });
    await journal.accept(arrivals(chatOf('old', '79995550143', at(50 * HOUR))));
    await journal.accept(arrivals(chatOf('mid', '79995550144', at(2 * HOUR))));
    await journal.accept(arrivals(chatOf('new', '79995550145', at(HOUR))));
    await journal.accept(arrivals(anInbound('1', { address: '79995550146' })));
    const chats = async (most: number) =>
      (await filed.chats(LINE, at(40 * HOUR), most)).map(({ chatId }) => chatId);
    expect(await chats(10)).toEqual(['chat-new', 'chat-mid']);
    expect(await chats(1)).toEqual(['chat-new']);
  });

  describe('the gap', () => {
    const dieAgo = async (ms: number) => {
      await journal.close();
      database = await openDatabase(url);
      await sql`update worker set wall_ms = ${Date.now() - ms}`.execute(database.db);
      await sql`update memory set value = ${String(Date.now() - ms)} where name = 'last-alive'`.execute(
        database.db,
      );
      await database.close();
      await open();
    };
    const gapMs = async () => {
      const gap = await filed.gap();
      return gap && Math.round((Date.now() - gap.getTime()) / HOUR);
    };

    it('is none in an empty journal, nor after a short time', async () => {
      expect(await filed.isEmpty()).toBe(true);
      await dieAgo(HOUR);
      expect(await gapMs()).toBeUndefined();
      await journal.accept(arrivals(client('1', at(HOUR))));
      expect(await filed.isEmpty()).toBe(false);
      await dieAgo(30_000);
      expect(await gapMs()).toBeUndefined();
    });

    it('reaches from the last sign of life, and stays until it is made up for', async () => {
      await journal.accept(arrivals(client('1', at(HOUR))));
      await dieAgo(5 * HOUR);
      expect(await gapMs()).toBe(5);
      await dieAgo(2 * HOUR);
      expect(await gapMs()).toBe(5);
      await filed.closeGap(new Date(), new Date());
      expect(await gapMs()).toBe(5);
      await filed.closeGap((await filed.gap()) ?? new Date(), new Date());
      expect(await gapMs()).toBeUndefined();
    });

    it('stays where another one began while it was being made up for', async () => {
      await journal.accept(arrivals(client('1', at(HOUR))));
      await dieAgo(5 * HOUR);
      const [gap = new Date(), until] = [await filed.gap(), new Date(Date.now() - 1)];
      await dieAgo(2 * HOUR);
      await filed.closeGap(gap, until);
      expect(await gapMs()).toBe(5);
    });

    it('is as long as one can be where the clock was set back: nobody knows since when', async () => {
      await journal.accept(arrivals(client('1', at(HOUR))));
      await dieAgo(-30_000);
      expect(await gapMs()).toBeUndefined();
      await dieAgo(-2 * HOUR);
      expect(await gapMs()).toBe(24);
    });

    it('is none while another replica lives', async () => {
      if (name === 'SQLite') return;
      await journal.accept(arrivals(client('1', at(HOUR))));
      const theirs = await openDatabase(url);
      const other = await SqlJournal.open(theirs);
      await sql`update worker set wall_ms = ${Date.now() - HOUR} where pid = -1`.execute(
        database.db,
      );
      await journal.close();
      await open();
      expect(await gapMs()).toBeUndefined();
      // By the clock they share: their own ones may be far apart.
      await journal.close();
      await sql`update worker set wall_ms = ${Date.now() + HOUR}`.execute(theirs.db);
      await open();
      expect(await gapMs()).toBeUndefined();
      await other.close();
    });
  });
});
