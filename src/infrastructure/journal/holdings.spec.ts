import { anInbound, arrivals } from '../../../test/builders.js';
import { CRM } from '../../../test/contracts/journal.contract.js';
import { openDatabase, type Database } from './database.js';
import { Holdings } from './holdings.js';
import { SqlJournal } from './journal.js';
import { claimDue } from './claims.js';

describe('the lanes a process holds', () => {
  let database: Database;
  let journal: SqlJournal;
  let holdings: Holdings;
  let now = 0;
  beforeEach(async () => {
    now = 0;
    database = await openDatabase('file::memory:');
    journal = await SqlJournal.open(database);
    holdings = new Holdings(database, 'us', () => now);
  });
  afterEach(() => journal.close());

  const claim = () => holdings.claim((trx) => claimDue(trx, database.dialect, [CRM], 'us', 10));

  /** A claim that is committed and whose answer never comes. */
  async function loseClaim(): Promise<void> {
    await claimDue(database.db, database.dialect, [CRM], 'us', 10);
    await expect(holdings.claim(() => Promise.reject(new Error('gone')))).rejects.toThrow();
  }

  it('are found again when the answer to a claim was lost, however long the store was away', async () => {
    await journal.accept(arrivals(anInbound('1')));
    await loseClaim();
    now = 60_000;
    expect(await claim()).toHaveLength(1);
  });

  it('are looked at until the lost claim cannot be committed any more', async () => {
    await holdings.claim(() => Promise.reject(new Error('gone'))).catch(() => undefined);
    now = 14_000;
    expect(await claim()).toHaveLength(0);
    await journal.accept(arrivals(anInbound('1')));
    await claimDue(database.db, database.dialect, [CRM], 'us', 10);
    now = 14_500;
    expect(await claim()).toHaveLength(1);
  });

  it('stay with it while it works them', async () => {
    await journal.accept(arrivals(anInbound('1')));
    const [lane] = await claim();
    await journal.accept(arrivals(anInbound('2', { address: '79995550143' })));
    await loseClaim();
    const again = await claim();
    expect(again).toHaveLength(1);
    expect(again[0]?.conversation).not.toBe(lane?.conversation);
  });

  it('are let go when they are given back', async () => {
    await journal.accept(arrivals(anInbound('1')));
    const [lane] = await claim();
    if (!lane) throw new Error('nothing was claimed');
    holdings.ended(lane, 'released');
    await expect(holdings.claim(() => Promise.reject(new Error('gone')))).rejects.toThrow();
    expect(await claim()).toHaveLength(1);
  });
});
