import { setTimeout as delay } from 'node:timers/promises';
import type { Bridge } from '../bridge.ts';
import type { Figure, FigureName } from '../figure.ts';
import type { Group } from '../group.ts';
import { seeded } from '../seeded.ts';

/** Resident memory, with the image's own options for Node. Each look counts: a limit is no average. */
export const memory: Group = {
  name: 'memory',
  async measure(stage) {
    const looks = Math.max(5, stage.rounds.rounds);
    const young = await stage.start();
    const idle = await lookEvery(500, looks, young);

    const after: number[] = [];
    for (let look = 0; look < looks; look += 1) {
      await stage.route([young], { count: 200_000 / looks });
      after.push((await young.usage()).rssMb);
    }
    await stage.remove(young);

    const file = await seeded(stage, 'waiting', stage.some(1_000_000), 'waiting');
    await stage.behave({});
    // At work on what waits, which takes minutes, and taking in more.
    const full = await stage.start({ databaseUrl: `file:${file}` });
    const waiting: number[] = [];
    for (let look = 0; look < looks; look += 1) {
      await stage.post({ side: 'client', count: stage.some(500) }, { connections: 64 }, full);
      waiting.push(...(await lookEvery(1_000, 1, full)));
    }
    const taken = (await stage.taken()).count;
    if (taken === 0) throw new Error('nothing of what waits was taken up');
    return [
      limit('memory-idle', 'resident memory, idle', 130, idle),
      limit('memory-after', 'resident memory, after 200,000 messages', 240, after),
      limit('memory-waiting', 'resident memory, 1,000,000 waiting', 260, waiting),
    ];
  },
};

async function lookEvery(ms: number, looks: number, bridge: Bridge): Promise<number[]> {
  const seen: number[] = [];
  for (let look = 0; look < looks; look += 1) {
    await delay(ms);
    seen.push((await bridge.usage()).rssMb);
  }
  return seen;
}

function limit(name: FigureName, title: string, atMost: number, values: readonly number[]): Figure {
  return {
    name,
    title,
    unit: 'MB',
    must: { atMost },
    values,
    judgedBy: 'worst',
    void: 0,
    busiest: 0,
    of: [],
  };
}
