import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anOutbound, arrivals } from '../../../test/builders.js';
import { MESSENGER } from '../../../test/contracts/journal.contract.js';
import { freshFile } from '../../../test/fresh-database.js';
import type { OutboundWork } from '../../domain/journal.js';
import { openDatabase } from './database.js';
import { SqlJournal } from './journal.js';

const HOUR_MS = 3_600_000;
const realNow = Date.now;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bridge-worker-'));
});
afterEach(() => {
  Date.now = realNow;
  rmSync(folder, { recursive: true });
});

describe('a process that starts after the wall clock has jumped', () => {
  it.each([
    ['was filed', true],
    ['was not filed yet', false],
  ])('does not count the jump as time in which a message waited that %s', async (_, isFiled) => {
    const url = `file:${await freshFile(folder)}`;
    const killed = await openDatabase(url);
    const before = await SqlJournal.open(killed);
    if (isFiled) await before.accept(arrivals(anOutbound('a')));
    else await before.receive(arrivals(anOutbound('a')), () => undefined);
    await killed.close();
    Date.now = () => realNow() + HOUR_MS;

    const journal = await SqlJournal.open(await openDatabase(url));
    if (!isFiled) await journal.file();
    const lanes = await journal.claim([MESSENGER], 10);
    const [[work] = []] = (await journal.read(lanes, 10)) as OutboundWork[][];
    expect(work?.age.waitedMs).toBeLessThan(HOUR_MS / 2);
    expect((await journal.state()).oldestWaitingMs.outbound).toBeLessThan(HOUR_MS / 2);
    await journal.close();
  });
});
