import { describeUsedTokens } from '../../../test/contracts/used-tokens.contract.js';
import { FakeUsedTokens } from '../../../test/fakes/used-tokens.js';
import { freshDatabase } from '../../../test/fresh-database.js';
import { openDatabase, type Database } from './database.js';
import { remember } from './memory.js';
import { SqlUsedTokens } from './used-tokens.js';

let fake: FakeUsedTokens | undefined;
let databases: Database[] = [];
let drop: (() => Promise<void>) | undefined;
let url: string | undefined;

afterEach(async () => {
  for (const database of databases) await database.close();
  await drop?.();
  fake = drop = url = undefined;
  databases = [];
});

describeUsedTokens('the fake', () => Promise.resolve((fake ??= new FakeUsedTokens())));
describeUsedTokens('SQLite', async () => {
  databases[0] ??= await openDatabase('file::memory:');
  return new SqlUsedTokens(databases[0]);
});
describeUsedTokens('PostgreSQL', async () => {
  if (url === undefined) ({ url, drop } = await freshDatabase());
  const database = await openDatabase(url);
  databases.push(database);
  return new SqlUsedTokens(database);
});

it('other facts beside them are left alone', async () => {
  const database = await openDatabase('file::memory:');
  databases.push(database);
  await remember(database, 'switched_off x', 'by an administrator');
  const times = { now: new Date(), until: new Date(), most: 1 };
  expect(await new SqlUsedTokens(database).use('a', times)).toBe('first');
  expect(await database.db.selectFrom('memory').selectAll().execute()).toHaveLength(2);
});
