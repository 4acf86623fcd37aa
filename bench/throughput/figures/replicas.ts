import { startPostgres } from '../../../test/postgres.ts';
import { figure } from '../figure.ts';
import type { Group } from '../group.ts';
import { inTurn } from '../rounds.ts';

/**
 * Few enough that waiting for the upstream is what limits both, though they and the database share one machine:
 * 8 / 50 ms = 160 messages/s each.
 */
const CONCURRENCY = 8;
const SLOW = { delayMs: 50 };

export const replicas: Group = {
  name: 'replicas',
  async measure(stage) {
    // A replica works whatever is due in its database: beside another one, none is alone.
    const [ofOne, ofTwo] = [
      await startPostgres({ durable: true }),
      await startPostgres({ durable: true }),
    ];
    try {
      const environment = { CONCURRENCY: String(CONCURRENCY) };
      const alone = await stage.start({ databaseUrl: ofOne.url, environment });
      const first = await stage.start({ databaseUrl: ofTwo.url, environment });
      const second = await stage.start({ databaseUrl: ofTwo.url, environment });
      const rounds = await inTurn(
        {
          one: () => stage.route([alone], { count: 320 }, SLOW),
          two: () => stage.route([first, second], { count: 640 }, SLOW),
        },
        { ...stage.rounds, warmUps: Math.min(1, stage.rounds.warmUps) },
      );
      await stage.clear();
      return [
        figure(
          {
            name: 'replicas',
            title: 'messages/s of two replicas on one PostgreSQL, upstream 50 ms ÷ of one',
            must: { atLeast: 1.8 },
          },
          rounds,
          (round) => round.two.perSecond / round.one.perSecond,
        ),
      ];
    } finally {
      await ofOne.remove();
      await ofTwo.remove();
    }
  },
};
