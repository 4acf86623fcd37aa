import { figure } from '../figure.ts';
import type { Group } from '../group.ts';
import { inTurn } from '../rounds.ts';

/** One client's message that is never taken, tried again each second, with more behind it. */
export const poison: Group = {
  name: 'poison',
  async measure(stage) {
    const environment = { RETRY_MAX_SECONDS: '1' };
    const sound = await stage.start({ environment });
    const ill = await stage.start({ environment });
    const reads = { reads: true };
    await stage.behave(reads);
    await stage.post({ side: 'client', count: 20, isPoison: true }, { connections: 1 }, ill);
    const load = { count: 2_500, side: 'client' } as const;
    const rounds = await inTurn(
      {
        sound: () => stage.route([sound], load, reads),
        ill: () => stage.route([ill], load, reads),
      },
      stage.rounds,
    );
    return [
      figure(
        {
          name: 'poison',
          title: 'messages/s beside a lane blocked by a poison message ÷ without it',
          must: { atLeast: 0.95 },
        },
        rounds,
        (round) => round.ill.perSecond / round.sound.perSecond,
      ),
    ];
  },
};
