import { figure } from '../figure.ts';
import type { Group } from '../group.ts';
import { inTurn } from '../rounds.ts';
import { seeded } from '../seeded.ts';

/** A journal that has been filling for a month, beside a young one. */
export const rows: Group = {
  name: 'rows',
  async measure(stage) {
    const oldFile = await seeded(stage, 'old', stage.some(1_000_000), 'handed over');
    const youngFile = await seeded(stage, 'young', 1_000, 'handed over');
    const old = await stage.start({ databaseUrl: `file:${oldFile}` });
    const young = await stage.start({ databaseUrl: `file:${youngFile}` });
    const load = { count: 2_000 };
    const rounds = await inTurn(
      {
        young: () => stage.route([young], load),
        old: () => stage.route([old], load),
      },
      stage.rounds,
    );
    return [
      figure(
        {
          name: 'rows',
          title: 'time of one message, 1,000,000 rows in the journal ÷ 1,000',
          must: { atMost: 1.15 },
        },
        rounds,
        (round) => round.young.perSecond / round.old.perSecond,
      ),
    ];
  },
};
