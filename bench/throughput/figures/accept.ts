import { startPostgres } from '../../../test/postgres.ts';
import { figure } from '../figure.ts';
import type { Group } from '../group.ts';
import { inTurn } from '../rounds.ts';

/** What an fsync before each answer costs. */
export const accept: Group = {
  name: 'accept',
  async measure(stage) {
    const server = await startPostgres({ durable: true });
    try {
      const plain = await stage.start({ variant: 'no journal' });
      const paused = await stage.start({ variant: 'at rest' });
      const onPostgres = await stage.start({ variant: 'at rest', databaseUrl: server.url });
      const working = await stage.start();
      const load = { connections: 64, forMs: 1_000 };
      const rounds = await inTurn(
        {
          plain: () => stage.accept(plain, load),
          paused: () => stage.accept(paused, load),
          working: () => stage.accept(working, load, {}),
          postgres: () => stage.accept(onPostgres, load),
        },
        stage.rounds,
      );
      const ratio = (title: string, atLeast: number, who: 'paused' | 'working' | 'postgres') =>
        figure(
          { name: `accept-${who}`, title: `${title} ÷ without a journal`, must: { atLeast } },
          rounds,
          (round) => round[who].perSecond / round.plain.perSecond,
        );
      const figures = [
        ratio('webhooks/s, SQLite, dispatcher paused', 0.7, 'paused'),
        ratio('webhooks/s, SQLite, dispatcher working', 0.4, 'working'),
        ratio('webhooks/s, PostgreSQL, dispatcher paused', 0.3, 'postgres'),
      ];
      await stage.clear();
      return figures;
    } finally {
      await server.remove();
    }
  },
};
