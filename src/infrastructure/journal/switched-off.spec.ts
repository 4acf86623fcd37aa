import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHANNEL_ID, SCOPE } from '../../../test/builders.js';
import { freshDatabase } from '../../../test/fresh-database.js';
import { scopeId } from '../../domain/ids.js';
import { openDatabase, type Database } from './database.js';
import { SqlSwitchedOff } from './switched-off.js';

const OTHER = scopeId(CHANNEL_ID, 'a8c2f1d7-5e34-4b90-86fd-0c7b9e21d345');

describe.each(['SQLite', 'PostgreSQL'])('scopes that are switched off, on %s', (name) => {
  let url: string;
  let database: Database;
  let cleanUp: () => Promise<void> | void;

  beforeEach(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-off-'));
    const own = name === 'PostgreSQL';
    const fresh = own ? await freshDatabase() : undefined;
    url = fresh?.url ?? `file:${join(folder, 'bridge.db')}`;
    database = await openDatabase(url);
    cleanUp = async () => {
      await database.close();
      await fresh?.drop();
      rmSync(folder, { recursive: true });
    };
  });
  afterEach(() => cleanUp());

  it('are none at first, and on again as often as it is said', async () => {
    const switchedOff = new SqlSwitchedOff(database);
    expect(await switchedOff.has(SCOPE)).toBe(false);
    await switchedOff.add(SCOPE);
    await switchedOff.add(SCOPE);
    expect([await switchedOff.has(SCOPE), await switchedOff.has(OTHER)]).toEqual([true, false]);
    await switchedOff.remove(SCOPE);
    await switchedOff.remove(SCOPE);
    expect(await switchedOff.has(SCOPE)).toBe(false);
  });

  it('stay so over a restart', async () => {
    await new SqlSwitchedOff(database).add(SCOPE);
    await database.close();
    database = await openDatabase(url);
    expect(await new SqlSwitchedOff(database).has(SCOPE)).toBe(true);
  });
});
