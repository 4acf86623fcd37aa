import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { JournalUnavailable } from '../../src/domain/errors.js';
import { inboundSourceId } from '../../src/domain/ids.js';
import type { Arrival, InboundEvent, Journal, Work } from '../../src/domain/journal.js';
import { anInbound, anOutbound, arrivals, LINE } from '../builders.js';
import { CRM, MESSENGER, type JournalHarness } from './journal.contract.js';

const MINUTE_MS = 60_000;
const BODY_BYTES = 1024 * 1024;

/** What every journal does with what was received and is not filed yet, whatever it is kept in. */
export function describeInbox(name: string, open: () => Promise<JournalHarness>): void {
  describe(`the inbox of a journal on ${name}`, () => {
    let harness: JournalHarness;
    let journal: Journal;
    beforeEach(async () => {
      harness = await open();
      journal = harness.journal;
    });
    afterEach(() => harness.close());

    const receive = (...given: Parameters<typeof arrivals>) =>
      journal.receive(arrivals(...given), () => undefined);

    /** Everything, and how often it had to be asked for it. */
    async function fileAll(by = journal) {
      const filed: string[] = [];
      for (let times = 1; ; times += 1) {
        const some = await by.file();
        filed.push(...some.filed.map((one) => one.filed));
        if (!some.isMore) return { filed, times };
      }
    }

    async function waiting(gate = CRM): Promise<Work[]> {
      return (await journal.read(await journal.claim([gate], 100), 1_000)).flat();
    }

    const idsOf = (works: readonly Work[]) =>
      works.map((work) => ('message' in work ? work.message.sourceId : ''));
    const ids = (...names: string[]) => names.map((one) => inboundSourceId('71844', one));

    it('keeps what came until it is filed, as it came', async () => {
      const event = anInbound('1');
      await receive(event);
      expect(await waiting()).toEqual([]);
      const { filed, isMore } = await journal.file();
      expect(filed).toMatchObject([{ arrival: arrivals(event)[0], filed: 'new' }]);
      expect(isMore).toBe(false);
      const [work] = await waiting();
      expect(work).toMatchObject({ message: event.message });
    });

    it('has nothing left once it was filed', async () => {
      await receive(anInbound('1'));
      await journal.file();
      expect(await journal.file()).toEqual({ filed: [], isMore: false, waitedMs: Infinity });
      expect(idsOf(await waiting())).toEqual(ids('1'));
    });

    it('is one row for all that come together', async () => {
      await Promise.all(['1', '2', '3', '4', '5'].map((one) => receive(anInbound(one))));
      const { rows } = await sql<{ size: number }>`select size from inbox`.execute(
        harness.database.db,
      );
      expect(rows).toEqual([{ size: 5 }]);
    });

    it('tells that something can be filed, before it answers', async () => {
      const order: string[] = [];
      const received = journal.receive(arrivals(anInbound('1')), () => order.push('kept'));
      await received.then(() => order.push('answered'));
      expect(order).toEqual(['kept', 'answered']);
    });

    it('recognises what came twice, in one group, in two, or was accepted before', async () => {
      await journal.accept(arrivals(anInbound('0')));
      await Promise.all([receive(anInbound('1')), receive(anInbound('1'))]);
      await receive(anInbound('0'), anInbound('1'), anInbound('2'));
      expect((await fileAll()).filed).toEqual(['new', 'repeat', 'repeat', 'repeat', 'new']);
      expect(idsOf(await waiting())).toEqual(ids('0', '1', '2'));
    });

    it('files in the order in which it came, a part at a time', async () => {
      const names = Array.from({ length: 300 }, (_, i) => `${i}`);
      const some = names.map((one) => anInbound(one));
      for (let i = 0; i < 100; i += 20) await receive(...some.slice(i, i + 20));
      await Promise.all(some.slice(100).map((one) => receive(one)));
      const { filed, times } = await fileAll();
      expect(filed).toEqual(names.map(() => 'new'));
      expect(times).toBeGreaterThan(1);
      expect(idsOf(await waiting())).toEqual(ids(...names));
    });

    it('holds bodies of every size', async () => {
      const body = (one: Arrival) => ({ ...one, raw: Buffer.alloc(BODY_BYTES, 'x') });
      const some = arrivals(...Array.from({ length: 5 }, (_, i) => anInbound(`${i}`))).map(body);
      await Promise.all(some.map((one) => journal.receive([one], () => undefined)));
      const raws: Buffer[] = [];
      for (let isMore = true; isMore;) {
        const part = await journal.file();
        expect(part.filed.length).toBeLessThan(some.length);
        raws.push(...part.filed.map(({ arrival }) => arrival.raw));
        isMore = part.isMore;
      }
      expect(raws.map((raw) => raw.equals(some[0]?.raw as Buffer))).toEqual(some.map(() => true));
    });

    it('is filed by the next process, where the one that received it died', async () => {
      await receive(anInbound('1'), anOutbound('a'));
      await harness.kill();
      journal = await harness.reopen();
      expect((await fileAll()).filed).toEqual(['new', 'new']);
      expect(idsOf(await waiting())).toEqual(ids('1'));
    });

    it('files once what several processes file at the same time', async () => {
      const other = (await harness.another?.()) ?? journal;
      const names = Array.from({ length: 200 }, (_, i) => `${i}`);
      await Promise.all(names.map((one) => receive(anInbound(one))));
      const done = await Promise.all([fileAll(), fileAll(other), fileAll(), fileAll(other)]);
      expect(done.flatMap(({ filed }) => filed)).toEqual(names.map(() => 'new'));
      expect(idsOf(await waiting())).toEqual(ids(...names));
    });

    it('says that it is away while nothing can be committed, and then keeps nothing', async () => {
      await receive(anInbound('1'));
      await harness.breakStore();
      let isKept = false;
      const refused = journal.receive(arrivals(anInbound('2')), () => (isKept = true));
      await expect(refused).rejects.toThrow(JournalUnavailable);
      await expect(journal.file()).rejects.toThrow(JournalUnavailable);
      expect(isKept).toBe(false);
      await harness.mend();
      await journal.check();
      expect((await fileAll()).filed).toEqual(['new']);
      expect(idsOf(await waiting())).toEqual(ids('1'));
    });

    it('counts the age of a message from when it came, not from when it is filed', async () => {
      await receive(anOutbound('a'));
      await sql`update inbox set received_at = received_at - ${10 * MINUTE_MS}`.execute(
        harness.database.db,
      );
      await receive(anOutbound('b'));
      expect((await fileAll()).filed).toEqual(['new', 'new']);
      const [first, second] = await waiting(MESSENGER);
      expect(first?.age.waitedMs).toBeGreaterThanOrEqual(10 * MINUTE_MS);
      expect(second?.age.waitedMs).toBeLessThan(MINUTE_MS);
    });

    it('gives up a message that became too old before it was filed', async () => {
      await receive(anOutbound('a'));
      await sql`update inbox set received_at = received_at - ${10 * MINUTE_MS}`.execute(
        harness.database.db,
      );
      await journal.file();
      expect(await journal.claimOverdue(LINE, 9 * MINUTE_MS, 10)).toHaveLength(1);
    });

    it('puts what the store refuses into the quarantine, and files what came with it', async () => {
      await receive(anInbound('1'), anInbound('x'.repeat(600)), anInbound('2'));
      await receive(anInbound('3'));
      expect((await fileAll()).filed).toEqual(['new', 'quarantined', 'new', 'new']);
      expect(idsOf(await waiting())).toEqual(ids('1', '2', '3'));
      const [entry] = await journal.quarantined(10);
      expect(entry?.reason).toMatch(/^not-storable/);
      expect(entry?.raw.toString()).toBe('{"as":"it came"}');
    });

    it('files few at a time where one is refused, until that one is over', async () => {
      const names = Array.from({ length: 40 }, (_, i) => `${i}`);
      const some = names.map((one) => anInbound(one));
      for (const one of [...some.slice(0, 20), anInbound('x'.repeat(600)), ...some.slice(20)])
        await receive(one);
      const first = await journal.file();
      expect([first.filed.length, first.isMore]).toEqual([16, true]);
      const second = await journal.file();
      expect([second.filed.length, second.isMore]).toEqual([16, true]);
      expect(second.filed[4]?.filed).toBe('quarantined');
      expect((await fileAll()).filed).toEqual(names.slice(31).map(() => 'new'));
      expect(idsOf(await waiting())).toEqual(ids(...names));
    });

    it('leaves what it cannot read to a version that can, and goes on', async () => {
      Logger.overrideLogger(false);
      await receive(anInbound('1'));
      const read = await sql<{ arrivals: Buffer }>`select arrivals from inbox`.execute(
        harness.database.db,
      );
      await sql`update inbox set arrivals = ${Buffer.from([255, 99, 1])}`.execute(
        harness.database.db,
      );
      await receive(anInbound('2'));
      expect((await fileAll()).filed).toEqual(['new']);
      expect(idsOf(await waiting())).toEqual(ids('2'));
      expect((await fileAll()).filed).toEqual([]);

      await sql`update inbox set arrivals = ${read.rows[0]?.arrivals}`.execute(harness.database.db);
      await harness.kill();
      journal = await harness.reopen();
      expect((await fileAll()).filed).toEqual(['new']);
    });

    it('is told among what waits', async () => {
      expect((await journal.state()).oldestWaitingMs).toEqual({ inbound: 0, outbound: 0 });
      await receive(anInbound('1'));
      await sql`update inbox set received_at = received_at - ${MINUTE_MS}`.execute(
        harness.database.db,
      );
      const { inbound, outbound } = (await journal.state()).oldestWaitingMs;
      expect([inbound >= MINUTE_MS, outbound >= MINUTE_MS]).toEqual([true, true]);
    });

    it('puts what we cannot file for a fault of ours there too, and blocks nothing', async () => {
      Logger.overrideLogger(false);
      // As a version before or after this one may have meant it.
      const { message: _, ...strange } = anInbound('x');
      await receive(anInbound('1'), strange as InboundEvent, anInbound('2'));
      await receive(anInbound('3'));
      expect((await fileAll()).filed).toEqual(['new', 'quarantined', 'new', 'new']);
      expect(idsOf(await waiting())).toEqual(ids('1', '2', '3'));
      expect(await journal.quarantined(10)).toMatchObject([{ reason: 'fault' }]);
    });
  });
}
