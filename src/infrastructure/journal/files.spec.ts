import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anInbound, anOutbound, aReceipt, arrivals } from '../../../test/builders.js';
import { freshDatabase } from '../../../test/fresh-database.js';
import { outboundSourceId } from '../../domain/ids.js';
import type { Change, OutboundEvent, OutboundWork } from '../../domain/journal.js';
import { LINE, requestIdsOf, SCOPE } from '../../../test/builders.js';
import { openDatabase, type Database } from './database.js';
import { SqlFiles } from './files.js';
import { SqlJournal } from './journal.js';

const MESSENGER = { line: LINE, upstream: 'messenger' } as const;
/** Far enough: prune and the copies go by the wall clock. */
const EXPIRES = Math.floor(Date.now() / 1000) + 604_800;
const SIGNED = `https://files.example.test/a.webp?Expires=${EXPIRES}&Signature=y`;

const aPicture = (url: string, caption = '') =>
  ({ kind: 'picture', attachment: { url }, caption }) as const;

describe.each(['SQLite', 'PostgreSQL'])('files in a journal on %s', (name) => {
  let database: Database;
  let journal: SqlJournal;
  let files: SqlFiles;
  let cleanUp: () => Promise<void> | void;

  beforeEach(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-files-'));
    const own = name === 'PostgreSQL';
    const fresh = own ? await freshDatabase() : undefined;
    database = await openDatabase(fresh?.url ?? `file:${join(folder, 'bridge.db')}`);
    journal = await SqlJournal.open(database);
    files = new SqlFiles(database);
    cleanUp = async () => {
      await journal.close();
      await fresh?.drop();
      rmSync(folder, { recursive: true });
    };
  });
  afterEach(() => cleanUp());

  const sent = (id: string, url: string) =>
    arrivals(anInbound(id, { message: { content: aPicture(url) } }));

  it('are found by the row of their message, until it is forgotten', async () => {
    await journal.accept(sent('1', SIGNED));
    await journal.accept(arrivals(anInbound('2')));
    const [work] = await files.claimCopies(1, 1_000);
    const id = work?.file.messageId ?? 0;
    const file = { messageId: id, direction: 'inbound', line: LINE, sourceId: 'edna:71844:1' };
    const content = { kind: 'picture', attachment: { url: SIGNED } };
    expect(await files.find(id)).toEqual({ ...file, content });
    expect(await files.find(id + 1)).toBeUndefined();
    expect(await files.find(4711)).toBeUndefined();
    await database.db.updateTable('message').set({ content: null }).where('id', '=', id).execute();
    expect(await files.find(id)).toEqual(file);
  });

  it('are to be copied where their links expire, once, and by one process', async () => {
    await journal.accept(sent('1', SIGNED));
    await journal.accept(sent('1', SIGNED));
    await journal.accept(sent('2', 'https://files.example.test/b.webp'));
    const works = await files.claimCopies(10, 60_000);
    expect(works).toMatchObject([{ tries: 1, expiresAt: new Date(EXPIRES * 1000) }]);
    expect(await files.claimCopies(10, 60_000)).toEqual([]);
    const id = works[0]?.file.messageId ?? 0;
    await files.putOffCopy(id, 0);
    expect(await files.claimCopies(10, 60_000)).toMatchObject([{ tries: 2 }]);
    await files.putOffCopy(id, 0);
    await files.endCopy(id);
    expect(await files.claimCopies(10, 60_000)).toEqual([]);
  });

  it('are to be copied for a correction as well: it has a link of its own', async () => {
    const said = (caption: string) =>
      arrivals(anInbound('1', { message: { content: aPicture(SIGNED, caption) } }));
    await journal.accept(said('Вот'));
    await journal.claim([{ line: LINE, upstream: 'crm' }], 10);
    await journal.accept(said('Вот так'));
    const works = await files.claimCopies(10, 60_000);
    expect(new Set(works.map(({ file }) => file.sourceId)).size).toBe(2);
    await journal.accept(said('Вот'));
    await journal.accept(said('Вот так'));
    expect(await files.claimCopies(10, 60_000)).toEqual([]);
  });

  it('on top of a template are found as any other', async () => {
    const media = { kind: 'picture', attachment: { url: SIGNED } } as const;
    const content = { kind: 'text', text: 'Sale', template: { params: {}, media } } as const;
    await journal.accept(arrivals(anOutbound('1', { message: { content } })));
    const { id } = await database.db.selectFrom('message').select('id').executeTakeFirstOrThrow();
    expect(await files.find(id)).toMatchObject({ direction: 'outbound', content: media });
  });

  it('are not copied where nothing is left of their message', async () => {
    await journal.accept(sent('1', SIGNED));
    await database.db.updateTable('message').set({ content: null }).execute();
    expect(await files.claimCopies(10, 0)).toEqual([]);
    expect(await database.db.selectFrom('media_copy').selectAll().execute()).toEqual([]);
  });

  it('are not waited for when their links expired long ago', async () => {
    await journal.accept(sent('1', SIGNED.replace(String(EXPIRES), '1770715241')));
    await journal.accept(sent('2', SIGNED));
    await journal.prune(30);
    expect(await database.db.selectFrom('media_copy').selectAll().execute()).toHaveLength(1);
  });

  describe('that were sent together', () => {
    const grouped = (id: string, caption: string, groupId = 'g1'): OutboundEvent =>
      anOutbound(id, {
        groupId,
        message: { content: aPicture(`https://x.test/${id}.jpg`, caption) },
      });
    async function waiting(): Promise<readonly OutboundWork[]> {
      const works = await journal.read(await journal.claim([MESSENGER], 10), 100);
      return works.flat() as unknown as readonly OutboundWork[];
    }
    const captions = (works: readonly OutboundWork[]) =>
      works.map(({ message, parts }) => [
        message.sourceId.split(':').at(-1),
        (message.content as { caption: string }).caption,
        parts.length,
      ]);

    it('keep their order, and the caption with the first alone', async () => {
      await journal.accept(arrivals(grouped('1', 'Три вида'), grouped('2', 'Три вида')));
      await journal.accept(arrivals(grouped('3', 'Три вида')));
      await journal.accept(arrivals(grouped('4', 'Другое'), grouped('5', '')));
      expect(captions(await waiting())).toEqual([
        ['1', 'Три вида', 2],
        ['2', '', 1],
        ['3', '', 1],
        ['4', 'Другое', 2],
        ['5', '', 1],
      ]);
    });

    it('lose no caption to a redelivery or a restart, nor have it twice', async () => {
      await journal.accept(arrivals(grouped('1', 'Три вида')));
      await journal.accept(arrivals(grouped('2', 'Три вида'), grouped('1', 'Три вида')));
      await journal.accept(arrivals(grouped('1', 'Три вида'), grouped('2', 'Три вида')));
      expect(captions(await waiting())).toEqual([
        ['1', 'Три вида', 2],
        ['2', '', 1],
      ]);
    });

    /** The first message that waits fails: its file, or the words beneath it once the file has gone. */
    async function fail(which: 'file' | 'caption'): Promise<void> {
      const [lane] = await journal.claim([MESSENGER], 1);
      const [works] = await journal.read(lane ? [lane] : [], 100);
      const work = works?.[0] as OutboundWork;
      const { messageId } = work;
      const [first, second] = work.parts.map(({ id }) => id);
      const reason = { key: 'too-large' } as const;
      const changes: Change[] =
        which === 'file'
          ? [{ type: 'outbound-failed', messageId, partId: first!, reason }]
          : [
              { type: 'part-handed-over', messageId, partId: first! },
              { type: 'outbound-failed', messageId, partId: second!, reason },
            ];
      await journal.settle(lane!, changes, { afterMs: 0 });
    }

    it('have the caption with the next where the first could not be sent', async () => {
      await journal.accept(
        arrivals(grouped('1', 'Три вида'), grouped('2', 'Три вида'), grouped('3', 'Три вида')),
      );
      await fail('file');
      await journal.accept(arrivals(grouped('4', 'Три вида')));
      const works = await waiting();
      expect(captions(works)).toEqual([
        ['2', 'Три вида', 2],
        ['3', '', 1],
        ['4', '', 1],
      ]);
      const ids = requestIdsOf(outboundSourceId(SCOPE, '2'), 2);
      expect(works[0]?.parts.map(({ requestId }) => requestId)).toEqual(ids);
    });

    it('have it with the last, where all before it failed, whenever that came', async () => {
      await journal.accept(arrivals(grouped('1', 'Три вида'), grouped('2', 'Три вида')));
      await fail('file');
      await fail('file');
      await journal.accept(arrivals(grouped('3', 'Три вида'), grouped('4', 'Три вида')));
      expect(captions(await waiting())).toEqual([
        ['3', 'Три вида', 2],
        ['4', '', 1],
      ]);
    });

    it('do not say again what was refused once the file had gone', async () => {
      await journal.accept(arrivals(grouped('1', 'Три вида'), grouped('2', 'Три вида')));
      await fail('caption');
      expect(captions(await waiting())).toEqual([['2', '', 1]]);
    });

    it('do not say again what may have been said', async () => {
      await journal.accept(arrivals(grouped('1', 'Три вида'), grouped('2', 'Три вида')));
      const [lane] = await journal.claim([MESSENGER], 1);
      const [works] = await journal.read(lane ? [lane] : [], 100);
      const [{ messageId, parts }] = works as [OutboundWork];
      const [file, words] = parts.map(({ id }) => id);
      const tried = { messageId, partId: words!, kind: 'outbound', durationMs: 1 } as const;
      const attempt = { ...tried, at: new Date(), outcome: 'unknown' } as const;
      // The words may have gone when it turned out that the file had not.
      await journal.settle(lane!, [
        { type: 'part-handed-over', messageId, partId: file! },
        { type: 'attempt', attempt },
      ]);
      await journal.accept(arrivals(aReceipt('1', 'failed')));
      const reason = { key: 'file-failed' } as const;
      const failed = { type: 'outbound-failed', messageId, partId: words!, reason } as const;
      await journal.settle(lane!, [failed], { afterMs: 0 });
      expect(captions(await waiting())).toEqual([['2', '', 1]]);
    });

    it('move on when it turns out later that the file did not arrive', async () => {
      await journal.accept(arrivals(grouped('1', 'Три вида'), grouped('2', 'Три вида')));
      const [lane] = await journal.claim([MESSENGER], 1);
      const [works] = await journal.read(lane ? [lane] : [], 100);
      const [{ messageId, parts }] = works as [OutboundWork];
      const [file, words] = parts.map(({ id }) => id);
      await journal.settle(lane!, [{ type: 'part-handed-over', messageId, partId: file! }]);
      await journal.accept(arrivals(aReceipt('1', 'failed')));
      const reason = { key: 'file-failed' } as const;
      const failed = { type: 'outbound-failed', messageId, partId: words!, reason } as const;
      await journal.settle(lane!, [failed], { afterMs: 0 });
      expect(captions(await waiting())).toEqual([['2', 'Три вида', 2]]);
    });

    it('share nothing with another group, another client or what was sent alone', async () => {
      const alone = grouped('3', 'Три вида');
      const { groupId: _, ...without } = alone;
      const other = {
        conversationId: 'edna:71844:79995550143',
        phone: '79995550143',
        chatId: 'c2',
      };
      await journal.accept(
        arrivals(grouped('1', 'Три вида'), grouped('2', 'Три вида', 'g2'), without, {
          ...grouped('4', 'Три вида'),
          ...other,
        }),
      );
      const works = await waiting();
      expect(works.map(({ parts }) => parts.length)).toEqual([2, 2, 2, 2]);
      expect(works.map(({ message }) => message.sourceId)).toContain(outboundSourceId(SCOPE, '4'));
    });
  });
});
