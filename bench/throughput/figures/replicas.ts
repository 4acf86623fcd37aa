import { startPostgres } from '../../../test/postgres.ts';
import { figure } from '../figure.ts';
import type { Group } from '../group.ts';
import { inTurn } from '../rounds.ts';

/** Few enough that it is the waiting for the upstream that limits one replica: 16 / 50 ms = 320 messages/s. */
const CONCURRENCY = 16;
const SLOW = { delayMs: 50 };

export const replicas: Group = {
  name: 'replicas',
  async measure(stage) {
    const postgres = await startPostgres({ durable: true });
    try {
      const options = {
        databaseUrl: postgres.url,
        environment: { CONCURRENCY: String(CONCURRENCY) },
      };
      const first = await stage.start(options);
      const second = await stage.start(options);
      const rounds = await inTurn(
        {
          one: () => stage.route([first], { count: 600 }, SLOW),
          two: () => stage.route([first, second], { count: 1_200 }, SLOW),
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
      await postgres.remove();
    }
  },
};
