import { rmSync } from 'node:fs';
import type { Bridge } from '../bridge.ts';
import { figure } from '../figure.ts';
import type { Group } from '../group.ts';
import { inTurn } from '../rounds.ts';
import { copyOf, seeded } from '../seeded.ts';

/** A restart is time in which hooks that are sent once find nobody. */
export const ready: Group = {
  name: 'ready',
  async measure(stage) {
    const empty = await seeded(stage, 'empty', 1_000, 'handed over');
    const full = await seeded(stage, 'full', stage.some(100_000), 'waiting');
    await stage.behave({});
    const timed = async (bridge: Bridge) => {
      const seconds = bridge.readyMs / 1e3;
      await stage.remove(bridge);
      return { measured: { seconds }, busiest: 0 };
    };
    const rounds = await inTurn(
      {
        // Nothing waits. With no file at all it would make its tables, which no restart does.
        empty: async () => timed(await stage.start({ databaseUrl: `file:${empty}` })),
        full: async () => {
          const file = copyOf(full, 'full-once');
          const run = await timed(await stage.start({ databaseUrl: `file:${file}` }));
          for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true });
          return run;
        },
      },
      { ...stage.rounds, warmUps: 0 },
    );
    return [
      figure(
        { name: 'ready-empty', title: 'ready after start', unit: 's', must: { atMost: 1 } },
        rounds,
        (round) => round.empty.seconds,
      ),
      figure(
        {
          name: 'ready-waiting',
          title: 'ready after start, 100,000 waiting',
          unit: 's',
          must: { atMost: 2 },
        },
        rounds,
        (round) => round.full.seconds,
      ),
    ];
  },
};
