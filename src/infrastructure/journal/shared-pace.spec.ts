import { freshDatabase } from '../../../test/fresh-database.js';
import { openDatabase } from './database.js';
import { SharedPace } from './shared-pace.js';

const GAP_MS = 60_000;

describe('a pace that processes share', () => {
  it('gives each its turn, however many want one at once', async () => {
    const { url, drop } = await freshDatabase();
    const databases = await Promise.all([openDatabase(url), openDatabase(url)]);
    const [one, two] = databases.map((database) => new SharedPace(database));
    const paces = [one!, two!, one!, two!, one!];
    const waits = await Promise.all(paces.map((pace) => pace.take('spec', GAP_MS)));
    const turns = waits.toSorted((a, b) => a - b).map((wait) => Math.ceil(wait / GAP_MS));
    expect(turns).toEqual([0, 1, 2, 3, 4]);
    expect(await one!.take('another', GAP_MS)).toBe(0);
    for (const database of databases) await database.close();
    await drop();
  });

  it('is not held up by a clock that was set back', async () => {
    const { url, drop } = await freshDatabase();
    const database = await openDatabase(url);
    const pace = new SharedPace(database);
    await pace.take('spec', 150);
    await database.db
      .updateTable('memory')
      .set({ value: String(Date.now() + 3_600_000) })
      .where('name', '=', 'spec')
      .execute();
    expect(await pace.take('spec', 150)).toBeLessThanOrEqual(60_000);
    await database.close();
    await drop();
  });

  it('is nobody’s business where there is one process', async () => {
    const database = await openDatabase('file::memory:');
    const pace = new SharedPace(database);
    for (let i = 0; i < 3; i += 1) expect(await pace.take('spec', GAP_MS)).toBe(0);
    await database.close();
  });
});
