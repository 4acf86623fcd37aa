import { figure } from '../figure.ts';
import type { Group } from '../group.ts';
import { inTurn } from '../rounds.ts';

/** How long the sender of a webhook waits while nothing is crowded. */
export const answer: Group = {
  name: 'answer',
  async measure(stage) {
    const plain = await stage.start({ variant: 'no journal' });
    const paused = await stage.start({ variant: 'at rest' });
    const bridge = await stage.start();
    const load = { perSecond: 500, count: 1_250 };
    const rounds = await inTurn(
      {
        plain: () => stage.answer(plain, load),
        paused: () => stage.answer(paused, load),
        bridge: () => stage.route([bridge], load),
      },
      stage.rounds,
    );
    const ratio = (name: 'answer' | 'answer-paused', when: string, who: 'paused' | 'bridge') =>
      figure(
        {
          name,
          title: `answer p99 at 500/s, dispatcher ${when} ÷ without a journal`,
          must: { atMost: 5 },
        },
        rounds,
        (round) => round[who].p99Ms / round.plain.p99Ms,
      );
    return [ratio('answer-paused', 'paused', 'paused'), ratio('answer', 'working', 'bridge')];
  },
};
