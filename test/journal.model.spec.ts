import fc from 'fast-check';
import { STEPS } from './journal-model/steps.ts';
import { inFile, inMemory, inPostgres, type ModelStore } from './journal-model/stores.ts';
import { World } from './journal-model/world.ts';
import { runs } from './fuzzing/runs.ts';

/** PostgreSQL takes ten times as long for the same steps, and a file waits for its disk. */
const STORES = [
  ['SQLite in memory', inMemory, 24],
  ['a SQLite file', inFile, 4],
  ['PostgreSQL', inPostgres, 4],
] as const satisfies readonly (readonly [string, () => Promise<ModelStore>, number])[];

describe.each(STORES)('a journal on %s', (_name, open, few) => {
  it('keeps what was promised, whatever happens in whatever order', async () => {
    const property = fc.asyncProperty(STEPS, async (steps) => {
      const store = await open();
      try {
        const world = await World.begin(store);
        await fc.asyncModelRun(() => ({ model: world, real: world }), steps);
        await world.drain();
      } finally {
        await store.close();
      }
    });
    await fc.assert(property, runs(few));
  }, 600_000);
});
